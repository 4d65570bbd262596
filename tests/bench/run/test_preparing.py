"""What is looked at before a run begins, by a worker that only pretends."""

from pathlib import Path
from typing import Any

import pytest

from bench.cell import Cell, Cost, Learning, Status
from bench.data.place import DataPlace
from bench.declare.catalog import load_catalogs
from bench.errors import UsageError
from bench.execute.executor import Host
from bench.execute.jobs import Rate
from bench.execute.outcome import Outcome
from bench.machine.host import host_key
from bench.machine.rates import RATES
from bench.run import preparing
from bench.run.preparing import look_at_host, missing
from tests.bench.driving import Recorder
from tests.bench.stripes import cell_of

SEEN: dict[str, Any] = {
    "torch_build": "2.13.0+cu130",
    "gpus": ["H100", "T4"],
    "devices": {
        "cuda:0": {"name": "H100", "memory": 80 << 30, "power_limit": 700.0},
        "cuda:1": {"name": "T4", "memory": 15 << 30, "power_limit": 70.0},
    },
    "mps": False,
    "precisions": {"cpu": ["fp32"], "cuda:0": ["fp32", "tf32"], "cuda:1": ["fp32"], "mps": []},
    "cuda_build": "13.0",
    "no_cuda": "",
}


def probed(**changes: object) -> Recorder:
    """Answers a look at the host with what was seen, and tells no rates."""
    seen = Outcome("ok", details={**SEEN, **changes})
    return Recorder(lambda job: Outcome("failed") if isinstance(job, Rate) else seen)


def cells(device: str, precision: str) -> list[Cell]:
    return [Cell("net", "latency", Cost(mode="infer", resolution=8, device=device, precision=precision))]


def test_torch_s_own_reason_for_seeing_no_gpu_is_in_the_line() -> None:
    with pytest.raises(UsageError) as raised:
        look_at_host(probed(gpus=[], no_cuda="The NVIDIA driver on your system is too old"), [], "cuda")
    expected = (
        "no device 'cuda' here: torch 2.13.0+cu130 sees none:"
        " The NVIDIA driver on your system is too old (see evobench doctor)"
    )
    assert expected == str(raised.value)


def test_an_index_beyond_the_gpus_is_told_which_there_are() -> None:
    with pytest.raises(UsageError, match=r"no device 'cuda:7' here: torch \S+ sees cuda:0 to cuda:1$"):
        look_at_host(probed(), [], "cuda:7")


@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_a_gpu_is_asked_for_its_own_precisions_not_for_those_of_the_least(device: str) -> None:
    assert ["H100, 80 GiB, 700 W"] == look_at_host(probed(), cells(device, "tf32"), device)["gpus"]


def test_a_gpu_that_takes_no_process_is_told_in_a_line() -> None:
    closed = {"cuda:0": {**SEEN["devices"]["cuda:0"], "compute_mode": "prohibited"}}
    with pytest.raises(UsageError, match=r"^no process may compute on 'cuda' "):
        look_at_host(probed(devices=closed), cells("cuda", "fp32"), "cuda")


def test_the_host_is_that_of_the_cells_devices_not_of_all_gpus() -> None:
    assert [] == look_at_host(probed(), cells("cpu", "fp32"), "cpu")["gpus"]


def test_a_device_has_weights_cast_once_to_a_format_that_it_computes_in() -> None:
    assert look_at_host(probed(precisions={"cpu": ["bf16"]}), cells("cpu", "bf16_weights"), "cpu")
    with pytest.raises(UsageError, match="device 'cpu' has no fp16_weights here: it takes bf16"):
        look_at_host(probed(precisions={"cpu": ["bf16"]}), cells("cpu", "fp16_weights"), "cpu")


def test_gpus_of_one_kind_are_one_host_however_many_cells_are_dealt_out_to() -> None:
    alike = {"cuda:0": SEEN["devices"]["cuda:0"], "cuda:1": SEEN["devices"]["cuda:0"]}
    one = look_at_host(probed(devices=alike), cells("cuda", "fp32"), "cuda")
    two = look_at_host(probed(devices=alike), cells("cuda", "fp32"), "cuda", ("cuda:0", "cuda:1"))
    assert (host_key(one), ["cuda:0", "cuda:1"]) == (host_key(two), list(two["devices"]))


def test_cells_are_not_dealt_out_over_gpus_of_different_kinds() -> None:
    expected = (
        "cells are dealt out over GPUs of one kind: cuda:0 is H100, 80 GiB, 700 W, cuda:1 is T4, 15 GiB, 70 W"
        " (CUDA_VISIBLE_DEVICES leaves some out)"
    )
    with pytest.raises(UsageError) as raised:
        look_at_host(probed(), cells("cuda", "fp32"), "cuda", ("cuda:0", "cuda:1"))
    assert expected == str(raised.value)


