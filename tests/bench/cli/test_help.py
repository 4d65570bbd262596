"""Help: it fits 80 columns, is short where there are many options, and ends with command lines that work."""

import shlex
from importlib.metadata import entry_points

import pytest

from bench.cli.main import main
from bench.cli.parser import HELP_ALL, Parser
from bench.cli.verb import Verb
from bench.errors import UsageError

VERBS: dict[str, Verb] = {point.name: point.load() for point in sorted(entry_points(group="evobench.verbs"))}
SHORT = sorted(name for name, verb in VERBS.items() if verb.common)


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What is printed by options that end the program at once, on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(words)
    return capsys.readouterr().out


@pytest.mark.parametrize("words", [(name, "--help") for name in VERBS] + [(name, HELP_ALL) for name in SHORT])
def test_every_line_of_help_fits_a_terminal_of_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, str]
) -> None:
    assert [] == [line for line in told(capsys, monkeypatch, *words).splitlines() if len(line) > 80]


@pytest.mark.parametrize("name", VERBS)
def test_help_ends_with_examples(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lines = told(capsys, monkeypatch, name, "--help").splitlines()
    assert [f"  evobench {command}" for command in VERBS[name].examples] == lines[-len(VERBS[name].examples) :]


@pytest.mark.parametrize(
    ("name", "command"), [(name, command) for name, verb in VERBS.items() for command in verb.examples]
)
def test_an_example_is_taken_by_the_options_of_its_verb(name: str, command: str) -> None:
    parser = Parser()
    VERBS[name].configure(parser)
    verb, *options = shlex.split(command, comments=True)
    parser.parse_args(options)
    assert name == verb


def test_the_help_of_run_has_a_dozen_options_and_five_examples(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = told(capsys, monkeypatch, "run", "--help")
    options = [line.split()[0] for line in text.splitlines() if line.startswith("  --")]
    assert [12, 5] == [len(set(options) - {HELP_ALL}), text.count("\n  evobench run")]


@pytest.mark.parametrize("option", ["--precision", "--recipe", "--lr", "--lanes", "--image-types"])
def test_options_that_the_help_of_run_leaves_out_are_in_all_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    texts = [told(capsys, monkeypatch, "run", word) for word in ("--help", HELP_ALL)]
    assert [False, True] == [f"{option} " in text for text in texts]


def test_a_group_without_a_common_option_is_not_headed_in_short_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [told(capsys, monkeypatch, "run", word) for word in ("--help", HELP_ALL)]
    assert [False, True] == ["conditions of cost:" in text for text in texts]


def test_an_option_that_help_leaves_out_is_accepted_after_it_was_printed() -> None:
    parser = Parser()
    parser.add_argument("--common")
    parser.add_argument("--rare", help="Seldom.")
    parser.shorten(["--common"])
    assert "--rare" not in parser.format_help()
    assert "Seldom." in parser.format_all()
    assert "1" == parser.parse_args(["--rare", "1"]).rare


def test_a_wrong_option_is_told_where_help_is() -> None:
    with pytest.raises(UsageError, match=r"'--nonsense' \(see evobench run --help\)"):
        Parser(prog="evobench run").parse_args(["--nonsense"])
