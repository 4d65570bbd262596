"""Whole runs, of what misbehaves when it is measured: few, as each starts a server of its own."""

from __future__ import annotations

import shutil
from random import Random

from tests.fuzz.base import CATALOG, Base, hostile_repository
from tests.fuzz.sandbox import Attempt, Sandbox

BODIES = (
    "raise ValueError('\\x1b]0;t\\x07' + 'x' * 10_000)", "import os; os._exit(1)",
    "import os; os.kill(os.getpid(), 9)", "raise SystemExit(1)", "import time; time.sleep(3600)",
    "print('\\x1b[31mbuilt')", "raise KeyboardInterrupt", "raise MemoryError",
    "import os; os.kill(os.getppid(), 19)",
    "import subprocess; subprocess.Popen(['sleep', '3600'], start_new_session=True)", "while True: pass",
    "import sys; sys.stdout = None", "class Own(BaseException): pass\n    raise Own",
    "import os; os.closerange(3, 100)", "import os; os.setsid() if os.getpid() != os.getsid(0) else 0",
)  # fmt: skip
"""What the building of a network does."""


def make(box: Sandbox, random: Random, base: Base) -> Attempt:
    """A run of a network that misbehaves, or of pictures with odd names, in a hostile repository or not."""
    if random.random() < 0.5:
        hostile_repository(box.own)
    store = ("--store", "s.sqlite", "--timeout", "5s", "--budget", "20s")
    if random.random() < 0.3:
        shutil.copytree(base.photos, box.own / "photos")
        (box.own / "photos/cats/bad\x1b]0;PWN\x07.png").write_bytes(b"x")
        (box.own / "photos/cats").rename(box.own / "photos/=1+1")
        learn = ("--arch", "lenet5", "--mode", "scratch", "--target", "folder:photos", "--profile", "smoke")
        return Attempt(("run", *learn, *store))
    body = random.choice(BODIES)
    (box.own / "cat.py").write_text(CATALOG.replace("    nn = torch.nn\n", f"    {body}\n    nn = torch.nn\n"))
    measured = ("--arch", "small", "--suite", "evolution", "--profile", "smoke")
    return Attempt(("run", "--catalog", "cat.py", *measured, *store))
