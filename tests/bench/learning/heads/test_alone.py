"""Heads that are fitted one by one: the linear SVM, logistic regression by L-BFGS, nearest neighbours."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

from bench.learning.heads import logistic, svm
from bench.learning.heads.alone import SORTS, Sort, trained, tuned
from bench.learning.heads.head import Head, HeadTask, Labelled, Standard
from bench.learning.heads.neighbours import TEMPERATURE, Neighbours
from tests.bench.learning.heads.test_heads import clouds, task

EVERY = pytest.mark.parametrize("name", SORTS)
LINEAR = pytest.mark.parametrize("name", ["svm", "logistic"])
UNSEEN = clouds(90, 3, 5, 0.7).features


class TestValues:
    @EVERY
    @pytest.mark.parametrize("number", [0, 1, 7, 63])
    def test_there_are_as_many_further_ones_as_are_asked_for(self, name: str, number: int) -> None:
        assert number == len(set(SORTS[name].further(number)))

    @EVERY
    def test_what_fits_least_closely_comes_first(self, name: str) -> None:
        for found in (SORTS[name].usual, SORTS[name].further(7)):
            assert sorted(found, reverse=name == "knn") == list(found)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("svm", (1e-4, 1e-3, 1e-2, 1e-1)),
            ("logistic", (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100)),
            ("knn", (20, 10, 5, 1)),
        ],
    )
    def test_without_tuning_they_are_these(self, name: str, expected: tuple[float, ...]) -> None:
        assert expected == pytest.approx(SORTS[name].usual)

    def test_a_single_further_one_is_no_edge_of_the_range(self) -> None:
        assert {"svm": 10**-2.5, "logistic": 10**-1.5, "knn": 14} == pytest.approx(
            {name: sort.further(1)[0] for name, sort in SORTS.items()}
        )

    @LINEAR
    @pytest.mark.parametrize("number", [1, 4, 7, 8])
    def test_further_ones_are_none_of_those_without_tuning(self, name: str, number: int) -> None:
        assert set() == set(SORTS[name].usual) & set(SORTS[name].further(number))


def made_up(vals: dict[float, tuple[float, float | None]], further: int = 0) -> Sort:
    """A sort of head whose values have this top-1 and loss on validation images; the last are further ones."""

    def fit(some: HeadTask, value: float) -> Head:
        val, loss = vals[value]
        return Head(torch.zeros(3, 8), torch.zeros(3), (), val, value, val_loss=loss)

    usual, rest = tuple(vals)[: len(vals) - further], tuple(vals)[len(vals) - further :]
    return Sort("C", usual, lambda n: rest[:n], fit, probabilistic=True)


class TestTuned:
    def test_the_first_trial_is_what_stands_without_tuning(self) -> None:
        sort = made_up({1.0: (0.7, None), 2.0: (0.8, None), 3.0: (0.9, None), 4.0: (0.6, None)}, further=2)
        found = tuned(sort, task(), 3)
        assert [{"C": 2.0}, {"C": 3.0}, {"C": 4.0}] == [trial.values for trial in found.choice.trials]
        assert found.first is not None
        assert (3.0, 2.0) == (found.head.strength, found.first.strength)

    @EVERY
    def test_both_heads_have_a_last_fit(self, name: str) -> None:
        some = replace(task(apart=0.7), last=clouds(90, 3, 3, 0.7))
        found = tuned(SORTS[name], some, 4)
        assert found.first is not None
        assert trained(SORTS[name], some).scores(UNSEEN).equal(found.first.scores(UNSEEN))
        alone = SORTS[name].fit(replace(some, train=some.last or some.train), found.head.strength)
        assert alone.scores(UNSEEN).equal(found.head.scores(UNSEEN))


class TestChoice:
    @pytest.mark.parametrize(
        ("vals", "expected"),
        [
            ({1.0: (0.8, 0.1), 2.0: (0.9, 0.9), 3.0: (0.7, 0.1)}, 2.0),
            ({1.0: (0.9, 0.5), 2.0: (0.9, 0.3), 3.0: (0.9, 0.4)}, 2.0),
            ({1.0: (0.9, 0.3), 2.0: (0.9, 0.3), 3.0: (0.8, 0.1)}, 1.0),
            ({1.0: (0.9, None), 2.0: (0.9, None), 3.0: (0.9, None)}, 1.0),
        ],
        ids=["the highest top-1", "then the lower loss", "then the strongest", "without a loss the strongest"],
    )
    def test_the_best_on_validation_images_is(
        self, vals: dict[float, tuple[float, float | None]], expected: float
    ) -> None:
        assert expected == trained(made_up(vals), task()).strength

    @EVERY
    def test_a_last_fit_is_that_of_the_chosen_candidate_on_all_images(self, name: str) -> None:
        plain, everything = task(apart=0.7), clouds(90, 3, 3, 0.7)
        first, found = (trained(SORTS[name], some) for some in (plain, replace(plain, last=everything)))
        expected = SORTS[name].fit(replace(plain, train=everything), first.strength).scores(UNSEEN)
        assert torch.equal(expected, found.scores(UNSEEN))
        assert not torch.allclose(first.scores(UNSEEN), found.scores(UNSEEN), atol=1e-4)

    @EVERY
    def test_a_last_fit_tells_what_validation_images_saw_of_the_first(self, name: str) -> None:
        plain, everything = task(apart=0.7), clouds(90, 3, 3, 0.7)
        first, found = (trained(SORTS[name], some) for some in (plain, replace(plain, last=everything)))
        assert (first.val, first.val_loss) == (found.val, found.val_loss)


class TestLinear:
    @LINEAR
    def test_it_has_a_weight_per_class_and_feature_and_a_bias_per_class(self, name: str) -> None:
        assert 3 * 8 + 3 == trained(SORTS[name], task()).trainable

    @LINEAR
    def test_a_class_that_was_not_learnt_is_never_answered(self, name: str) -> None:
        some = HeadTask(clouds(30, 2, 0), clouds(30, 2, 1), 4, seed=0, fold=0)
        assert {0, 1} == set(trained(SORTS[name], some).scores(torch.randn(200, 8) * 9).argmax(1).tolist())

    def test_an_svm_that_did_not_converge_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(svm, "ITERATIONS", 1)
        assert "SVM with C=1: Liblinear failed to converge" in svm.fit(task(apart=0.5), 1.0).notes[0]

    def test_a_logistic_regression_that_did_not_converge_says_so_in_one_line(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(logistic, "ITERATIONS", 1)
        (note,) = logistic.fit(task(apart=0.5), 1.0).notes
        assert note.startswith("logistic regression with C=1: lbfgs failed to converge")
        assert "\n" not in note

    @pytest.mark.parametrize("classes", [2, 3])
    def test_the_probabilities_of_logistic_regression_are_scikit_learns(self, classes: int) -> None:
        some = task(classes, apart=0.7)
        features, labels = some.train.own
        standard = Standard.of(features)
        reference = LogisticRegression(C=0.1, tol=1e-8, max_iter=5000)
        reference.fit(standard.apply(features).double().numpy(), labels.numpy())
        expected = reference.predict_proba(standard.apply(UNSEEN).double().numpy())
        found = logistic.fit(some, 0.1).scores(UNSEEN).softmax(1).numpy()
        assert np.allclose(expected, found, atol=1e-4)

    def test_its_penalty_is_what_it_minimises(self) -> None:
        some, c = task(apart=0.7), 0.3
        features, labels = some.train.own
        ready = Standard.of(features).apply(features).double()
        weight, bias = torch.zeros(3, 8).double(), torch.zeros(3).double()
        parameters = [weight.requires_grad_(), bias.requires_grad_()]
        newton = torch.optim.LBFGS(parameters, max_iter=500, tolerance_grad=1e-9, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            newton.zero_grad()
            fitted = nn.functional.cross_entropy(ready @ weight.T + bias, labels, reduction="sum")
            found = fitted + (weight**2).sum() / (2 * c)
            found.backward()
            return found

        newton.step(loss)
        head = logistic.fit(some, c)
        scores = head.scores(features)
        assert torch.allclose((ready @ weight.T + bias).softmax(1).float(), scores.softmax(1), atol=1e-4)

    def test_its_validation_loss_is_that_of_its_scores(self) -> None:
        some = task(apart=0.7)
        head = logistic.fit(some, 0.1)
        expected = nn.functional.cross_entropy(head.scores(some.val.features), some.val.labels)
        assert float(expected) == pytest.approx(head.val_loss, abs=1e-5)


def looked_up(features: torch.Tensor, labels: torch.Tensor, k: int, classes: int = 3) -> Neighbours:
    labelled = Labelled.all(features, labels)
    found = SORTS["knn"].fit(HeadTask(labelled, labelled, classes, seed=0, fold=0), k)
    assert isinstance(found, Neighbours)
    return found


class TestNeighbours:
    def test_answers_are_those_of_scikit_learns_neighbours_with_the_same_votes(self) -> None:
        some = task(apart=0.7)
        features, labels = some.train.own
        reference = KNeighborsClassifier(
            n_neighbors=7, metric="cosine", weights=lambda distances: np.exp((1 - distances) / TEMPERATURE)
        )
        expected = reference.fit(features.numpy(), labels.numpy()).predict_proba(UNSEEN.numpy())
        found = looked_up(features, labels, 7).scores(UNSEEN).clamp(min=0).numpy()
        assert np.allclose(expected, found, atol=1e-5)

    def test_the_length_of_features_does_not_matter(self) -> None:
        features, labels = task(apart=0.7).train.own
        plain, longer = (looked_up(factor * features, labels, 5).scores(UNSEEN) for factor in (1, 50))
        assert torch.allclose(plain, longer, atol=1e-5)

    def test_there_may_be_more_classes_than_neighbours(self) -> None:
        features = torch.eye(6)
        scores = looked_up(features, torch.arange(6), 2, classes=6).scores(features)
        assert list(range(6)) == scores.argmax(1).tolist()

    def test_classes_without_a_vote_follow_by_their_nearest_image(self) -> None:
        angles = torch.deg2rad(torch.tensor([0.0, 10, 30, 60]))
        features = torch.stack([angles.cos(), angles.sin()], 1)
        scores = looked_up(features, torch.tensor([2, 0, 3, 1]), 1, classes=5).scores(torch.tensor([[1.0, 0.0]]))
        assert [2, 0, 3, 1, 4] == scores[0].argsort(descending=True).tolist()

    def test_more_neighbours_than_training_images_are_all_of_them(self) -> None:
        features, labels = task().train.own
        assert len(labels) == looked_up(features, labels, 200).strength

    def test_many_images_are_answered_in_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        features, labels = task(apart=0.7).train.own
        head = looked_up(features, labels, 5)
        whole = head.scores(UNSEEN)
        monkeypatch.setattr("bench.learning.heads.neighbours.MOST_PAIRS", 4 * len(labels))
        assert torch.allclose(whole, head.scores(UNSEEN), atol=1e-6)

    def test_nothing_is_trained(self) -> None:
        assert (0, ()) == (trained(SORTS["knn"], task()).trainable, trained(SORTS["knn"], task()).curve)
