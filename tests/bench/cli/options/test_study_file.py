"""A study in a file: its words are options, the command line wins over it, and what is wrong in it is one line."""

import argparse
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.cli.options.study_file import with_study
from bench.cli.verbs.run import configure
from bench.errors import UsageError
from bench.store.database import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where studies lie; it is not where the user stands."""
    (tmp_path / "studies").mkdir()
    return tmp_path / "studies"


def parsed(folder: Path, text: str, *beside: str) -> argparse.Namespace:
    """The options of `run` with a study of this text, and with what stands beside it on the command line."""
    file = folder / "study.toml"
    if not file.exists():
        file.write_text(text, encoding="utf-8")
    parser = argparse.ArgumentParser()
    configure(parser)
    given = [str(file), *beside]
    return with_study(parser, given, parser.parse_args(given))


def by_options(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    configure(parser)
    return parser.parse_args(options)


SAME = {
    'suite = ["cost", "counts"]': "--suite=cost --suite=counts",
    'arch = "lenet5,alexnet"': "--arch=lenet5,alexnet",
    'arch = ["vit_simple:heads=6,depth=2", "lenet5"]': "--arch=vit_simple:heads=6,depth=2 --arch=lenet5",
    'budget = "5m"': "--budget=5m",
    "budget = 300": "--budget=5m",
    "lr = 1e-3": "--lr=0.001",
    "first-seed = 3": "--first-seed=3",
    "folds = 5\nrefit = true": "--folds=5 --refit",
    "dry-run = false": "",
    "compile = true": "--compile",
    'execution = ["eager", "onnx"]': "--execution=eager --execution=onnx",
    'shots = [5, "all"]': "--shots=5 --shots=all",
    'image-types = [".jpg", "png"]': "--image-types=.jpg,png",
    "batch = [1, 8]": "--batch=1 --batch=8",
}


@pytest.mark.parametrize("text", SAME)
def test_words_of_the_file_are_options_of_the_command_line(folder: Path, text: str) -> None:
    found, expected = vars(parsed(folder, text)), vars(by_options(*SAME[text].split()))
    assert {**expected, "study": None} == {**found, "study": None}


def test_an_option_beside_the_file_wins_over_it_and_joins_nothing(folder: Path) -> None:
    found = parsed(folder, 'arch = ["lenet5"]\nseeds = 3\nsteps = 9', "--arch", "alexnet", "--seeds", "1")
    assert ([("alexnet",)], 1, 9) == (found.arch, found.seeds, found.steps)


def test_an_option_that_repeats_its_default_wins_too(folder: Path) -> None:
    assert 900.0 == parsed(folder, 'timeout = "1m"', "--timeout", "15m").timeout


def test_another_name_of_the_same_option_wins_too(folder: Path) -> None:
    assert [("compiled",)] == parsed(folder, 'execution = "onnx"', "--compile").execution


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ('store = "here/runs.sqlite"', "store", "{folder}/here/runs.sqlite"),
        ('data = "images"', "data", "{folder}/images"),
        ('target = "folder:../photos"', "target", "[('folder:{above}/photos',)]"),
        ('weights = "file:net.pth"', "weights", "[('file:{folder}/net.pth',)]"),
        ('class-map = "map.csv"', "class_map", "{folder}/map.csv"),
        ('catalog = ["nets.py", "a_package"]', "catalog", "['{folder}/nets.py', 'a_package']"),
        ('store = "/elsewhere/runs.sqlite"', "store", "/elsewhere/runs.sqlite"),
    ],
)
def test_paths_are_as_seen_from_the_folder_of_the_file(folder: Path, text: str, name: str, expected: str) -> None:
    where = {"folder": folder, "above": folder.parent}
    assert expected.format(**where) == str(getattr(parsed(folder, text), name))


def test_paths_beside_the_file_are_as_seen_from_where_the_user_stands(folder: Path) -> None:
    assert Path("runs.sqlite") == parsed(folder, 'store = "here.sqlite"', "--store", "runs.sqlite").store


WRONG = {
    "suit = 'cost'": "'study.toml': unknown word 'suit'; did you mean 'suite'?",
    "first_seed = 3": "unknown word 'first_seed'; did you mean 'first-seed'?",
    "help = true": "unknown word 'help'",
    "study = 'other.toml'": "unknown word 'study'",
    "refit = 1": "'refit' is true or false, not 1",
    "refit = 'yes'": "'refit' is true or false, not \"yes\"",
    "seeds = true": "'seeds' takes a text, a number, or a list of these, not true",
    "seeds = 'many'": "'study.toml': 'many' is not a number of seeds",
    "seeds = [1, 2]": "'1,2' is not a number of seeds",
    "arch = []": "'arch' takes a text, a number, or a list of these, not []",
    "arch = [['lenet5']]": 'not ["lenet5"]',
    "[arch]\nname = 'lenet5'": '\'arch\' takes a text, a number, or a list of these, not {"name": "lenet5"}',
    "budget = 'soon'": "'study.toml': 'soon' is not a time",
    "compile = false": "'compile' takes a text, a number, or a list of these, not false",
    "suite = cost": "'study.toml': it is not TOML: ",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_in_a_file_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (folder / "study.toml").write_text(text)
    code, said = main(["run", str(folder / "study.toml")]), capsys.readouterr().err
    assert (2, 1, True) == (code, said.count("\n"), WRONG[text] in said), said


def test_the_study_of_the_docs_is_one_and_is_printed_as_it_is() -> None:
    docs = Path(__file__).parents[4] / "docs/how-to"
    printed = (docs / "studies.md").read_text().partition("```toml\n")[2].partition("```")[0]
    text = (docs / "study.toml").read_text()
    assert [line for line in text.splitlines(keepends=True) if line[0] != "#"] == printed.splitlines(keepends=True)
    assert [("features+softmax",), ("features+svm",)] == parsed(docs, text).mode


def test_a_file_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == main(["run", "resnet18"])
    said = capsys.readouterr().err
    assert "evobench: there is no study 'resnet18': architectures are named by --arch\n" == said


def test_a_file_that_is_not_text_is_told(folder: Path) -> None:
    (folder / "study.toml").write_bytes(b"\xff\xfe")
    parser = argparse.ArgumentParser()
    configure(parser)
    with pytest.raises(UsageError, match="cannot be read: it is not text"):
        parser.parse_args([str(folder / "study.toml")])


def test_a_file_may_begin_with_the_mark_of_some_editors(folder: Path) -> None:
    (folder / "study.toml").write_text('arch = "lenet5"', encoding="utf-8-sig")
    assert by_options("--arch=lenet5").arch == parsed(folder, "").arch


def test_a_run_keeps_its_study_and_can_be_gone_on_with(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '# what lenet5 has\nsuite = "counts"\narch = "lenet5"\nno-report = true\nstore = "runs.sqlite"\n'
    (folder / "study.toml").write_text(text)
    codes = [main(["run", str(folder / "study.toml"), *more]) for more in ((), ("--resume",))]
    with Store.open(folder / "runs.sqlite") as store:
        (run,) = store.runs()
    assert ([0, 0], {"file": "study.toml", "text": text}) == (codes, run.settings["study"])
    assert 0 == main(["show", "--store", str(folder / "runs.sqlite"), "--table", "study", "--format", "csv"])
    assert "1,# what lenet5 has\n" in capsys.readouterr().out
