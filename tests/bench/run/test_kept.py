"""Which kept fingerprint stands for this host, where none is taken."""

from pathlib import Path
from typing import Any

from bench.cell import Cell, Cost
from bench.machine.host import fingerprint, host_key, measured_on
from bench.run.kept import known_host
from bench.store.database import RunRow, Store

GPU = {"name": "H100", "memory": 80 << 30, "power_limit": 700.0, "uuid": "GPU-1"}
SEEN: dict[str, Any] = {"torch_build": "2.13.0", "mps": False, "gpus": ["H100"], "devices": {"cuda:0": GPU}}


def keep(store: Store, name: str, host: dict[str, Any]) -> None:
    run = RunRow(name, f"2026-01-01T00:00:0{name}.000+00:00", "custom", "evobench run", host, host_key(host), {})
    store.begin_run(run, [], [])


def cells(device: str) -> list[Cell]:
    return [Cell("net", "latency", Cost(mode="infer", resolution=8, device=device))]


def test_the_host_of_a_run_on_a_gpu_stands_for_cells_on_a_gpu_alone(tmp_path: Path) -> None:
    on_cpu = fingerprint(measured_on(SEEN, ["cpu"]))
    on_gpu = fingerprint(measured_on(SEEN, ["cuda"]))
    with Store.create(tmp_path / "s.sqlite") as store:
        keep(store, "1", on_cpu)
        keep(store, "2", on_gpu)
        found = [known_host(store, cells(device)) for device in ("cpu", "cuda")]
        assert [host_key(on_cpu), host_key(on_gpu)] == [host_key(host or {}) for host in found]


def test_another_machine_s_host_stands_for_nothing(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite") as store:
        keep(store, "1", {**fingerprint(measured_on(SEEN, [])), "cpu": "another"})
        assert None is known_host(store, cells("cpu"))
