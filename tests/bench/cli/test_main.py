"""The command line: whatever goes wrong is one line on stderr and an exit code, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.errors import Exit

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and a POSIX shell")


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a shell line in which `$EVOBENCH` is the command."""
    command = f'"{sys.executable}" -m evobench'
    return subprocess.run(
        ["bash", "-c", line.replace("$EVOBENCH", command)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_a_line_break_in_what_was_asked_for_does_not_break_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert Exit.USAGE == main(["list", "archi\ntectures"])
    assert "evobench: unknown kind of declaration 'archi\\ntectures'; did you mean 'architectures'?\n" == (
        capsys.readouterr().err
    )


def test_without_a_verb_it_names_some_and_where_help_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert Exit.USAGE == main([])
    assert "evobench: name a verb, such as run or show (see evobench --help)\n" == capsys.readouterr().err


@pytest.mark.parametrize("verb", ["show", "run"])
def test_the_root_folder_is_no_store(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    assert Exit.USAGE == main([verb, "--store", "/"])
    assert 1 == capsys.readouterr().err.count("\n")


def test_a_name_too_long_for_the_disk_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert Exit.USAGE == main(["show", "--store", str(tmp_path / ("a" * 300))])
    assert 1 == capsys.readouterr().err.count("\n")


@linux
@pytest.mark.parametrize("limit", ["-d 100000", "-v 400000"])
def test_a_process_that_may_have_too_little_memory_for_its_libraries_is_one_line(limit: str) -> None:
    done = shell(f"ulimit {limit}; $EVOBENCH show")
    said = "evobench: a process can have no 537 MB of memory more, which its libraries need (see ulimit -d, -v)\n"
    assert (2, said) == (done.returncode, done.stderr)


@linux
def test_what_a_catalogue_prints_is_not_among_the_data(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import os, subprocess\nprint('a')\nos.write(1, b'b\\n')\nsubprocess.run(['echo', 'c'])\n"
    )
    done = shell(f"$EVOBENCH list suites --format json --catalog {tmp_path / 'own.py'}")
    assert (True, ["a", "b", "c"]) == (bool(json.loads(done.stdout)), sorted(done.stderr.split()))


@linux
def test_what_a_suite_prints_later_is_not_among_the_data(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "from evobench import Cell, Cost, Planned, suite\n"
        "@suite(title='Mine')\n"
        "def mine(setting):\n"
        "    print('loud')\n"
        "    yield Planned(Cell('lenet5', 'parameters', Cost(mode='infer', resolution=32, threads=1)), 0.1)\n"
    )
    own = f"--suite mine --catalog {tmp_path / 'own.py'} --store {tmp_path / 'store.sqlite'}"
    done = shell(f"$EVOBENCH run --dry-run --format json {own}")
    assert (0, True) == (done.returncode, "loud" in done.stderr), done.stderr
    assert json.loads(done.stdout)


@linux
@pytest.mark.parametrize("line", ["list measures", "--help", "run --help-all", "--version"])
def test_a_full_disk_behind_stdout_is_one_line(line: str) -> None:
    done = shell(f"$EVOBENCH {line} > /dev/full")
    assert (2, "evobench: No space left on device: free some, then try again\n") == (done.returncode, done.stderr)


def test_a_misspelt_option_before_a_verb_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    expected = "evobench: unknown option '--verison'; did you mean '--version'? (see evobench --help)\n"
    assert (2, expected) == (main(["--verison"]), capsys.readouterr().err)


@linux
def test_a_reader_that_has_had_enough_is_no_fault() -> None:
    done = shell("$EVOBENCH list architectures | head -1; echo ${PIPESTATUS[0]}")
    assert ("0", "") == (done.stdout.splitlines()[-1], done.stderr)


@linux
def test_the_program_of_a_saved_network_ends_in_silence_where_its_reader_has_had_enough(tmp_path: Path) -> None:
    (tmp_path / "predict.py").write_text("for number in range(100_000):\n    print(number)\n")
    done = shell(f"$EVOBENCH predict {tmp_path} {tmp_path} | head -1; echo ${{PIPESTATUS[0]}}")
    assert (["0", "0"], "") == (done.stdout.splitlines(), done.stderr)


@linux
@pytest.mark.parametrize(
    ("line", "code"),
    [("list measures >&-", 0), ("list measures 2>&-", 0), ("bogus 2>&-", 2), ("bogus >&- <&-", 2)],
)
def test_closed_streams_change_no_exit_code(line: str, code: int) -> None:
    done = shell(f"$EVOBENCH {line}")
    assert (code, False) == (done.returncode, "Traceback" in done.stderr)


@linux
def test_a_terminal_without_a_character_gets_its_escape(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "from evobench import architecture\n"
        "@architecture(family='Tiny', year=2026, paper='none')\n"
        "def größe(num_classes): ...\n",
        encoding="utf-8",
    )
    own = f"$EVOBENCH list architectures --family Tiny --catalog {tmp_path / 'own.py'} --format csv"
    done = shell(own, PYTHONIOENCODING="ascii")
    assert (0, True) == (done.returncode, "gr\\xf6\\xdfe" in done.stdout), done.stderr


@pytest.mark.parametrize("line", ["raise SystemExit(0)", "raise ValueError('a\\nb')", "x = '\0'"])
def test_a_catalogue_that_ends_while_it_is_imported_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str
) -> None:
    (tmp_path / "own.py").write_text(line)
    assert Exit.USAGE == main(["list", "suites", "--catalog", str(tmp_path / "own.py")])
    said = capsys.readouterr().err
    assert (1, True) == (said.count("\n"), "failed to import at" in said)


@pytest.mark.parametrize(
    "options", [["--resume", "nope"], ["--resume", "--suite", "nope"], ["--timeout", "1e300"]]
)
def test_a_resumption_or_time_that_cannot_be_leaves_no_trace(tmp_path: Path, options: list[str]) -> None:
    assert Exit.USAGE == main(["run", "--store", str(tmp_path / "new" / "runs.sqlite"), *options])
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text", ["x" * 10_000_000, "\x1b]0;PWN\x07", "\x1b]52;c;ZQ==\x07", "\x9b31m", "\u202eevil", "a\rb"], ids=repr
)
def test_what_a_catalogue_says_is_shown_in_brief_and_not_obeyed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    (tmp_path / "own.py").write_text(f"raise ValueError({text!a})")
    assert Exit.USAGE == main(["list", "suites", "--catalog", str(tmp_path / "own.py")])
    said = capsys.readouterr().err.removesuffix("\n")
    assert (True, True) == (said.isprintable(), len(said) < 300 + 200 + 2 * len(str(tmp_path)))


@pytest.mark.parametrize("name", ["\x1b]0;PWN\x07", "\x9b31m", "\u202eevil"])
@pytest.mark.parametrize("arguments", [["{}"], ["show", "{}"], ["show", "--table", "{}"], ["run", "--{}"]])
def test_ones_own_arguments_are_shown_and_not_obeyed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], name: str
) -> None:
    given = [part.format(name) for part in arguments]
    more = ["--store", str(tmp_path / "absent.sqlite")] if given[0] == "show" else []
    assert Exit.USAGE == main([*given, *more])
    assert capsys.readouterr().err.removesuffix("\n").isprintable()
