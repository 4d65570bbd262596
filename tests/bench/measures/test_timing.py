"""Latency, throughput and training steps, of networks that take their time from the test's own clock."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench import clock as clock_module
from bench.cell import BEST, Cell, Cost, Samples
from bench.clock import MINIMUM, SPLITS, Clock
from bench.declare.artifact import Shelf
from bench.declare.catalog import MEASURES, architecture
from bench.errors import Unsupported
from bench.measures._search import TRIES
from bench.measures.timing import latency, step, throughput, train_step
from bench.network.subject import Subject

on_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is seen")
Seconds = Callable[[int], float]


class Hands:
    """A time that passes only while a network runs."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.takes: Seconds = lambda batch: float(batch)
        """Seconds of a forward pass."""
        self.backward = 0.0
        """Seconds of a backward pass."""

    def perf_counter(self) -> float:
        return self.seconds


class Slow(torch.autograd.Function):
    """The identity; its backward pass moves the hands."""

    @staticmethod
    def forward(context: object, value: torch.Tensor, hands: Hands) -> torch.Tensor:
        context.hands = hands  # type: ignore[attr-defined]
        return value.clone()

    @staticmethod
    def backward(context: object, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        hands: Hands = context.hands  # type: ignore[attr-defined]
        hands.seconds += hands.backward
        return gradient, None


class Net(nn.Module):
    """Ten classes from one linear layer of all pixels, and an auxiliary classifier while it trains."""

    def __init__(self, hands: Hands, num_classes: int) -> None:
        super().__init__()
        self.hands = hands
        self.layer, self.aux = nn.Linear(16, num_classes), nn.Linear(16, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor, None]:
        self.hands.seconds += self.hands.takes(len(images))
        out: torch.Tensor = self.layer(images.flatten(1))
        if not self.training:
            return out
        return Slow.apply(out, self.hands), self.aux(images.flatten(1)), None  # type: ignore[no-untyped-call]


@pytest.fixture
def hands(no_declarations: None, monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The time that clocks read, and the declared network that moves it."""
    hands = Hands()
    monkeypatch.setattr(clock_module, "time", hands)

    def net(num_classes: int) -> nn.Module:
        return Net(hands, num_classes)

    architecture(family="F", year=2026, paper="none", channels=1)(net)
    return hands


@pytest.fixture
def subject(hands: Hands, tmp_path: Path) -> Callable[..., Subject]:
    """Makes subjects of that network."""

    def make(mode: str = "infer", batch: int = 2, **conditions: Any) -> Subject:
        scenario = Cost(mode=mode, resolution=4, batch=batch, **conditions)  # type: ignore[arg-type]
        return Subject(Cell("net", "m", scenario), Shelf(tmp_path), lambda _: None)

    return make


def searched(subject: Callable[..., Subject], seconds: float = 1000) -> Samples:
    return throughput(subject(batch=BEST), Clock(seconds))


def tried(samples: Samples) -> list[int]:
    return [trial["batch"] for trial in samples.details["search"]]


def test_latency_is_the_time_of_one_pass_of_the_batch(subject: Callable[..., Subject]) -> None:
    assert {2.0} == set(latency(subject(), Clock(100)).values)


def test_throughput_is_the_batch_over_the_time(hands: Hands, subject: Callable[..., Subject]) -> None:
    hands.takes = lambda batch: 0.5
    assert {4.0} == set(throughput(subject(batch=2), Clock(100)).values)


def test_the_first_call_of_throughput_stays_in_seconds(hands: Hands, subject: Callable[..., Subject]) -> None:
    hands.takes = lambda batch: 0.5
    timed = throughput(subject(batch=2), Clock(100))
    assert (4.0, 0.5) == (timed.warmup[0], timed.details["first_call"])


def test_throughput_claims_no_percentile_of_seconds(subject: Callable[..., Subject]) -> None:
    assert "p99" not in throughput(subject(), Clock(1e9)).details


def test_throughput_is_declared_to_find_the_best_batch() -> None:
    assert ["throughput"] == [
        name for name in ("latency", "throughput", "train_step") if MEASURES.get(name).finds_batch
    ]


def test_the_search_doubles_until_two_doublings_bring_nothing(
    hands: Hands, subject: Callable[..., Subject]
) -> None:
    hands.takes = lambda batch: max(1.0, batch / 4)
    timed = searched(subject)
    assert [1, 2, 4, 8, 16] == tried(timed)
    assert "2 doublings in a row brought less than 5 % more" == timed.details["search_ended"]


def test_one_doubling_that_brings_nothing_does_not_end_the_search(
    hands: Hands, subject: Callable[..., Subject]
) -> None:
    hands.takes = lambda batch: {1: 1.0, 2: 2.0, 4: 2.0}.get(batch, batch / 2)
    assert 4 == searched(subject).details["best_batch"]


def test_the_search_ends_at_the_largest_batch(hands: Hands, subject: Callable[..., Subject]) -> None:
    hands.takes = lambda batch: 1.0
    timed = searched(subject)
    assert (1024, 1024) == (timed.details["best_batch"], tried(timed)[-1])
    assert "1024 is the largest batch that is tried" == timed.details["search_ended"]


def test_the_best_batch_is_the_one_that_is_timed(hands: Hands, subject: Callable[..., Subject]) -> None:
    hands.takes = lambda batch: max(1.0, batch / 4)
    assert {4.0} == set(searched(subject).values)


def test_the_search_keeps_what_each_batch_gave(hands: Hands, subject: Callable[..., Subject]) -> None:
    hands.takes = lambda batch: max(1.0, batch / 4)
    assert {"batch": 2, "median": 2.0, "n": TRIES} == searched(subject).details["search"][1]


def test_the_search_ends_with_the_seconds_and_leaves_enough_for_the_best(
    hands: Hands, subject: Callable[..., Subject]
) -> None:
    hands.takes = lambda batch: 1.0
    timed = searched(subject, seconds=40)
    assert "time limit reached" == timed.details["search_ended"]
    assert len(timed.values) >= MINIMUM
    assert hands.seconds <= 41


def test_a_batch_that_would_outlast_the_seconds_is_not_tried(
    hands: Hands, subject: Callable[..., Subject]
) -> None:
    hands.takes = lambda batch: 10.0 * batch
    assert [1] == tried(searched(subject, seconds=100))


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("std::bad_alloc"), MemoryError()],
    ids=lambda error: type(error).__name__,
)
def test_a_batch_that_memory_does_not_hold_ends_the_search(
    hands: Hands, subject: Callable[..., Subject], error: Exception
) -> None:
    def takes(batch: int) -> float:
        if batch > 4:
            raise error
        return 1.0

    hands.takes = takes
    timed = searched(subject)
    assert (4, [1, 2, 4]) == (timed.details["best_batch"], tried(timed))
    assert "memory did not suffice for a batch of 8" == timed.details["search_ended"]


def test_another_error_of_a_larger_batch_is_not_taken_for_a_want_of_memory(
    hands: Hands, subject: Callable[..., Subject]
) -> None:
    def takes(batch: int) -> float:
        if batch > 1:
            raise RuntimeError("shape '[1, 48]' is invalid")
        return 1.0

    hands.takes = takes
    with pytest.raises(RuntimeError, match="is invalid"):
        searched(subject)


def test_where_memory_holds_not_even_one_image_the_error_is_raised(
    hands: Hands, subject: Callable[..., Subject]
) -> None:
    def takes(batch: int) -> float:
        raise MemoryError

    hands.takes = takes
    with pytest.raises(MemoryError):
        searched(subject)


@pytest.mark.parametrize("measure", [latency, train_step])
def test_other_measures_have_no_best_batch(
    subject: Callable[..., Subject], measure: Callable[[Subject, Clock], Samples]
) -> None:
    with pytest.raises(Unsupported, match="the best batch is a question for throughput"):
        measure(subject("train", BEST), Clock(1))


def test_a_training_step_is_timed_as_a_whole(hands: Hands, subject: Callable[..., Subject]) -> None:
    hands.backward = 4.0
    assert {2.0 + 4.0} == set(train_step(subject("train"), Clock(100)).values)


def test_a_training_step_is_timed_in_its_parts_too(hands: Hands, subject: Callable[..., Subject]) -> None:
    hands.backward = 4.0
    parts = train_step(subject("train"), Clock(600)).details["parts"]
    assert {"forward": [2.0] * SPLITS, "backward": [4.0] * SPLITS, "optimizer": [0.0] * SPLITS} == parts


def test_parts_of_a_training_step_take_a_fifth_of_the_seconds(
    hands: Hands, subject: Callable[..., Subject]
) -> None:
    seconds = cycle([1.0, 2.0])  # so that precision does not end the whole steps
    hands.takes = lambda batch: next(seconds)
    parts = train_step(subject("train"), Clock(60)).details["parts"]
    assert 60 / 5 == pytest.approx(sum(parts["forward"]), abs=2)


def test_a_training_step_changes_the_weights_and_leaves_no_gradients(subject: Callable[..., Subject]) -> None:
    made = subject("train")
    before = [parameter.clone() for parameter in made.model.parameters()]
    step(made)()
    after = list(made.model.parameters())
    assert [False] * 4 == [a.equal(b) for a, b in zip(before, after, strict=True)]
    assert all(parameter.grad is None for parameter in after)


def test_the_whole_step_is_its_parts_one_after_the_other(subject: Callable[..., Subject]) -> None:
    whole, split = subject("train"), subject("train")
    split.model.load_state_dict(whole.model.state_dict())
    step(whole)()
    for part in step(split).parts.values():
        part()
    pairs = zip(whole.model.parameters(), split.model.parameters(), strict=True)
    assert all(a.equal(b) for a, b in pairs)


def test_an_auxiliary_classifier_adds_three_tenths_of_its_loss(subject: Callable[..., Subject]) -> None:
    made = subject("train")
    call = step(made)
    call.parts["forward"]()
    with torch.no_grad():
        main, auxiliary = (nn.functional.cross_entropy(y, made.labels) for y in made.model(made.images)[:2])
    assert float(main + 0.3 * auxiliary) == pytest.approx(float(call._loss.detach()))


def test_half_precision_trains_with_scaled_losses_and_says_so(subject: Callable[..., Subject]) -> None:
    scaling = train_step(subject("train", precision="fp16"), Clock(20)).details["loss_scaling"]
    assert ("torch.amp.GradScaler", True) == (scaling["by"], 0 < scaling["scale"] <= 65536)


def test_other_precisions_scale_no_losses(subject: Callable[..., Subject]) -> None:
    assert "loss_scaling" not in train_step(subject("train", precision="bf16"), Clock(20)).details


@pytest.mark.gpu
@on_cuda
def test_what_cuda_does_not_hold_ends_the_search(hands: Hands, subject: Callable[..., Subject]) -> None:
    def takes(batch: int) -> float:
        torch.empty(1 << (50 if batch > 4 else 10), device="cuda")
        return 1.0

    hands.takes = takes
    timed = throughput(subject(batch=BEST, device="cuda"), Clock(1000, "cuda"))
    assert "memory did not suffice for a batch of 8" == timed.details["search_ended"]
