"""In the command stdout is for data: what others print goes to stderr. Elsewhere all stays where it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.text.stdout import data_out, data_to, kept_for_data, led_to_data

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs the name /dev/stdout and the program echo")
WHOLE = """
import os, sys
from bench.text.stdout import data_out, kept_for_data
with kept_for_data():
    data_out().write("data\\n")
    print("others")
    os.write(1, b"below\\n")
print("after")
"""


def others_print() -> None:
    sys.stdout.write("a\n")
    os.write(1, b"b\n")
    subprocess.run(["echo", "c"], check=True)


@posix
def test_what_others_print_goes_to_stderr_while_stdout_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    with kept_for_data():
        others_print()
        data_out().write("data\n")
    said = capfd.readouterr()
    assert ("data\n", ["a", "b", "c"]) == (said.out, sorted(said.err.split()))


@posix
def test_it_stays_where_it_was_elsewhere(capfd: pytest.CaptureFixture[str]) -> None:
    others_print()
    data_out().write("data\n")
    said = capfd.readouterr()
    assert (["a", "b", "c", "data"], "") == (sorted(said.out.split()), said.err)


def test_stdout_is_as_before_when_it_is_kept_no_more() -> None:
    done = subprocess.run([sys.executable, "-c", WHOLE], capture_output=True, text=True)
    assert (["data", "after"], ["below", "others"]) == (done.stdout.split(), sorted(done.stderr.split()))


@posix
def test_dev_stdout_leads_to_where_data_goes(capfd: pytest.CaptureFixture[str]) -> None:
    with kept_for_data():
        led_to_data(Path("/dev/stdout")).write_text("data\n")
    assert ("data\n", "") == capfd.readouterr()


def test_other_paths_lead_where_they_led(tmp_path: Path) -> None:
    with kept_for_data():
        assert tmp_path == led_to_data(tmp_path)


def test_data_may_have_another_stream_for_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    with data_to(sys.stderr):
        data_out().write("aside")
    data_out().write("data")
    assert ("data", "aside") == capsys.readouterr()
