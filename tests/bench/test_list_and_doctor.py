"""The verbs `list` and `doctor`."""

import json
from pathlib import Path

import pytest

from bench.cli import main


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


def test_a_users_own_architecture_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from bench import architecture\n"
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


def test_doctor_finds_all_that_a_run_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--store", str(tmp_path / "runs.sqlite"), "--format", "json"])
    verdicts = {row["what"]: row[""] for row in json.loads(capsys.readouterr().out)}
    assert (0, "ok", False) == (code, verdicts["measuring process"], "missing" in verdicts.values())


def test_doctor_reports_a_store_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "runs.sqlite").write_text("not a database, though it is long enough to be looked at" * 20)
    code = main(["doctor", "--store", str(tmp_path / "runs.sqlite"), "--format", "json"])
    verdicts = {row["what"]: row[""] for row in json.loads(capsys.readouterr().out)}
    assert (2, "missing") == (code, verdicts["store"])
