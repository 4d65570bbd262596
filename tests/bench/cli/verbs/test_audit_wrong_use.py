"""The verb `audit` wrongly used, or with a file of claims that is none: one line, exit 2, no trace."""

from pathlib import Path

import pytest

from bench.cli.main import main

CATALOGS = Path(__file__).parents[3] / "catalogs"
CLAIMS = str(CATALOGS / "claims.toml")


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one line that a wrong use is answered with; fails where it leaves a store."""
    before = sorted(tmp_path.iterdir())
    code = main(["audit", "--store", str(tmp_path / "new" / "runs.sqlite"), *options])
    said = capsys.readouterr().err
    assert (2, 1) == (code, said.count("\n")), said
    assert before == sorted(tmp_path.iterdir())
    return said


WRONG = {
    "--claim wrong-summ": "unknown claim 'wrong-summ'; did you mean 'wrong-sum'?",
    "--claim sum --claim explaned": "unknown claim 'explaned'; did you mean 'explained'?",
    "--slide Arithmetics": "unknown slide 'Arithmetics'; did you mean 'Arithmetic'?",
    "--claim sum --slide crash": "nothing to audit",
    "--imagenet nowhere": "'nowhere' holds 0 folders, not one for each of ImageNet's 1000 classes",
    f"--imagenet {CLAIMS}": "holds 0 folders",
    "--catalog nowhere.py": "is not a file",
    "--format html": "invalid choice: 'html'",
}


@pytest.mark.parametrize("options", WRONG)
def test_wrong_use_gets_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str
) -> None:
    assert WRONG[options] in refused(tmp_path, capsys, "--claims", CLAIMS, *options.split())


def test_a_folder_with_other_than_1000_classes_is_not_imagenet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
    (tmp_path / "readme.txt").touch()
    said = refused(tmp_path, capsys, "--claims", CLAIMS, "--imagenet", str(tmp_path))
    assert f"'{tmp_path}' holds 2 folders, not one for each of ImageNet's 1000 classes" in said


SLIDE = "slide = [{ title = 'S' }]\n"
WHOLE = "id = 'c'\nslide = 'S'\nwords = 'w'\nprinted = 1\ncheck = 'sums'\n"
CLAIM = f"{SLIDE}[[claim]]\n{WHOLE}"
FORMULA = CLAIM.replace("'sums'", "'formula'\nwith = { expression = '1' }")
BROKEN = {
    "[[slide": "cannot be read: ",
    "": "nothing to audit",
    SLIDE: "nothing to audit",
    "slide = 3": "cannot be read: slide 1: TypeError",
    "slide = ['S']": "cannot be read: slide 1: TypeError",
    "slide = [{ title = 'S' }, { name = 'T' }]": "cannot be read: slide 2: KeyError: 'title'",
    "left_out = [{ slide = 'S' }]": "cannot be read: left_out 1: TypeError",
    "claim = [1]": "cannot be read: claim 1: AttributeError",
    f"[[claim]]\n{WHOLE}": "slide 'S' is not in the list of slides",
    f"{CLAIM}[[claim]]\n{WHOLE}": "claim 'c' is registered twice",
    f"{CLAIM}verdict = 'fine'": "claim 'c': unknown verdict",
    CLAIM.replace("words = 'w'\n", ""): "claim 'c': missing words",
    CLAIM.replace("check = 'sums'", ""): "it needs a check, a lesson, or the reason why it is not checkable",
    f"{CLAIM}not_checkable = 'an opinion'": "it needs a check, a lesson, or the reason why it is not checkable",
    f"{CLAIM}alternatives = [{{}}]": "cannot be read: claim 1: KeyError: 'because'",
    f"{CLAIM}step = '0.1'": "claim 'c': no fit value for step",
    CLAIM.replace("'c'", "['c']"): "claim '['c']': no fit value for id",
    f"{CLAIM}step = -0.1": "claim 'c': no fit value for step",
    f"{CLAIM}step = true": "claim 'c': no fit value for step",
    f"{CLAIM}unit = 7": "claim 'c': no fit value for unit",
    f"{CLAIM}where = 7": "claim 'c': no fit value for where",
    CLAIM.replace("check = 'sums'", "not_checkable = true"): "claim 'c': no fit value for not_checkable",
    CLAIM.replace("check = 'sums'", "not_checkable = ' '"): "claim 'c': no fit value for not_checkable",
    CLAIM.replace("words = 'w'", "words = ''"): "claim 'c': no fit value for words",
    f"{CLAIM}alternatives = [{{ because = 'b', with = 3 }}]": "claim 'c': no fit value for with of an alternative",
    CLAIM.replace("sums", "formla"): "claim 'c': unknown check 'formla'; did you mean 'formula'?",
    CLAIM.replace("sums", "formula"): "claim 'c': check 'formula': missing a required argument: 'expression'",
    f"{FORMULA}alternatives = [{{ because = 'b', check = 'formulae' }}]": "did you mean 'formula'?",
    CLAIM.replace(
        "'sums'", "'parameters'\nwith = { architecture = 'resnet81' }"
    ): "claim 'c': unknown architecture 'resnet81'; did you mean 'resnet18'?",
    CLAIM.replace(
        "'sums'", "'fewer_parameters'\nwith = { architecture = 'resnet18', than = 'resnet43' }"
    ): "claim 'c': unknown architecture 'resnet43'; did you mean 'resnet34'?",
    CLAIM.replace("check = 'sums'", "lesson = 'botleneck'"): "claim 'c': unknown lesson 'botleneck'",
    f"{FORMULA}lesson = 'botleneck'": "claim 'c': unknown lesson 'botleneck'",
    f"{CLAIM}lesson = ''": "claim 'c': no fit value for lesson",
    CLAIM.replace(
        "check = 'sums'", "lesson = 'bottleneck'\nnot_checkable = 'an opinion'"
    ): "it needs a check, a lesson, or the reason why it is not checkable",
    f"{FORMULA}imagenet = {{ architecture = 'resnet81', k = 1, crops = 1 }}": "unknown architecture 'resnet81'",
    CLAIM.replace(
        "printed = 1", "printed = 2026-01-02"
    ): "cannot be read: claim 1: TypeError: Object of type date",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_of_claims_that_is_none_gets_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    claims = tmp_path / "claims.toml"
    claims.write_text(text)
    assert BROKEN[text] in refused(tmp_path, capsys, "--claims", str(claims))


def test_a_file_of_claims_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(tmp_path, capsys, "--claims", str(tmp_path / "claims.toml"))
    assert f"the claims in '{tmp_path / 'claims.toml'}' cannot be read" in said
