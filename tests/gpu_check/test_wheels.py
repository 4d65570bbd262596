"""Which wheels are brought along."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.gpu_check import wheels as module
from tests.gpu_check.wheels import MOST, Wheel, applies, listing, name_of, needs_of, roots, wheels

PROJECT = {
    "project": {
        "dependencies": ["torch>=2.9", "fvcore>=0.1.5"],
        "optional-dependencies": {
            "data": ["mlxtend>=0.23.4", "matplotlib>=3"],
            "parquet": ["pyarrow>=20"],
            "test": ["pytest>=9", "playwright>=1.50"],
        },
    }
}


def made_wheel(folder: Path, *needs: str) -> Path:
    path = folder / "thing-1.0-py3-none-any.whl"
    with ZipFile(path, "w") as file:
        file.writestr("thing-1.0.dist-info/METADATA", "".join(f"Requires-Dist: {need}\n" for need in needs))
    return path


def test_what_is_there_and_what_is_not_needed_stays_behind() -> None:
    assert ["fvcore>=0.1.5", "mlxtend>=0.23.4", "pytest>=9"] == roots(PROJECT)


@pytest.mark.parametrize(
    ("text", "name"),
    [("PyYAML>=6", "pyyaml"), ("nvidia-ml-py >=12", "nvidia-ml-py"), ("lazy_loader", "lazy-loader")],
)
def test_a_name_has_one_spelling(text: str, name: str) -> None:
    assert name == name_of(text)


def test_a_wheel_needs_what_is_missing_alone(tmp_path: Path) -> None:
    wheel = made_wheel(tmp_path, "numpy>=2", "iopath (<0.2,>=0.1)", 'tomli>=1; python_version < "3.11"')
    assert ["iopath<0.2,>=0.1"] == needs_of(wheel, "3.12")


def test_an_extra_is_not_needed(tmp_path: Path) -> None:
    assert [] == needs_of(made_wheel(tmp_path, 'requests; extra == "web"'), "3.12")


def test_a_condition_is_that_of_linux_and_not_of_this_machine() -> None:
    assert (True, False) == (applies("os_name == 'posix'", "3.12"), applies("sys_platform == 'win32'", "3.12"))


def test_the_largest_comes_first_and_the_sum_last() -> None:
    text = listing([Wheel("small", "1", 1_000_000), Wheel("large", "2", 3_000_000)]).splitlines()
    assert ["large", "small", "2"] == [line.split()[0] for line in text[:3]]
    assert "4.0 MB together" in text[2]


@pytest.mark.parametrize(("size", "code"), [(MOST, 0), (MOST + 1, 1)])
def test_more_than_the_machine_may_be_sent_is_exit_code_1(
    size: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "fetch", lambda *_: [Wheel("large", "1", size)])
    assert code == wheels(tmp_path, "3.12")
