"""Control groups of both versions, from made folders."""

from pathlib import Path

import pytest

from bench.machine.cgroup import folders, memory, oom_kills, quota, throttling


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def version_2(root: Path, group: str = "/job/cell", **files: str) -> Path:
    """A machine with version 2, this process in `group`; files are `GROUP__FILE`, with dots for underscores."""
    write(root, {"proc/self/cgroup": f"0::{group}\n"})
    places = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    return write(root, {f"sys/fs/cgroup/{name}": text for name, text in places.items()})


def version_1(root: Path, **files: str) -> Path:
    """A machine with version 1 controllers, and a version 2 hierarchy without any beside them."""
    groups = "4:memory:/job\n2:cpu,cpuacct:/job\n0::/elsewhere\n"
    places = {
        "proc/self/cgroup": groups,
        "sys/fs/cgroup/cpu,cpuacct/job/tasks": "",
        "sys/fs/cgroup/memory/job/tasks": "",
    }
    write(root, places)
    names = {"cpu": "cpu,cpuacct/job", "memory": "memory/job"}
    for name, text in files.items():
        write(root, {f"sys/fs/cgroup/{names[name.partition('_')[0]]}/{name.replace('_', '.', 1)}": text})
    return root


def test_the_groups_are_the_own_one_and_those_around_it(tmp_path: Path) -> None:
    root = version_2(tmp_path, job__cell__cpu_max="max 100000")
    top = root / "sys/fs/cgroup"
    assert [top / "job/cell", top / "job", top] == folders("cpu", root)


def test_where_the_own_group_is_not_mounted_that_which_is_stands_for_it(tmp_path: Path) -> None:
    root = version_2(tmp_path, "/kubepods/pod1", cpu_max="50000 100000")
    assert 0.5 == quota(root)


@pytest.mark.parametrize(
    ("text", "cpus"), [("150000 100000", 1.5), ("max 100000", None), ("0 100000", None), ("nonsense", None)]
)
def test_the_quota_is_in_cpus(tmp_path: Path, text: str, cpus: float | None) -> None:
    assert cpus == quota(version_2(tmp_path, job__cell__cpu_max=text))


def test_the_tightest_quota_of_the_groups_around_holds(tmp_path: Path) -> None:
    root = version_2(
        tmp_path, job__cell__cpu_max="max 100000", job__cpu_max="200000 100000", cpu_max="400000 100000"
    )
    assert 2.0 == quota(root)


@pytest.mark.parametrize(("text", "cpus"), [("200000", 2.0), ("-1", None)])
def test_the_quota_of_version_1_is_read(tmp_path: Path, text: str, cpus: float | None) -> None:
    assert cpus == quota(version_1(tmp_path, cpu_cfs_quota_us=text, cpu_cfs_period_us="100000"))


def test_without_control_groups_there_is_no_quota(tmp_path: Path) -> None:
    assert quota(tmp_path) is None


def test_the_tightest_memory_of_the_groups_around_holds(tmp_path: Path) -> None:
    assert 2000 == memory(version_2(tmp_path, job__memory_max="2000", job__cell__memory_max="max"))


def test_the_memory_of_version_1_is_read(tmp_path: Path) -> None:
    assert 3000 == memory(version_1(tmp_path, memory_limit_in_bytes="3000"))


def test_without_control_groups_memory_has_no_limit(tmp_path: Path) -> None:
    assert memory(tmp_path) is None


def test_throttling_is_counted_in_stops_and_seconds(tmp_path: Path) -> None:
    root = version_2(tmp_path, job__cell__cpu_stat="nr_periods 9\nnr_throttled 4\nthrottled_usec 250000\n")
    assert (4, 0.25) == throttling(root)


def test_throttling_of_version_1_is_counted_in_nanoseconds(tmp_path: Path) -> None:
    root = version_1(tmp_path, cpu_stat="nr_periods 9\nnr_throttled 4\nthrottled_time 250000000\n")
    assert (4, 0.25) == throttling(root)


def test_a_group_around_that_is_throttled_throttles_the_cell(tmp_path: Path) -> None:
    own, around = "nr_throttled 0\nthrottled_usec 0\n", "nr_throttled 7\nthrottled_usec 1000000\n"
    assert (7, 1.0) == throttling(version_2(tmp_path, job__cell__cpu_stat=own, job__cpu_stat=around))


def test_where_no_group_counts_throttling_that_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no control group counts it"):
        throttling(version_2(tmp_path, job__cell__cpu_stat="usage_usec 12\n"))


def test_kills_for_want_of_memory_are_those_of_the_own_group(tmp_path: Path) -> None:
    root = version_2(tmp_path, job__cell__memory_events="oom 3\noom_kill 2\n", job__memory_events="oom_kill 9\n")
    assert 2 == oom_kills(root)


def test_kills_are_counted_by_version_1_too(tmp_path: Path) -> None:
    root = version_1(tmp_path, memory_oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    assert 5 == oom_kills(root)


def test_where_the_group_counts_no_kills_the_machine_does(tmp_path: Path) -> None:
    assert 1 == oom_kills(write(version_2(tmp_path), {"proc/vmstat": "nr_free_pages 7\noom_kill 1\n"}))


def test_where_nobody_counts_kills_nothing_is_told(tmp_path: Path) -> None:
    assert oom_kills(version_2(tmp_path)) is None
