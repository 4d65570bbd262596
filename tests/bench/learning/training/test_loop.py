"""The loop of optimisation: its recipes, its order of data, its curve, its patience, and going on after a kill."""

from itertools import islice
from pathlib import Path

import pytest
import torch
from torch import nn

from bench.learning.data.augment import Augmenter
from bench.learning.recipes import RECIPES, Recipe
from bench.learning.training import unfinished
from bench.learning.training.loop import TrainingPlan, optimise
from bench.learning.training.order import ImageOrder
from bench.learning.training.unfinished import Unfinished
from bench.learning.training.watch import POINTS, Course, CurvePoint, Watch, marks

N, BATCH = 20, 4
HARNESS = RECIPES.get("harness")
UNSCALED = torch.amp.GradScaler("cpu", enabled=False)


def plan(recipe: Recipe, steps: int, lr: float, patience: int | None = None) -> TrainingPlan:
    return TrainingPlan(recipe, steps, recipe.values(lr), patience)


def share(step: int, steps: int) -> float:
    """Of the learning rate's peak."""
    return HARNESS.schedule(step, steps, 0.0)


def test_the_learning_rate_rises_over_the_first_tenth_of_the_steps() -> None:
    assert [0.2, 0.4, 0.6, 0.8, 1.0] == pytest.approx([share(step, 50) for step in range(5)])


def test_the_learning_rate_is_half_its_peak_in_the_middle_of_the_cosine() -> None:
    assert 0.5 == pytest.approx(share(55, 100))


def test_the_learning_rate_ends_near_zero() -> None:
    assert share(99, 100) < 0.001


def test_the_lectures_learning_rate_falls_to_a_tenth_every_seven_epochs() -> None:
    training = plan(RECIPES.get("lecture"), 100, 0.001)
    assert [1e-3, 1e-3, 1e-4, 1e-5] == pytest.approx([training.lr_at(0, epoch) for epoch in (0, 6.9, 7.0, 14.2)])


def test_the_lectures_optimizer_is_sgd_with_momentum() -> None:
    optimizer = plan(RECIPES.get("lecture"), 10, 0.001).optimizer([nn.Parameter(torch.ones(1))])
    assert isinstance(optimizer, torch.optim.SGD)
    assert (0.9, 0) == (optimizer.defaults["momentum"], optimizer.defaults["weight_decay"])


def test_every_image_comes_once_before_any_comes_again() -> None:
    epoch = torch.cat(list(islice(ImageOrder(12, 4, 0), 3)))
    assert list(range(12)) == epoch.sort().values.tolist()


def test_batches_stay_full_where_the_epoch_does_not_divide() -> None:
    assert {4} == {len(batch) for batch in islice(ImageOrder(10, 4, 0), 9)}


def test_the_order_depends_on_the_seed() -> None:
    first, second = (next(ImageOrder(100, 50, seed)).tolist() for seed in (0, 1))
    assert first != second


def test_an_order_goes_on_from_where_its_state_was_taken() -> None:
    order = ImageOrder(10, 4, 0)
    next(order)
    state = order.state()
    expected = [batch.tolist() for batch in islice(order, 5)]
    other = ImageOrder(10, 4, 1)
    other.restore(state)
    assert expected == [batch.tolist() for batch in islice(other, 5)]


def test_a_curve_has_a_point_at_the_end_of_each_epoch() -> None:
    assert {5, 10, 15, 20, 22} == marks(22, 5.0, every_epoch=False)


def test_a_long_training_is_looked_at_ten_times_at_most() -> None:
    assert POINTS >= len(marks(1000, 3.1, every_epoch=False))


def test_patience_looks_at_every_epoch() -> None:
    assert 100 == len(marks(500, 5.0, every_epoch=True))


class Line:
    """A weight that is to become 3, watched by a validation that the test makes up."""

    def __init__(self, folder: Path, training: TrainingPlan, val_losses: list[float] | None = None) -> None:
        torch.manual_seed(0)
        self.layer = nn.Linear(1, 1)
        self.seen: list[CurvePoint] = []
        self.training = training
        self.given = val_losses
        self.validated: list[torch.Tensor] = []
        self.target = 3.0
        self.watch = Watch(
            self.layer,
            self.validate,
            lambda point, steps: self.seen.append(point),
            Course(training.steps, BATCH, N, training.patience),
        )
        self.order = ImageOrder(N, BATCH, 0)
        self.unfinished = Unfinished(folder / "unfinished", self.layer, Augmenter("none", 0))

    def validate(self) -> tuple[float, float]:
        self.validated.append(self.layer.weight.detach().clone())
        return 0.5, self.given[len(self.seen)] if self.given else 1.0

    def loss(self, chosen: torch.Tensor) -> torch.Tensor:
        """Depends on the images' positions, and on the global generator as dropout does."""
        x = 1 + (chosen[:, None].float() - 9.5) / 50 + 0.01 * torch.rand(len(chosen), 1)
        return nn.functional.mse_loss(self.layer(x), self.target * x)

    def train(self) -> "Line":
        parameters = list(self.layer.parameters())
        optimise(parameters, self.loss, self.order, self.training, self.watch, self.unfinished)
        return self


@pytest.mark.parametrize(("name", "lr"), [("harness", 0.1), ("lecture", 0.05)])
def test_optimising_finds_what_the_data_say(name: str, lr: float, tmp_path: Path) -> None:
    line = Line(tmp_path, plan(RECIPES.get(name), 300, lr)).train()
    assert 3.0 == pytest.approx(float(line.layer(torch.ones(1, 1)).detach()), abs=0.05)


def test_a_curve_ends_at_the_last_step(tmp_path: Path) -> None:
    line = Line(tmp_path, plan(HARNESS, 23, 0.1)).train()
    assert 23 == line.watch.curve[-1].step
    assert line.seen == line.watch.curve


