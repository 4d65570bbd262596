"""How long a device waits."""

from types import SimpleNamespace

import pytest

from evobench import Unsupported
from tests.gpu_check.watched import Window, covered


def kernel(begin: float, end: float, name: str = "gemm") -> SimpleNamespace:
    """Begin and end in microseconds, as the profiler has them."""
    span = SimpleNamespace(start=begin, end=end)
    return SimpleNamespace(name=name, device_type=SimpleNamespace(name="CUDA"), time_range=span)


def window(*events: SimpleNamespace, utilisation: tuple[float, ...] = ()) -> Window:
    profile = SimpleNamespace(events=lambda: list(events))
    return Window("cuda", 8, 4, seconds=1.0, utilisation=list(utilisation), _profile=profile)


@pytest.mark.parametrize(
    ("spans", "length"),
    [([], 0.0), ([(0.0, 1.0), (2.0, 3.0)], 2.0), ([(0.0, 2.0), (1.0, 3.0)], 3.0), ([(0.0, 3.0), (1.0, 2.0)], 3.0)],
)
def test_what_overlaps_counts_once(spans: list[tuple[float, float]], length: float) -> None:
    assert length == covered(spans)


def test_a_gpu_waits_when_no_kernel_runs() -> None:
    share, how = window(kernel(0, 300_000), kernel(200_000, 400_000)).idle()
    assert pytest.approx(0.6) == share
    assert "kernels, by torch's profiler" == how


def test_a_gpu_that_only_copies_waits_too() -> None:
    share, _ = window(kernel(0, 300_000), kernel(300_000, 900_000, "Memcpy HtoD (Pageable -> Device)")).idle()
    assert pytest.approx(0.7) == share


def test_where_the_profiler_sees_nothing_nvml_tells() -> None:
    share, how = window(utilisation=(0.2, 0.4, 0.9)).idle()
    assert pytest.approx(0.6) == share
    assert "utilisation, by NVML" == how


def test_where_nothing_tells_that_is_said() -> None:
    with pytest.raises(Unsupported, match="neither the profiler nor NVML"):
        window().idle()


def test_a_training_that_ended_before_the_window_has_no_share() -> None:
    with pytest.raises(Unsupported, match="told of 1 points"):
        Window("cuda", 8, marks=1).idle()


def test_the_rate_is_that_of_the_window() -> None:
    watched = Window("cpu", 8)
    for step in (10, 20, 30, 40):
        watched.mark({"step": step})
    assert 20 * 8 / watched.seconds == watched.rate
