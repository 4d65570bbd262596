"""`--write FORM=FILE` and `--fail-on`, as the verbs that judge have them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.errors import UnknownName, UsageError
from reports.ci.options import JudgementOutputs, add_outputs, outputs_of
from reports.comparing.verdict_lines import outcome
from tests.bench.compare.judgements import SMALL


def parsed(*arguments: object) -> JudgementOutputs:
    parser = argparse.ArgumentParser()
    add_outputs(parser)
    return outputs_of(parser.parse_args([str(argument) for argument in arguments]))


def test_forms_are_written_each_to_its_file(tmp_path: Path) -> None:
    files = (tmp_path / "new" / "gate.xml", tmp_path / "gate.md")
    assert files == parsed("--write", f"junit={files[0]}", "--write", f"comment={files[1]}").write(SMALL)
    assert files[0].read_text().startswith("<?xml")
    assert files[1].read_text().startswith("<!--")


def test_a_dash_is_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    parsed("--write", "annotations=-").write(SMALL)
    assert capsys.readouterr().out.startswith("::error title=")


def test_a_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "gate.xml"
    file.write_text("the former one")
    parsed("--write", f"junit={file}").write(SMALL)
    assert "the former one" not in file.read_text()


def test_a_summary_is_added_to_what_other_steps_wrote(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("# Tests\nall passed\n")
    parsed("--write", f"summary={file}").write(SMALL)
    assert file.read_text().startswith("# Tests\nall passed\n\n## evobench: 3 of 5 cells fail\n")


def test_a_summary_begins_a_file_that_is_not_there(tmp_path: Path) -> None:
    parsed("--write", f"summary={tmp_path / 'summary.md'}").write(SMALL)
    assert (tmp_path / "summary.md").read_text().startswith("## evobench")


@pytest.mark.parametrize(("wish", "verdicts_on"), [(["--write", "junit=-"], "err"), ([], "out")])
def test_where_a_form_goes_to_stdout_all_else_goes_to_stderr(
    wish: list[str], verdicts_on: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parsed(*wish).tell(SMALL, "markdown", everything=False)
    told: Any = capsys.readouterr()
    assert {verdicts_on} == {name for name in ("out", "err") if "| base | head |" in getattr(told, name)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("junit", "--write junit takes a file: junit=FILE"),
        ("junit=", "--write junit takes a file: junit=FILE"),
        ("=gate.xml", "--write takes FORM=FILE, not '=gate.xml'"),
    ],
)
def test_a_wish_without_form_or_file_is_wrong_use(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parsed("--write", text)


def test_an_unknown_form_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="unknown form 'sumary'; did you mean 'summary'"):
        parsed("--write", "sumary=gate.md")


def test_a_file_that_is_a_folder_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        parsed("--write", f"junit={tmp_path}")


def test_a_file_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot"):
        parsed("--write", f"junit={tmp_path / 'file' / 'gate.xml'}").write(SMALL)


def test_a_file_that_cannot_be_written_keeps_no_other_from_being_written(tmp_path: Path) -> None:
    bad, good = tmp_path / "file" / "gate.xml", tmp_path / "gate.md"
    outputs = parsed("--write", f"junit={bad}", "--write", f"comment={good}")
    (tmp_path / "file").write_text("")  # meanwhile
    with pytest.raises(UsageError, match=r"gate\.xml"):
        outputs.write(SMALL)
    assert good.is_file()


def test_two_forms_cannot_go_to_one_file(tmp_path: Path) -> None:
    file = tmp_path / "gate"
    with pytest.raises(UsageError, match="2 times"):
        parsed("--write", f"junit={file}", "--write", f"comment={file}")


def test_a_file_with_other_than_text_is_not_added_to(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot add to"):
        parsed("--write", f"summary={file}").write(SMALL)
    assert b"\xff\xfe" == file.read_bytes()


def test_verdicts_that_fail_are_given_with_commas() -> None:
    assert {"regression", "undecided"} == parsed("--fail-on", "undecided,regression").fail_on


def test_without_a_wish_a_regression_fails() -> None:
    assert {"regression"} == parsed().fail_on


def test_an_unknown_verdict_gets_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match="unknown verdict 'regresion'; did you mean 'regression'"):
        parsed("--fail-on", "regresion")


def test_the_table_begins_with_the_outcome_and_what_is_compared_with_what(
    capsys: pytest.CaptureFixture[str],
) -> None:
    judgement = replace(SMALL, base="a1b2c3d4e5 (the merge base of main and HEAD)")
    parsed().tell(judgement, "table", everything=False)
    expected = "a1b2c3d4e5 (the merge base of main and HEAD) → working tree"
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert (outcome(SMALL.found), expected) == (first, second)
