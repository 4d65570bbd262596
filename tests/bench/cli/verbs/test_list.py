"""The verb `list`."""

import json
from pathlib import Path

import pytest

from bench.cli.main import main
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.recipes import RECIPES


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
    assert 0 == main(["list", *options, "--format", "json"])
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return rows


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("architectures", "resnet50"),
        ("measures", "latency"),
        ("suites", "evolution"),
        ("datasets", "uci-digits"),
    ],
)
def test_what_is_declared_is_listed(capsys: pytest.CaptureFixture[str], what: str, name: str) -> None:
    assert name in [row["name"] for row in listed(capsys, what)]


def test_architectures_are_filtered_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"VGG"} == {row["family"] for row in listed(capsys, "architectures", "--family", "vgg")}


def test_architectures_are_filtered_by_tag(capsys: pytest.CaptureFixture[str]) -> None:
    names = [row["name"] for row in listed(capsys, "architectures", "--tag", "lecture")]
    assert (True, False) == ("swin_t" in names, "vgg11_reduced" in names)


def test_rows_are_filtered_by_text(capsys: pytest.CaptureFixture[str]) -> None:
    rows = listed(capsys, "measures", "--grep", "device synchronised")
    assert ["latency", "throughput"] == [row["name"] for row in rows]


def test_architectures_are_one_line_each_beneath_their_family_and_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    names = [row["name"] for row in listed(capsys, "architectures")]
    main(["list", "architectures"])
    *lines, last = capsys.readouterr().out.splitlines()
    below = [line.split()[0] for line in lines if line.startswith("  ")]
    families = [line for line in lines if not line.startswith("  ")]
    assert (sorted(map(str, names)), []) == (sorted(below), [line for line in lines if len(line) > 80])
    assert f"{len(names)} architectures of {len(families)} families; --long has their ideas whole" == last


def test_an_idea_that_has_no_room_is_cut_unless_all_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    (row,) = listed(capsys, "architectures", "--grep", "lenet5_1998")
    texts = []
    for options in ([], ["--long"]):
        main(["list", "architectures", "--grep", "lenet5_1998", *options])
        texts.append(" ".join(capsys.readouterr().out.split()))
    assert [True, False] == ["…" in text for text in texts]
    assert str(row["idea"]).split()[-1] in texts[1]


def test_data_sets_are_one_line_each_and_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = listed(capsys, "datasets")
    main(["list", "datasets"])
    _, *lines, last = capsys.readouterr().out.splitlines()
    here = sum(row["here"] == "yes" for row in rows)
    assert [row["name"] for row in rows] == [line.split()[0] for line in lines]
    assert f"{len(rows)} data sets, {here} of them here; --long has their licences" == last


def test_a_users_own_architecture_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from evobench import architecture\n"
        "@architecture(family='Mine', year=2026, paper='none')\n"
        f"def mine_{abs(hash(tmp_path))}(num_classes):\n    'Mine.'\n"
    )
    names = [row["name"] for row in listed(capsys, "architectures", "--catalog", str(mine), "--family", "mine")]
    assert [f"mine_{abs(hash(tmp_path))}"] == names


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["architecturs"], "did you mean 'architectures'?"),
        (["architectures", "--family", "ResNets"], "did you mean 'ResNet'?"),
        (["architectures", "--tag", "lectur"], "did you mean 'lecture'?"),
    ],
)
def test_a_wrong_name_gets_the_nearest_one(
    capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert (2, True) == (main(["list", *options]), said in capsys.readouterr().err)


@pytest.mark.parametrize("form", ["csv", "markdown", "table"])
def test_every_format_prints_the_same_names(capsys: pytest.CaptureFixture[str], form: str) -> None:
    main(["list", "measures", "--format", form])
    assert "peak_memory" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("what", "names"), [("recipes", RECIPES.names()), ("augmentations", AUGMENTATIONS.names())]
)
def test_recipes_and_augmentations_are_listed_by_the_names_that_one_types(
    capsys: pytest.CaptureFixture[str], what: str, names: tuple[str, ...]
) -> None:
    assert 0 == main(["list", what, "--format", "json"])
    assert list(names) == [row["name"] for row in json.loads(capsys.readouterr().out)]
