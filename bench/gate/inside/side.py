"""The door of a side: run as a file by its interpreter, with its sources first on the path.

Whatever it finds under `bench` is that revision's. It asks whether that speaks the same protocol
(`bench/remote.py`), and then has the gate's own files, which are the same on both sides, serve there. Until then
it uses the standard library alone.

    side.py PROTOCOL [REPOSITORY WORKTREE]
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType

OWN = "_evobench_gate"
"""Under which the gate's own files are known there: `bench.gate` is the revision's."""


def main() -> None:
    """Serve until the driver goes."""
    protocol, *moved = sys.argv[1:]
    spoken = _spoken()
    if spoken != int(protocol):
        refused = {"event": "refused", "reason": "it speaks another protocol", "protocol": spoken}
        sys.stdout.write(json.dumps(refused) + "\n")
        return
    own = ModuleType(OWN)
    own.__path__ = [str(Path(__file__).parent)]
    sys.modules[OWN] = own
    importlib.import_module(f"{OWN}.stepping").main(*map(Path, moved))


def _spoken() -> int | None:
    """Number of the revision's protocol; None where it has none."""
    found = importlib.util.find_spec("bench")
    # by its file: an editable install of head has an answer to whatever a base's package lacks
    if found is None or found.origin is None or not Path(found.origin).with_name("remote.py").is_file():
        return None
    if Path(found.origin).parents[1] != _sources(found.origin):
        return None
    return int(importlib.import_module("bench.remote").PROTOCOL)


def _sources(found: str) -> Path:
    """The first folder on the side's path with an evobench of any revision; where there is none, that of `found`.

    A revision without the package `evobench` gets that of head, which puts head's `bench` before the revision's.
    """
    for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        if folder and (Path(folder) / "bench" / "cell.py").is_file():
            return Path(folder)
    return Path(found).parents[1]


if __name__ == "__main__":
    main()