def test_a_point_tells_epochs_and_images(tmp_path: Path) -> None:
    point = Line(tmp_path, plan(HARNESS, 10, 0.1)).train().watch.curve[-1]
    assert (2.0, 40) == (point.epoch, point.images)


def test_a_loss_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    line = Line(tmp_path, plan(HARNESS, 12, 0.1))
    line.target = float("inf")
    with pytest.raises(
        FloatingPointError, match=r"not finite before anything is learned: the weights or the images"
    ):
        line.train()


def test_a_loss_that_grows_beyond_all_numbers_blames_the_learning_rate(tmp_path: Path) -> None:
    with pytest.raises(FloatingPointError, match="the learning rate is too high"):
        Line(tmp_path, plan(HARNESS, 12, 1e30)).train()


def test_training_stops_when_patience_is_over(tmp_path: Path) -> None:
    line = Line(
        tmp_path,
        plan(HARNESS, 50, 0.1, patience=2),
        [3.0, 2.0, 2.5, 2.1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    ).train()
    assert [5, 10, 15, 20] == [point.step for point in line.watch.curve]


def test_the_weights_of_the_best_validation_stand_when_patience_is_over(tmp_path: Path) -> None:
    line = Line(tmp_path, plan(HARNESS, 50, 0.1, patience=2), [3.0, 2.0, 2.5, 2.1, *[1.0] * 6]).train()
    assert 10 == line.watch.standing.step
    assert line.validated[1].equal(line.layer.weight)


class Killed(Exception):
    """What ends a training half way."""


@pytest.mark.parametrize("patience", [0, 3])
def test_a_killed_training_goes_on_to_the_same_weights(
    patience: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    training = plan(HARNESS, 40, 0.1, patience=patience)
    (tmp_path / "whole").mkdir()
    expected = Line(tmp_path / "whole", training).train()
    first, steps = Line(tmp_path, training), iter(range(40))
    usual = first.loss

    def dying(chosen: torch.Tensor) -> torch.Tensor:
        if next(steps) == 17:
            raise Killed
        return usual(chosen)

    first.loss = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        first.train()
    again = Line(tmp_path, training)
    torch.manual_seed(99)
    done: list[int] = []
    counted = again.loss

    def counting(chosen: torch.Tensor) -> torch.Tensor:
        done.append(1)
        return counted(chosen)

    again.loss = counting  # type: ignore[method-assign]
    again.train()
    assert expected.layer.weight.equal(again.layer.weight)
    assert (expected.watch.curve[-1].step - 17, expected.watch.curve[-1].val) == (
        len(done),
        again.watch.curve[-1].val,
    )


@pytest.mark.parametrize("content", [b"", b"no torch file", b"PK\x03\x04 half a torch file"])
def test_a_damaged_state_is_left_aside(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    expected = Line(tmp_path / "whole", plan(HARNESS, 20, 0.1)).train()
    (tmp_path / "unfinished").write_bytes(content)
    assert expected.layer.weight.equal(Line(tmp_path, plan(HARNESS, 20, 0.1)).train().layer.weight)
    assert not (tmp_path / "unfinished").exists()


def test_a_short_training_writes_nothing(tmp_path: Path) -> None:
    Line(tmp_path, plan(HARNESS, 20, 0.1)).train()
    assert [] == list(tmp_path.iterdir())


def test_a_training_that_fails_after_it_was_resumed_begins_afresh_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    file = tmp_path / "unfinished"

    def fails_at(step: int) -> None:
        line, steps = Line(tmp_path, plan(HARNESS, 40, 0.1)), iter(range(40))
        usual = line.loss

        def failing(chosen: torch.Tensor) -> torch.Tensor:
            if next(steps) == step:
                raise RuntimeError("Expected all tensors to be on the same device")
            return usual(chosen)

        line.loss = failing  # type: ignore[method-assign]
        with pytest.raises(RuntimeError, match="same device"):
            line.train()

    fails_at(17)
    assert file.exists()
    fails_at(3)
    assert not file.exists()


def test_a_full_disk_leaves_the_state_that_a_training_went_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    state = Unfinished(tmp_path / "unfinished", nn.Linear(1, 1), Augmenter("none", 0))
    line = Line(tmp_path, plan(HARNESS, 40, 0.1))
    state.keep(1, line.training.optimizer(list(line.layer.parameters())), line.order, line.watch, UNSCALED)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space"):
        line.train()
    assert (tmp_path / "unfinished").exists()


def test_losses_that_were_read_from_a_file_go_where_the_model_is(tmp_path: Path) -> None:
    first = Line(tmp_path, plan(HARNESS, 40, 0.1)).watch
    first.goes_on(1, torch.tensor(2.0))
    elsewhere = Watch(nn.Linear(1, 1, device="meta"), lambda: (0.5, 1.0), lambda *_: None, Course(40, BATCH, N))
    elsewhere.restore(first.state())
    elsewhere.goes_on(2, torch.tensor(2.0, device="meta"))
    losses = elsewhere.state()["losses"]
    assert ("meta", 2) == (losses.device.type, len(losses))


def test_a_resumed_training_goes_on_with_the_random_stream_of_its_own_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    line, restored = Line(tmp_path, plan(HARNESS, 40, 0.1)), []
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda device: torch.tensor([device.index]))
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda state, device: restored.append((int(state), device)))
    gpu = torch.device("cuda:1")
    line.unfinished._device = gpu
    optimizer = line.training.optimizer(list(line.layer.parameters()))
    line.unfinished.keep(1, optimizer, line.order, line.watch, UNSCALED)
    line.unfinished.resume(optimizer, line.order, line.watch, UNSCALED)
    assert [(1, gpu)] == restored
