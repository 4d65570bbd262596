"""Runs the program of an exported network: `python -P running.py PREDICT.py FOLDER`, with evobench on the path.

What it does is in the program alone; where nobody reads its answers any more, such as `head`, it ends in silence.
Here torchvision is imported before it, also beside a CPU build of torch, for which it may lack operators.
"""

from __future__ import annotations

import runpy
import signal
import sys
from pathlib import Path

from bench.lazy import load
from bench.text.plain import made_harmless


def main(script: str, *arguments: str) -> None:
    """Run the script as if it had been started directly."""
    if sys.platform != "win32":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    load("torchvision")
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).resolve().parent))
    sys.stdout, sys.stderr = made_harmless(sys.stdout), made_harmless(sys.stderr)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
