"""Options that say where jobs run: how many at once, on which GPUs."""

import argparse
from pathlib import Path

import pytest

from bench.cli.how import How
from bench.cli.measuring import executor_of
from bench.cli.options.engines import LANE, add_engine_options, executor, gpus_of, lanes_here, lanes_of
from bench.cli.options.values import lanes
from bench.errors import UsageError
from bench.execute.executor import Host
from bench.run.driver import Pace

GB = 1 << 30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of 16 cores and 8 GiB."""
    monkeypatch.setattr("bench.cli.options.engines.available_cpus", lambda: 16)
    monkeypatch.setattr("bench.cli.options.engines.available_memory", lambda: 8 * LANE)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("asked", "memory_limit", "expected"), [(None, None, 8), (None, GB // 4, 16), (None, 99 * GB, 1), (3, None, 3)]
)
def test_lanes_are_as_many_as_cores_unless_memory_holds_fewer(
    asked: int | None, memory_limit: int | None, expected: int
) -> None:
    assert expected == lanes_here(asked, memory_limit)


@pytest.mark.usefixtures("machine")
def test_more_lanes_than_memory_holds_are_refused_in_one_line() -> None:
    expected = "9 lanes of 1074 MB are more than the 8590 MB here hold: 8 at most, or a lower --memory-limit"
    with pytest.raises(UsageError) as raised:
        lanes_here(9, None)
    assert expected == str(raised.value)


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", ""])
def test_what_is_no_number_of_lanes_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=rf"^'{text}' is not a number of lanes \(or 'auto'\): 1 or more$"):
        lanes(text)


def test_without_a_word_the_machine_decides() -> None:
    parser = argparse.ArgumentParser()
    add_engine_options(parser)
    assert (None, 2) == (parser.parse_args([]).lanes, parser.parse_args(["--lanes", "2"]).lanes)


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (None, (None, ())),
        ("cpu", ("cpu", ())),
        ("cuda:1", ("cuda:1", ())),
        ("cuda:1, cuda:0", ("cuda", ("cuda:1", "cuda:0"))),
    ],
)
def test_several_gpus_are_one_device_whose_cells_are_dealt_out(
    device: str | None, expected: tuple[str | None, tuple[str, ...]]
) -> None:
    assert expected == gpus_of(device)


@pytest.mark.parametrize("device", ["cuda:0,cpu", "cuda:0,cuda", "cuda:0,", "mps,cuda:0"])
def test_several_devices_must_all_be_gpus_by_their_index(device: str) -> None:
    with pytest.raises(UsageError, match="is not one of several GPUs: write --device cuda:0,cuda:1"):
        gpus_of(device)


def test_a_gpu_that_is_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^'cuda:1' is there twice in --device cuda:1,cuda:1$"):
        gpus_of("cuda:1,cuda:1")


def test_timings_are_on_no_host_that_is_not_there(tmp_path: Path) -> None:
    expected = "there is no host 'attic' that timings could run on: there is local"
    with pytest.raises(UsageError) as raised:
        executor_of(How(tmp_path / "e.sqlite", Pace(timings_on="attic")), (), ())
    assert expected == str(raised.value)


NODES = (Host("narrow", 4, 8 * LANE), Host("wide", 64, 32 * LANE))


@pytest.mark.parametrize(
    ("asked", "memory_limit", "expected"), [(None, None, 32), (None, 4 * LANE, 8), (5, None, 5), (32, None, 32)]
)
def test_a_cluster_has_as_many_lanes_a_host_as_the_largest_holds(
    asked: int | None, memory_limit: int | None, expected: int
) -> None:
    assert expected == lanes_of(NODES, asked, memory_limit)


def test_lanes_that_no_host_of_a_cluster_holds_are_refused_with_what_each_does() -> None:
    with pytest.raises(UsageError, match=r"^no host holds 33 lanes of 1074 MB: narrow 8, wide 32$"):
        lanes_of(NODES, 33, None)


@pytest.mark.parametrize("text", ["local", "ray", "ray:head:6379"])
def test_an_executor_is_this_machine_or_ray_with_or_without_an_address(text: str) -> None:
    assert text == executor(text)


@pytest.mark.parametrize("text", ["", "dask", "rays", "Ray", "ray:", "ray: "])
def test_another_executor_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="there is no executor"):
        executor(text)
