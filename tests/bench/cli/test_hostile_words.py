"""Command lines that were made to hang or to break the command: one line, and the code of wrong use."""

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import evobench
from bench.cli.main import main
from bench.errors import UsageError
from tests.bench.hostile import NO_FILES, each_without_end, pipe, sparse

LONG = "9" * 5000
NUMBERS = (
    LONG,
    "0",
    "-1",
    "1.5",
    "nan",
    "inf",
    "1_000",
    "\uff11\uff12",
    "1e308",
    "",
    " ",
    "--",
    "\0",
    "x" * 10**6,
)
"""None of them is a number that an option takes which counts something."""
COUNTED = (
    "--batch",
    "--resolution",
    "--threads",
    "--seeds",
    "--shots",
    "--folds",
    "--steps",
    "--patience",
    "--tune",
)
MEASURED = ("--budget", "--timeout", "--memory-limit", "--lr", "--margin")
NOT_MEASURED = (
    LONG,
    "nan",
    "inf",
    "-inf",
    "1_000",
    "\uff11s",
    "1e308h",
    "1e999GB",
    "0x10",
    "",
    "--",
    "\0",
    "-5m",
    "1e-999",
)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[str]]]:
    """Runs a command line in an empty folder; returns its code and the lines on stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, list[str]]:
        err = StringIO()
        with redirect_stderr(err), redirect_stdout(StringIO()):
            code = main(words)
        return code, err.getvalue().splitlines()

    return run


Told = Callable[..., tuple[int, list[str]]]


@pytest.mark.parametrize("option", COUNTED)
def test_what_is_not_a_count_is_refused_in_one_line(told: Told, option: str) -> None:
    for text in NUMBERS:
        code, lines = told("run", "--dry-run", f"{option}={text}")
        assert (2, 1) == (code, len(lines)), (text[:20], lines)


@pytest.mark.parametrize("option", MEASURED)
def test_what_is_not_a_quantity_is_refused_in_one_line(told: Told, option: str) -> None:
    for text in NOT_MEASURED:
        code, lines = told("run", "--dry-run", f"{option}={text}")
        assert (2, 1) == (code, len(lines)), (text[:20], lines)


@pytest.mark.parametrize("text", ["9" * 30, LONG, "32769", "0", "-1", "1_0", "nan"])
def test_a_resolution_that_no_input_has_is_refused_before_anything_is_built(told: Told, text: str) -> None:
    code, lines = told("show-model", "lenet5", f"--resolution={text}")
    assert (2, 1) == (code, len(lines))
    assert "number of pixels" in lines[0]


@pytest.mark.parametrize(
    "name", [f"vit_simple:image_size={LONG}", f"vit_simple:image_size={10**9}", f"lenet5:a={LONG}"]
)
def test_an_option_of_a_variant_has_limits(told: Told, name: str) -> None:
    code, lines = told("show-model", name)
    assert (2, 1) == (code, len(lines))


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "a", "b", "--tolerance=nan"),
        ("compare", "a", "b", "--tolerance=1_0"),
        ("report", "--serve", f"--port={LONG}"),
        ("report", "--serve", "--port=65536"),
        ("run", "--dry-run", f"--device=cuda:{LONG}"),
        ("run", "--dry-run", f"--executor=ray:host:{LONG}", "--arch=lenet5"),
        ("run", "--dry-run", f"--lanes={LONG}"),
        ("recommend", f"--max-latency={LONG}s"),
        ("clean", "--artifacts-limit=1e300GB"),
    ],
)
def test_numbers_of_other_verbs_have_limits_too(told: Told, words: tuple[str, ...]) -> None:
    code, lines = told(*words)
    assert (2, 1) == (code, len(lines)), lines


@pytest.mark.parametrize("text", ["", " ", "--", "-", ".", "..", "/dev/zero", "a b", "a..b", "a\0b", "x" * 10**6])
def test_what_is_not_the_name_of_a_catalogue_is_refused_in_one_line(told: Told, text: str) -> None:
    code, lines = told("list", "suites", f"--catalog={text}")
    assert (2, 1) == (code, len(lines)), lines


@pytest.mark.parametrize(
    "option", ["--catalog", "--store", "--arch", "--target", "--weights", "--data", "--suite"]
)
def test_two_dashes_are_not_a_value(told: Told, option: str) -> None:
    code, lines = told("run", "--dry-run", f"{option}=--")
    assert (2, [f"evobench: argument {option}: '--' is not a value (see evobench --help)"]) == (code, lines)


@each_without_end
def test_a_study_must_be_a_regular_file(told: Told, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    make(tmp_path / "study.toml")
    code, lines = told("run", "--dry-run", "study.toml")
    assert (2, ["evobench: the study 'study.toml' cannot be read: it is not a regular file"]) == (code, lines)


@pytest.mark.parametrize(
    "text",
    [
        "seeds = " + LONG,
        "arch = " + "[" * 5000,
        ".".join("a" * 50_000) + " = 1",
        "seeds = 1_0000",
        "seeds = nan",
        "budget = inf",
        "seeds = 1979-05-27",
        'arch = "a\\u0000b"',
        'target = "folder:a\\u0000b"',
        'weights = "file:a\\u0000b"',
        'store = "a\\u0000b"',
        "store = ''",
        "\0",
    ],
    ids=range(13),
)
def test_a_hostile_study_is_refused_in_one_line(told: Told, tmp_path: Path, text: str) -> None:
    (tmp_path / "study.toml").write_text(text)
    code, lines = told("run", "--dry-run", "study.toml")
    assert (2, 1) == (code, len(lines)), lines


def test_a_study_that_is_too_large_is_not_read(told: Told, tmp_path: Path) -> None:
    sparse(tmp_path / "study.toml", 1 << 40)
    code, lines = told("run", "--dry-run", "study.toml")
    assert (2, 1) == (code, len(lines))
    assert "it has more than 4,194,304 bytes" in lines[0]


@pytest.mark.parametrize(
    "path", ["~nobody-has-this/x", "loop", "x" * 5000, "a/" * 3000], ids=["home", "loop", "long", "deep"]
)
@pytest.mark.parametrize(
    "option", ["--target=folder:", "--target=csv:", "--target=list:", "--weights=file:", "--data="]
)
def test_a_path_that_cannot_be_followed_is_refused_in_one_line(
    told: Told, tmp_path: Path, option: str, path: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    code, lines = told("run", "--dry-run", "--arch=lenet5", f"{option}{path}")
    assert (2, 1) == (code, len(lines)), lines


@pytest.mark.parametrize("make", NO_FILES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("words", [("show",), ("import", "it", "it"), ("compare", "./it", "latest"), ("doctor",)])
def test_a_store_or_a_reference_run_must_be_a_regular_file(
    told: Told, tmp_path: Path, words: tuple[str, ...], make: Callable[[Path], Path]
) -> None:
    make(tmp_path / "it")
    code, lines = told(*words, "--store", "it")
    assert (2, 1) == (code, len(lines)), lines


WORDS: tuple[dict[str, Any], ...] = (
    {"seeds": 10**40},
    {"seeds": float("nan")},
    {"budget": "1e308h"},
    {"target": "csv:it"},
    {"weights": "file:it"},
    {"catalog": "--"},
    {"catalog": "it.py"},
    {"arch": "a\0b"},
    {"target": "folder:\ud800"},
    {"memory_limit": "infGB"},
)


@pytest.mark.parametrize("words", WORDS, ids=range(len(WORDS)))
def test_the_library_raises_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    pipe(tmp_path / "it")
    pipe(tmp_path / "it.py")
    with pytest.raises(UsageError) as raised:
        evobench.run(**words, arch="lenet5") if "arch" not in words else evobench.run(**words)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
@pytest.mark.parametrize("size", [LONG, "0", "-1", "x", "", "1e9", "9" * 18])
def test_a_size_that_no_terminal_has_is_passed_over(
    told: Told, monkeypatch: pytest.MonkeyPatch, name: str, size: str
) -> None:
    monkeypatch.setenv(name, size)
    assert (0, []) == told("list", "recipes")
    assert "--budget" in help_of("run")


def help_of(verb: str) -> str:
    out = StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit):
        main([verb, "--help"])
    return out.getvalue()


@pytest.mark.parametrize("date", ["x", LONG, "-1", "1e400", "", "2026-01-01"])
def test_a_date_that_libraries_cannot_read_is_refused_in_one_line(
    told: Told, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    code, lines = told("list", "recipes")
    assert (2, 1) == (code, len(lines))
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        evobench.run(arch="lenet5")
