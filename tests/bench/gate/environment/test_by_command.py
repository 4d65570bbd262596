"""`evobench regress` where base has packages of its own, or lacks what git ignores: both are really measured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.gate.environment.packages import commit, git, wheel, write
from tests.bench.gate.environment.test_locks import UV

MODELS = """from evobench import architecture

try:
    import changing
    WIDTH = int(changing.VERSION[0])
except ImportError:
    WIDTH = 4


@architecture(family="Mine", year=2026, paper="none yet", resolution=64, min_resolution=8)
def my_net(num_classes: int):
    from torch import nn

    body = nn.Sequential(nn.Conv2d(3, WIDTH, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(body, nn.Linear(WIDTH, num_classes))
"""
"""A network that is wider where the package `changing` is not installed, as in head, than where it is."""
REQUIREMENT = "changing==1.0\n"
PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["changing{}"]\n'
BACKEND = """import os, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "my_pkg-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as content:
        content.writestr("my_pkg/__init__.py", "")
        content.writestr("my_pkg/_version.py", "WIDTH = 4\\n")
        content.writestr("my_pkg-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: my_pkg\\nVersion: 1\\n")
        content.writestr("my_pkg-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        content.writestr("my_pkg-1.dist-info/RECORD", "")
    return name
"""
BUILT = {
    ".gitignore": "_version.py\nruns/\n",
    "models.py": MODELS.replace(
        "import changing\n    WIDTH = int(changing.VERSION[0])", "from my_pkg._version import WIDTH"
    ),
    "src/my_pkg/__init__.py": "",
    "backend.py": BACKEND,
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    '[project]\nname = "my_pkg"\nversion = "1"\n',
}


def regress(tmp_path: Path, base: dict[str, str], head: dict[str, str], inside: str = ".") -> tuple[int, str]:
    """Exit code, and what was said, of a branch that changes some files."""
    root = tmp_path / "work"
    commit(root, base)
    git(root, "switch", "--quiet", "--create", "pr")
    commit(root, {**head, "notes.txt": "words"})
    if "src/my_pkg/__init__.py" in base:
        write(root, {"src/my_pkg/_version.py": "WIDTH = 4\n"})
    for number in ("1.0", "2.0"):
        wheel(tmp_path / "wheels", "changing", number)
    own = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels"), "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, "-m", "evobench", "regress", "--base", "main", "--catalog", "models.py"]
    done = subprocess.run(
        [*command, "--arch", "my_net", "--measure", "parameters"],
        cwd=root / inside,
        env={**os.environ, **own, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow  # each measures two networks in an environment of its own: 20 s
@pytest.mark.parametrize(
    ("base", "head", "inside"),
    [
        ({"requirements.txt": REQUIREMENT}, {"requirements.txt": "changing>=1.0\n"}, "."),
        (
            {
                "pyproject.toml": PROJECT.format(""),
                "uv.lock": UV.replace("six", "changing").replace("1.16.0", "1.0"),
            },
            {"uv.lock": UV.replace("six", "changing").replace("1.16.0", "2.0")},
            ".",
        ),
        (
            {"apps/pyproject.toml": PROJECT.format("==1.0")},
            {"apps/pyproject.toml": PROJECT.format("==2.0")},
            "apps",
        ),
    ],
    ids=["a requirement", "a lock alone", "the project of a folder"],
)
def test_base_is_measured_with_its_own_packages_and_evobench(
    tmp_path: Path, base: dict[str, str], head: dict[str, str], inside: str
) -> None:
    models = {str(Path(inside) / "models.py"): MODELS, ".gitignore": "runs/\n"}
    code, said = regress(tmp_path, {**base, **models}, head, inside)
    assert "changing 1.0 (head: none)" in said
    # a network of width 1 in base, where the package is, and of width 4 in head, where it is not
    assert (1, True) == (code, "1 regression" in said)


@pytest.mark.slow  # measures two networks: 20 s
def test_a_module_that_the_build_writes_is_there_for_base(tmp_path: Path) -> None:
    code, said = regress(tmp_path, BUILT, {})
    assert (0, True) == (code, "1 fine" in said), said


@pytest.mark.slow  # starts two servers: 15 s
def test_a_module_that_git_ignores_and_nothing_builds_is_told_and_is_no_verdict(tmp_path: Path) -> None:
    unbuilt = {name: text for name, text in BUILT.items() if name not in ("pyproject.toml", "backend.py")}
    unbuilt["models.py"] = "import my_pkg._version\n" + MODELS
    code, said = regress(tmp_path, unbuilt, {})
    assert (4, True) == (code, "ignored by git, not in base: src/my_pkg/_version.py" in said), said
