"""What a trial of the gate leaves behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.perf.gate_trial import own_folder

TRIAL = """
import os, signal
from tests.perf.gate_trial import own_folder
with own_folder() as folder:
    (folder / "file").touch()
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_folder_is_there_as_long_as_its_context() -> None:
    with own_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()


def test_the_folder_of_a_trial_that_was_killed_is_gone() -> None:
    # the output ends when the last process that holds it does, which is the one that removes the folder
    done = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True)
    folder = done.stdout.strip()
    assert folder
    assert not Path(folder).exists()