def test_a_gpu_that_cells_are_to_be_dealt_out_to_must_be_there() -> None:
    with pytest.raises(UsageError, match=r"no device 'cuda:7' here: torch \S+ sees cuda:0 to cuda:1$"):
        look_at_host(probed(), cells("cuda", "fp32"), "cuda", ("cuda:0", "cuda:7"))


def test_a_precision_that_only_another_gpu_has_is_refused() -> None:
    with pytest.raises(UsageError, match="device 'cuda:1' has no tf32 here: it takes fp32"):
        look_at_host(probed(), cells("cuda:1", "tf32"), "cuda:1")


def test_a_precision_of_learning_that_the_device_lacks_is_refused() -> None:
    learning = [cell_of(device="cuda:1", precision="tf32")]
    with pytest.raises(UsageError, match="device 'cuda:1' has no tf32 here"):
        look_at_host(probed(), learning, "cuda:1")


def test_a_gpu_that_only_another_host_has_is_not_looked_for_here() -> None:
    executor = probed(gpus=[], devices={}, precisions={"cpu": ["fp32"], "mps": []})
    executor.hosts = lambda: (Host("local", 8, 1 << 34), Host("fast", 8, 1 << 34, ("cuda:0",)))  # type: ignore[method-assign]
    assert [] == look_at_host(executor, cells("cuda", "tf32"), "cuda")["gpus"]


def rated(device: str, status: Status = "ok") -> tuple[dict[str, Any], list[Rate]]:
    """The fingerprint of a host whose rates are told, and the jobs that asked for them."""
    asked: list[Rate] = []

    def answer(job: object) -> Outcome:
        if not isinstance(job, Rate):
            return Outcome("ok", details=SEEN)
        asked.append(job)
        return Outcome(status, details={"rates": {"threads": 2, "process": 0.0}, "seconds": 1e9})

    return look_at_host(Recorder(answer), cells(device, "fp32"), device), asked


def test_what_the_host_does_a_second_is_kept_with_its_fingerprint() -> None:
    # the job says that it took longer than all that was waited for it: no time is left for its start
    assert {"threads": 2, "process": 0.0} == rated("cpu")[0][RATES]


def test_rates_are_no_part_of_what_tells_hosts_apart() -> None:
    assert host_key(rated("cpu")[0]) == host_key(look_at_host(probed(), cells("cpu", "fp32"), "cpu"))


def test_a_host_whose_rates_cannot_be_measured_has_none() -> None:
    assert RATES not in rated("cpu", "failed")[0]


@pytest.mark.parametrize(("device", "gpu"), [("cpu", ""), ("cuda", "cuda:0"), ("cuda:1", "cuda:1")])
def test_of_gpus_the_one_that_is_measured_is_rated(device: str, gpu: str) -> None:
    assert [gpu] == [job.gpu for job in rated(device)[1]]


def trainings(*names: str, target: str = "uci-digits", weights: str = "imagenet") -> list[Cell]:
    """Of networks, by default with the ImageNet weights of torchvision."""
    where = Learning(
        weights=weights,
        target=target,
        mode="finetune:all",
        augmentation="none",
        resolution=32,
        shots=5,
        steps=60,
        batch=16,
        lr=1e-3,
    )
    return [Cell(name, "top1", where) for name in names]


def holding(**answers: Outcome) -> Recorder:
    """Tells of the architectures named which weights are kept; those of others are missing."""
    return Recorder(lambda job: answers.get(getattr(job, "name", ""), Outcome("ok")))


@pytest.fixture
def declared() -> None:
    load_catalogs()


@pytest.mark.usefixtures("declared")
class TestWhatIsMissing:
    def test_weights_are_named_with_the_option_that_fetches_them(self) -> None:
        told = missing(holding(), trainings("resnet18", "vgg16"))
        expected = "weights 'imagenet' of resnet18, vgg16 (--download fetches them into their library's cache)"
        assert expected == told

    def test_weights_that_are_kept_are_not_named(self) -> None:
        kept = Outcome("ok", details={"file": "resnet18.pth"})
        assert "" == missing(holding(resnet18=kept), trainings("resnet18"))

    def test_weights_that_nobody_has_are_told_by_their_reason(self) -> None:
        none = Outcome("unsupported", "torchvision has no ImageNet weights for lenet5")
        assert none.reason == missing(holding(lenet5=none), trainings("lenet5"))

    def test_data_are_named_with_the_folder_that_they_are_fetched_into(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(preparing, "data_place", lambda: DataPlace(tmp_path))
        cells = trainings("lenet5", target="svhn", weights="random")
        assert f"data svhn (--download fetches it into {tmp_path})" == missing(None, cells)
