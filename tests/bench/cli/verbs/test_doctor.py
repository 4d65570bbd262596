"""The verb `doctor`: what is here, what is known at once first."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import main
from bench.cli.verbs import doctor
from bench.cli.verbs.doctor import CheckedFinding
from bench.machine.gpus.gpu import Driver
from bench.machine.gpus.identity import Identity


def test_doctor_finds_all_that_a_run_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--store", str(tmp_path / "runs.sqlite"), "--format", "json"])
    verdicts = {row["what"]: row[""] for row in json.loads(capsys.readouterr().out)}
    assert (0, "ok", False) == (code, verdicts["measuring process"], "missing" in verdicts.values())


def test_doctor_reports_a_store_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "runs.sqlite").write_text("not a database, though it is long enough to be looked at" * 20)
    code = main(["doctor", "--store", str(tmp_path / "runs.sqlite"), "--format", "json"])
    verdicts = {row["what"]: row[""] for row in json.loads(capsys.readouterr().out)}
    assert (2, "missing") == (code, verdicts["store"])


def test_doctor_tells_what_it_knows_before_it_starts_a_worker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def devices() -> list[CheckedFinding]:
        told.extend(capsys.readouterr())
        return [CheckedFinding("device cuda", "note", "none seen")]

    monkeypatch.setattr(doctor, "_torch", devices)
    assert 0 == main(["doctor", "--store", str(tmp_path / "runs.sqlite")])
    before, progress = told
    assert "ok       Python: " in before
    assert "disk: " in before
    assert "starting a worker to look at the devices ...\n" == progress
    assert "note     device cuda: none seen\n" == capsys.readouterr().out


def test_doctor_says_once_what_it_found_of_several_things(capsys: pytest.CaptureFixture[str]) -> None:
    doctor._tell(
        [CheckedFinding("data mnist", "note", "not here"), CheckedFinding("data svhn", "note", "not here")]
    )
    assert "note     data mnist, svhn: not here\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    "environment",
    [{}, {"TORCH_HOME": "/models/torch"}, {"XDG_CACHE_HOME": "/caches"}],
    ids=["usual", "torch", "xdg"],
)
def test_doctor_looks_for_weights_where_torch_keeps_them(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    import torch

    assert Path(torch.hub.get_dir()) / "checkpoints" == doctor.checkpoints()


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
