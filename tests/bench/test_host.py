"""The fingerprint: what makes two hosts comparable."""

from pathlib import Path
from typing import Any

import pytest

from bench.host import _cgroup_quota, available_cpus, fingerprint, host_key

SEEN: dict[str, Any] = {"torch_build": "2.13.0", "cuda": None, "driver": None, "gpus": [], "mps": False}


def host(**changes: Any) -> dict[str, Any]:
    return {**fingerprint(SEEN), **changes}


def test_the_same_host_has_the_same_key() -> None:
    assert host_key(host()) == host_key(host())


@pytest.mark.parametrize(
    "change",
    [{"cpu": "another"}, {"cores": 96}, {"gpus": ["A GPU"]}, {"driver": "1.2"}, {"versions": {"torch": "3"}}],
    ids=lambda change: next(iter(change)),
)
def test_other_hardware_or_software_has_another_key(change: dict[str, Any]) -> None:
    assert host_key(host()) != host_key(host(**change))


def test_a_new_revision_of_the_code_is_the_same_host() -> None:
    assert host_key(host()) == host_key(host(git="another"))


def test_the_versions_of_what_computes_are_recorded() -> None:
    assert {"torch", "torchvision", "numpy"} <= set(host()["versions"])


def test_at_least_one_cpu_is_available() -> None:
    assert 1 <= available_cpus()


@pytest.mark.parametrize(("text", "cpus"), [("150000 100000", 1.5), ("max 100000", None), ("nonsense", None)])
def test_the_quota_of_a_control_group_is_read(tmp_path: Path, text: str, cpus: float | None) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert cpus == _cgroup_quota(tmp_path)


def test_the_quota_of_an_old_control_group_is_read(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text("200000")
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000")
    assert 2.0 == _cgroup_quota(tmp_path)


def test_without_control_groups_there_is_no_quota(tmp_path: Path) -> None:
    assert _cgroup_quota(tmp_path) is None
