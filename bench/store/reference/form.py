"""What the file of a reference run is: its mark, its largest size, what of a run it holds."""

from __future__ import annotations

import json
import re
from typing import Any

from bench.declare.nature import HALVED

MARK = '{"evobench": "reference run"'
"""Beginning of the file."""
FORMAT = 1
"""Version of the file's form; the meaning of what a run declares has the version of the store's content."""
MOST_BYTES = 200_000
"""Most bytes of the file."""
KINDS = ("architecture", "measure", "suite", "dataset")
"""Kinds of declarations that it holds."""
OF_HOST = (
    "cpu",
    "cpu_capability",
    "cpu_flags",
    "cores",
    "memory_gib",
    "gpus",
    "driver",
    "cuda",
    "cudnn",
    "hip",
    "mps",
    "system",
    "release",
    "machine",
    "python",
    "torch_build",
    "versions",
    "flags",
    "git",
)
"""What it holds of the host's fingerprint: no serial numbers of devices."""
OF_SETTINGS = ("profile", "suites", "architectures", "families", "measures", "device", "precision", "threads")
"""What it holds of the run's settings: no folders, and nothing of the user's own data."""
OF_RECORD = ("batch", HALVED, "noisy", "conditions")
"""Details of a record that it holds beside those that the measure declares."""
LEFT_OUT = ("preprocessing", "ended", "first_call")
"""Declared details that it does not hold: they take room, and no figure rests on them."""
CHANCE = ("disturbance", "cpus")
"""Conditions of a process that differ from process to process."""
SUMMARY = ("n", "median", "mean", "p5", "p95", "lowest", "highest")
"""Figures of a record, in the measure's unit."""
USUAL = {"status": "ok", "reason": "", "provenance": "measured", "reused_from": ""}
"""Values of a record's fields that go without saying; so do the measure's unit and the place in the list."""
_DIGITS = 6
_BEGIN = r"""(?<![\w/\\.~<])(?:file:(?://)?)?(?:[A-Za-z]:)?(?:(?<!:)[/\\]{2}|[/\\])"""
"""Beginning of an absolute path, also behind the colon of a list; of no address of a page."""
_NAME = r"""[^\s/\\'"`,;:()<>]+"""
_HOME = re.compile(rf"""{_BEGIN}(?:home|Users)[/\\](?:{_NAME}(?: {_NAME}){{0,2}}(?=[/\\])|{_NAME})""")
"""Folder of a user, whose name may have spaces."""
_QUOTED = re.compile(r"""(?<=['"`])(?:~|[A-Za-z]:)?[/\\]{1,2}(?:[^/\\'"`\n]+[/\\])+(?=[^/\\'"`\n]+['"`])""")
"""Folders before the last name of an absolute path in quotes, whose names may have spaces."""
_PATH = re.compile(rf"""(?:(?<![\w/\\.~<])~[/\\](?:{_NAME}[/\\])*|{_BEGIN}(?:{_NAME}[/\\])+)(?={_NAME})""")
"""Folders before the last name of an absolute path."""


def in_line(value: Any) -> str:
    """Plain data in one line of JSON."""
    return json.dumps(plain(value), separators=(",", ":"))


def plain(value: Any) -> Any:
    """The same data with fractions of six digits, and without the folders of absolute paths in its texts."""
    if isinstance(value, dict):
        return {_without_folders(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return _without_folders(value)
    if isinstance(value, float) and not value.is_integer():
        return float(f"{value:.{_DIGITS}g}")
    return value


def _without_folders(text: str) -> str:
    return _PATH.sub("", _QUOTED.sub("", _HOME.sub("~", text)))
