"""The verbs `list` and `doctor`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import main
from bench.cli.verbs import doctor
from bench.learning.data.augment import AUGMENTATIONS
from bench.learning.recipes import RECIPES
from bench.machine.gpus.gpu import Driver
from bench.machine.gpus.identity import Identity


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


def test_doctor_finds_all_that_a_run_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--store", str(tmp_path / "runs.sqlite"), "--format", "json"])
    verdicts = {row["what"]: row[""] for row in json.loads(capsys.readouterr().out)}
    assert (0, "ok", False) == (code, verdicts["measuring process"], "missing" in verdicts.values())


def test_doctor_reports_a_store_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "runs.sqlite").write_text("not a database, though it is long enough to be looked at" * 20)
    code = main(["doctor", "--store", str(tmp_path / "runs.sqlite"), "--format", "json"])
    verdicts = {row["what"]: row[""] for row in json.loads(capsys.readouterr().out)}
    assert (2, "missing") == (code, verdicts["store"])


NOTHING = "its driver knows of none"


def looked(
    monkeypatch: pytest.MonkeyPatch, build: str | None, driver: Driver | None, gpus: list[str]
) -> dict[str, tuple[str, str]]:
    """What `doctor` says of CUDA: verdict and text of each finding."""

    def read() -> Driver:
        if driver is None:
            raise OSError("NVML: NVML Shared Library Not Found")
        return driver

    monkeypatch.setattr(doctor, "read_driver", read)
    devices = {f"cuda:{i}": asdict(Identity(name, 80 << 30, 132, "9.0")) for i, name in enumerate(gpus)}
    seen = {"gpus": gpus, "devices": devices, "hip": None, "cuda_build": build, "no_cuda": "" if gpus else NOTHING}
    return {finding.what: (finding.verdict, finding.found) for finding in doctor._cuda(seen)}


OLD, NEW = Driver("550.54.15", (12, 4)), Driver("580.65.06", (13, 0))


@pytest.mark.parametrize(
    ("build", "driver", "expected"),
    [
        (
            "13.0",
            OLD,
            "torch is built for CUDA 13.0; driver 550.54.15 runs CUDA up to 12.4:"
            " install torch and torchvision from PyTorch's page for CUDA 12.6 builds (cu126)",
        ),
        (
            None,
            NEW,
            "torch is built without CUDA; driver 580.65.06 runs CUDA up to 13.0:"
            " install torch and torchvision from PyTorch's page for CUDA builds",
        ),
        (
            "13.0",
            Driver("470.82", (11, 4)),
            "torch is built for CUDA 13.0; driver 470.82 runs CUDA up to 11.4:"
            " it needs a driver for CUDA 12 or newer",
        ),
        ("12.6", OLD, "torch is built for CUDA 12.6; driver 550.54.15 runs CUDA up to 12.4"),
        ("13.0", None, "torch is built for CUDA 13.0; no driver to be read: NVML: NVML Shared Library Not Found"),
    ],
)
def test_doctor_says_what_to_install_where_no_gpu_is_seen(
    monkeypatch: pytest.MonkeyPatch, build: str | None, driver: Driver | None, expected: str
) -> None:
    found = looked(monkeypatch, build, driver, [])
    assert {"device cuda": ("note", f"none seen: {NOTHING}"), "CUDA": ("note", expected)} == found


def test_doctor_tells_build_and_driver_of_a_gpu_that_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {
        "device cuda:0": ("ok", "A GPU, 80 GiB, 132 multiprocessors, capability 9.0"),
        "CUDA": ("ok", "torch is built for CUDA 13.0; driver 580.65.06 runs CUDA up to 13.0"),
    }
    assert expected == looked(monkeypatch, "13.0", NEW, ["A GPU"])


def of_gpu(**settings: Any) -> list[tuple[str, str, str]]:
    """What `doctor` says of a GPU: what, verdict and text of each finding."""
    device = asdict(Identity("H100", 80 << 30, 132, "9.0", **settings))
    return [(finding.what, finding.verdict, finding.found) for finding in doctor._gpu("cuda:1", device)]


def test_doctor_tells_a_gpu_and_its_settings() -> None:
    found = of_gpu(power_limit=700.0, max_clock=1.98e9, ecc=True, persistence=True, compute_mode="default")
    text = "H100, 80 GiB, 700 W, 132 multiprocessors, capability 9.0, up to 1980 MHz, ECC on"
    assert [("device cuda:1", "ok", text)] == found


def test_doctor_tells_why_the_settings_of_a_gpu_are_not_known() -> None:
    [(_, _, text)] = of_gpu(unread={"settings": "NVML Shared Library Not Found"})
    assert text.endswith("capability 9.0, settings cannot be told: NVML Shared Library Not Found")


def test_doctor_tells_of_a_gpu_that_its_driver_lets_go() -> None:
    _, (what, verdict, text) = of_gpu(persistence=False)
    assert ("persistence of cuda:1", "note", True) == (what, verdict, text.startswith("off: the driver lets"))


def test_doctor_tells_of_a_gpu_for_one_process_at_a_time() -> None:
    _, (what, verdict, text) = of_gpu(compute_mode="exclusive")
    assert ("compute mode of cuda:1", "note", True) == (what, verdict, text.startswith("exclusive: regress"))


def test_doctor_does_not_ask_nvml_where_torch_is_built_for_rocm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "read_driver", lambda: pytest.fail("NVML was asked"))
    seen = {"gpus": [], "devices": {}, "hip": "7.0", "no_cuda": NOTHING}
    assert "torch is built for ROCm 7.0; NVML does not know its GPUs" == list(doctor._cuda(seen))[-1].found
