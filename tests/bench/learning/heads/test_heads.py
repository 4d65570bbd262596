"""Heads on frozen features: softmax regression, many at a time, beside those that are fitted one by one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from bench.learning.heads import softmax
from bench.learning.heads.alone import SORTS, Classifier, trained
from bench.learning.heads.head import Head, HeadTask, Labelled, Standard
from bench.learning.heads.softmax import every_head, softmax_heads
from bench.learning.recipes import CANDIDATES, PLAIN, RECIPES, Objective, Values
from bench.learning.seeds import seeded, stream
from bench.learning.training.loop import TrainingPlan
from bench.learning.training.order import ImageOrder
from bench.learning.training.techniques.losses import class_weights, mean_loss

HARNESS = RECIPES.get("harness")
TRAINING = TrainingPlan(HARNESS, 60, HARNESS.values(0.01))


def clouds(n: int, classes: int, seed: int, apart: float = 6.0) -> Labelled:
    """Gaussian clouds around fixed centres, in eight dimensions."""
    centres = torch.randn(classes, 8, generator=torch.Generator().manual_seed(99)) * apart
    labels = torch.arange(n) % classes
    noise = torch.randn(n, 8, generator=torch.Generator().manual_seed(seed))
    return Labelled.all(centres[labels] + noise, labels)


def task(classes: int = 3, apart: float = 6.0, seed: int = 0) -> HeadTask:
    train = clouds(30, classes, 10 * seed, apart)
    return HeadTask(train, clouds(60, classes, 10 * seed + 1, apart), classes, seed=seed, fold=0)


def together(*tasks: HeadTask, training: TrainingPlan = TRAINING) -> tuple[Head, ...]:
    return softmax_heads(tasks, training, 16, lambda progress: None)


def softmax_head(some: HeadTask) -> Head:
    return together(some)[0]


def svm_head(some: HeadTask) -> Classifier:
    return trained(SORTS["svm"], some)


def logistic_head(some: HeadTask) -> Classifier:
    return trained(SORTS["logistic"], some)


def neighbours(some: HeadTask) -> Classifier:
    return trained(SORTS["knn"], some)


Train = Callable[[HeadTask], Classifier]
HEADS = pytest.mark.parametrize("train", [softmax_head, svm_head, logistic_head, neighbours])


@HEADS
@pytest.mark.parametrize("classes", [2, 3])
def test_a_head_tells_clouds_apart_that_lie_apart(train: Train, classes: int) -> None:
    head = train(task(classes))
    unseen = clouds(90, classes, seed=2)
    assert unseen.labels.tolist() == head.scores(unseen.features).argmax(1).tolist()


@HEADS
def test_the_same_task_gives_the_same_head(train: Train) -> None:
    unseen = clouds(90, 3, seed=2).features
    assert train(task()).scores(unseen).equal(train(task()).scores(unseen))


@pytest.mark.parametrize(
    ("train", "strongest"), [(softmax_head, CANDIDATES[0]), (svm_head, SORTS["svm"].usual[0])]
)
def test_the_strongest_regularisation_wins_a_tie(train: Train, strongest: float) -> None:
    head = train(task(apart=60.0))
    assert (1.0, strongest) == (head.val, head.strength)


@HEADS
def test_the_strength_that_validates_best_is_chosen(train: Train) -> None:
    hard = task(apart=0.7)
    chosen = train(hard)
    scores = chosen.scores(hard.val.features)
    assert chosen.val == pytest.approx(float((scores.argmax(1) == hard.val.labels).double().mean()))


def by(objective: Objective, *tasks: HeadTask, **changes: object) -> tuple[Head, ...]:
    recipe = replace(HARNESS, objective=objective, **changes)  # type: ignore[arg-type]
    return together(*tasks, training=replace(TRAINING, recipe=recipe))


def unequal(seed: int = 0) -> HeadTask:
    """Of three clouds that run into each other, the first has seven times the images of the last."""
    given = task(apart=0.5, seed=seed)
    rows = torch.cat([given.train.rows[given.train.labels == c][: (7, 3, 1)[c]] for c in range(3)])
    return replace(given, train=replace(given.train, rows=rows))


def test_a_head_s_loss_weighs_images_as_that_of_a_network_does() -> None:
    """A curve's first loss, of one step and one batch of all images, is torch's own weighted one."""
    given, objective = unequal(), Objective(smoothing=0.1, balanced=True)
    features, labels = given.train.own
    with seeded(stream("head", given.seed, given.fold)):
        layer = nn.Linear(8, 3)
    expected = mean_loss(layer(Standard.of(features).apply(features)), labels, 0.1, class_weights(labels, 3))
    training = replace(TRAINING, recipe=replace(HARNESS, objective=objective), steps=1)
    (head,) = softmax_heads([given], training, len(labels), lambda progress: None)
    assert float(expected.detach()) == pytest.approx(head.curve[0].loss, rel=1e-5)


def test_each_of_many_heads_weighs_by_its_own_training_images() -> None:
    tasks = [unequal(), replace(task(apart=0.5, seed=1), train=unequal(1).train)]
    tasks[1] = replace(tasks[1], train=replace(tasks[1].train, rows=tasks[1].train.rows.flip(0)[:9]))
    balanced = Objective(balanced=True)
    for head, alone in zip(by(balanced, *tasks), (by(balanced, some)[0] for some in tasks), strict=True):
        assert torch.allclose(alone.weight, head.weight, atol=1e-5)


def test_class_weights_have_a_head_name_rare_classes_more_often() -> None:
    unseen = clouds(600, 3, seed=2, apart=0.5).features
    plain, weighted = (
        by(some, unequal())[0].scores(unseen).argmax(1) for some in (PLAIN, Objective(balanced=True))
    )
    assert int((plain == 2).sum()) < int((weighted == 2).sum())


def test_a_last_fit_is_that_of_the_chosen_strength_on_all_images() -> None:
    plain, everything = task(apart=0.7), clouds(90, 3, 3, 0.7)
    chosen = softmax_head(plain)
    found = softmax_head(replace(plain, last=everything))
    only = replace(HARNESS, head_decays=(chosen.strength,))
    expected = together(replace(plain, train=everything), training=replace(TRAINING, recipe=only))[0]
    assert torch.allclose(expected.weight, found.weight, atol=1e-4)
    assert not torch.allclose(chosen.weight, found.weight, atol=1e-4)


@HEADS
def test_a_last_fit_tells_what_validation_saw_before_it(train: Train) -> None:
    plain = task(apart=0.7)
    first, found = train(plain), train(replace(plain, last=clouds(90, 3, 3, 0.7)))
    assert (first.val, first.strength) == (found.val, found.strength)
    assert [point.val for point in first.curve] == [point.val for point in found.curve]


def test_heads_that_are_trained_together_are_those_that_are_trained_alone() -> None:
    tasks = [task(apart=1.0, seed=seed) for seed in range(3)]
    for head, alone in zip(together(*tasks), (softmax_head(some) for some in tasks), strict=True):
        assert head.strength == alone.strength
        assert torch.allclose(alone.weight, head.weight, atol=1e-4)
        assert [p.step for p in alone.curve] == [p.step for p in head.curve]
        assert [p.loss for p in alone.curve] == pytest.approx([p.loss for p in head.curve], abs=1e-4)


def test_a_batch_of_heads_too_large_for_memory_is_trained_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [task(apart=1.0, seed=seed) for seed in range(3)]
    expected = together(*tasks)
    monkeypatch.setattr(softmax, "MOST_WEIGHTS", 1)
    assert all(
        torch.allclose(a.weight, b.weight, atol=1e-4) for a, b in zip(expected, together(*tasks), strict=True)
    )


def test_a_batched_head_is_what_torchs_own_adamw_makes() -> None:
    some, decay = task(apart=1.0), 0.1
    standard = Standard.of(some.train.features)
    with seeded(stream("head", 0, 0)):
        layer = nn.Linear(8, 3)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=TRAINING.values.lr, weight_decay=decay)
    order = ImageOrder(30, 16, 0, 0)
    for step in range(TRAINING.steps):
        optimizer.param_groups[0]["lr"] = TRAINING.lr_at(step, 0)
        features, labels = some.train.take(next(order))
        optimizer.zero_grad()
        nn.functional.cross_entropy(layer(standard.apply(features)), labels).backward()
        nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        optimizer.step()
    weight, bias = standard.folded(layer.weight.detach(), layer.bias.detach())
    head = together(some, training=replace(TRAINING, recipe=replace(HARNESS, head_decays=(decay,))))[0]
    assert torch.allclose(weight, head.weight, atol=1e-4)
    assert torch.allclose(bias, head.bias, atol=1e-4)


def test_heads_at_rates_of_their_own_are_what_torchs_own_adamw_makes() -> None:
    some, values = task(apart=1.0), (Values(0.02, 0.1), Values(0.003, 1.0))
    standard = Standard.of(some.train.features)
    heads = every_head([some], [values], TRAINING, 16, lambda _: None, apart=True)[0]
    for one, head in zip(values, heads, strict=True):
        with seeded(stream("head", 0, 0)):
            layer = nn.Linear(8, 3)
        optimizer = torch.optim.AdamW(layer.parameters(), lr=one.lr, weight_decay=one.weight_decay)
        order = ImageOrder(30, 16, 0, 0)
        for step in range(TRAINING.steps):
            optimizer.param_groups[0]["lr"] = replace(TRAINING, values=one).lr_at(step, 0)
            features, labels = some.train.take(next(order))
            optimizer.zero_grad()
            nn.functional.cross_entropy(layer(standard.apply(features)), labels).backward()
            nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
            optimizer.step()
        weight, bias = standard.folded(layer.weight.detach(), layer.bias.detach())
        assert torch.allclose(weight, head.weight, atol=1e-4)
        assert torch.allclose(bias, head.bias, atol=1e-4)


def test_the_lectures_recipe_trains_on_features_as_they_come_without_weight_decay() -> None:
    head = together(
        task(), training=TrainingPlan(RECIPES.get("lecture"), 60, RECIPES.get("lecture").values(0.001))
    )[0]
    assert 0.0 == head.strength
    assert head.val > 0.9


def test_a_head_whose_patience_is_over_keeps_its_best_weights() -> None:
    noise = replace(task(apart=0.3), train=replace(task(apart=0.3).train, rows=torch.arange(6)))
    head = together(
        noise, training=TrainingPlan(replace(HARNESS, head_decays=(0.0,)), 400, HARNESS.values(0.05), patience=3)
    )[0]
    best = min(point.val_loss for point in head.curve)
    loss = nn.functional.cross_entropy(head.scores(noise.val.features), noise.val.labels)
    assert best == pytest.approx(float(loss), abs=1e-3)
    assert head.curve[-1].step < 400


def test_a_folded_standardisation_gives_the_same_scores() -> None:
    features = clouds(40, 3, 0).features
    standard = Standard.of(features)
    weight, bias = torch.randn(3, 8), torch.randn(3)
    folded = Standard.folded(standard, weight, bias)
    expected = standard.apply(features) @ weight.T + bias
    assert torch.allclose(expected, features @ folded[0].T + folded[1], atol=1e-4)


def test_standardised_features_have_mean_zero_and_deviation_one() -> None:
    ready = Standard.of(features := clouds(40, 3, 0).features).apply(features)
    assert torch.allclose(torch.zeros(8), ready.mean(0), atol=1e-5)
    assert torch.allclose(torch.ones(8), ready.std(0, correction=0), atol=1e-5)


def test_a_feature_that_is_constant_in_training_is_not_blown_up() -> None:
    features = torch.cat([torch.randn(20, 3), torch.zeros(20, 1)], 1)
    ready = Standard.of(features).apply(torch.ones(1, 4))
    assert abs(float(ready[0, 3])) < 100
