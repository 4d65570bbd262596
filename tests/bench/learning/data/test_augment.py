"""Augmentations: a draw for each image, a stream of their own, and a warning where they change classes."""

from typing import Any

import pytest
import torch

from bench.declare.catalog import DATASETS
from bench.declare.loading.discovery import load_catalogs
from bench.errors import UnknownName
from bench.learning.data.augment import AUGMENTATIONS, Augmenter, warnings_about
from bench.learning.data.changes import drawing_from
from bench.learning.scenario import PIPELINES
from bench.learning.seeds import stream

EVERY_PIPELINE = pytest.mark.parametrize("pipeline", PIPELINES)


def copies(n: int = 24, channels: int = 1) -> torch.Tensor:
    """The same image n times."""
    image = torch.arange(64, dtype=torch.uint8).view(1, 1, 8, 8) * 3
    return image.expand(n, channels, -1, -1)


@EVERY_PIPELINE
def test_each_image_of_a_batch_gets_a_draw_of_its_own(pipeline: str) -> None:
    augmented = Augmenter("lecture", 0, pipeline=pipeline)(copies())
    assert len({tuple(image.flatten().tolist()) for image in augmented}) > 12


@EVERY_PIPELINE
def test_a_second_batch_gets_other_draws(pipeline: str) -> None:
    augment = Augmenter("lecture", 0, pipeline=pipeline)
    assert not augment(copies()).equal(augment(copies()))


@EVERY_PIPELINE
def test_one_seed_gives_one_sequence_of_draws(pipeline: str) -> None:
    first, second = (Augmenter("digits", 3, 1, pipeline=pipeline) for _ in range(2))
    assert first(copies()).equal(second(copies()))
    assert first(copies()).equal(second(copies()))


@EVERY_PIPELINE
@pytest.mark.parametrize("name", ["lecture", "noise", "crop", "colour"])
def test_a_restored_stream_goes_on_as_the_first_did(pipeline: str, name: str) -> None:
    first, second = Augmenter(name, 0, pipeline=pipeline), Augmenter(name, 9, pipeline=pipeline)
    first(copies())
    second.restore(first.state())
    assert first(copies()).equal(second(copies()))


def test_a_state_that_was_taken_stays_as_it_was() -> None:
    augment = Augmenter("lecture", 0)
    state = augment.state()
    before = state.clone()
    augment(copies())
    assert before.equal(state)


@EVERY_PIPELINE
def test_augmenting_leaves_the_global_generator_as_it_was(pipeline: str) -> None:
    before = torch.get_rng_state()
    for name in AUGMENTATIONS.names():
        Augmenter(name, 0, pipeline=pipeline)(copies())
    assert before.equal(torch.get_rng_state())


@EVERY_PIPELINE
def test_augmenting_draws_nothing_from_the_global_generator(pipeline: str) -> None:
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        found.append(Augmenter("lecture", 0, pipeline=pipeline)(copies()))
    assert found[0].equal(found[1])


@EVERY_PIPELINE
@pytest.mark.parametrize("channels", [1, 3])
def test_every_augmentation_keeps_shape_and_type(pipeline: str, channels: int) -> None:
    images = copies(6, channels)
    kept = {name: Augmenter(name, 0, pipeline=pipeline)(images) for name in AUGMENTATIONS.names()}
    assert {(torch.uint8, (6, channels, 8, 8))} == {(one.dtype, tuple(one.shape)) for one in kept.values()}


@EVERY_PIPELINE
@pytest.mark.parametrize("name", [name for name in AUGMENTATIONS.names() if name != "none"])
def test_every_augmentation_changes_something(pipeline: str, name: str) -> None:
    assert not copies().equal(Augmenter(name, 0, pipeline=pipeline)(copies()))


@EVERY_PIPELINE
def test_no_augmentation_changes_nothing(pipeline: str) -> None:
    assert copies().equal(Augmenter("none", 0, pipeline=pipeline)(copies()))


@pytest.mark.parametrize("name", ["hflip", "vflip", "rotation", "scale", "crop", "translation", "noise", "colour"])
def test_the_pipelines_agree_in_the_mean_picture(name: str) -> None:
    images = copies(600)
    means = [Augmenter(name, 0, pipeline=pipeline)(images).float().mean(0) for pipeline in PIPELINES]
    assert float((means[0] - means[1]).abs().mean()) < 4.0


def test_the_lectures_augmentation_is_made_of_its_parts() -> None:
    parts = [change for name in ("hflip", "vflip", "rotation") for change in AUGMENTATIONS.get(name).build()]
    assert parts == list(AUGMENTATIONS.get("lecture").build())


def test_an_unknown_pipeline_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown pipeline 'tensors'; did you mean 'tensor'"):
        Augmenter("none", 0, pipeline="tensors")


@pytest.mark.parametrize("name", ["lecture", "hflip", "vflip"])
def test_mirrored_digits_are_warned_of(name: str) -> None:
    load_catalogs()
    warning = f"augmentation '{name}' mirrors images, which changes the classes of 'uci-digits'"
    assert [warning] == warnings_about(name, DATASETS.get("uci-digits"))


def test_mirrored_textures_are_not_warned_of() -> None:
    load_catalogs()
    assert [] == warnings_about("lecture", DATASETS.get("textures"))


@pytest.mark.parametrize("name", ["digits", "rotation", "scale", "crop", "translation", "noise", "colour"])
def test_what_mirrors_nothing_is_not_warned_of(name: str) -> None:
    load_catalogs()
    assert [] == warnings_about(name, DATASETS.get("uci-digits"))


POLICIES = pytest.mark.parametrize("name", ["randaugment", "trivialaugment"])


@POLICIES
@EVERY_PIPELINE
@pytest.mark.parametrize("channels", [1, 3])
def test_a_policy_takes_many_draws_of_all_its_changes(name: str, pipeline: str, channels: int) -> None:
    images = copies(200, channels)
    augmented = Augmenter(name, 0, pipeline=pipeline)(images)
    assert (torch.uint8, images.shape) == (augmented.dtype, augmented.shape)
    assert len(augmented.flatten(1).unique(dim=0)) > 40


@POLICIES
def test_a_policy_gives_the_pictures_that_torchvision_gives_for_the_same_stream(name: str) -> None:
    images = copies(20, 3)
    (change,) = AUGMENTATIONS.get(name).build()
    transform = change.transform(8)
    with drawing_from(torch.Generator().manual_seed(stream("augment", 0))):
        expected = torch.stack([transform(image) for image in images])
    assert expected.equal(Augmenter(name, 0)(images))


@POLICIES
def test_a_policy_draws_nothing_that_another_thread_draws_from(name: str) -> None:
    augment = Augmenter(name, 0)
    assert (True, False) == (augment.is_apart, augment.is_on_device)
    before = torch.get_rng_state()
    seen = []

    class Looking(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func: Any, types: object, args: Any = (), kwargs: Any = None) -> Any:
            seen.append(before.equal(torch.get_rng_state()))
            return func(*args, **(kwargs or {}))

    with Looking():
        augment(copies())
    assert {True} == set(seen)


@POLICIES
def test_a_policy_goes_on_from_a_restored_stream(name: str) -> None:
    first, second = Augmenter(name, 0), Augmenter(name, 9)
    first(copies())
    second.restore(first.state())
    assert first(copies()).equal(second(copies()))


def test_digits_that_are_turned_upside_down_are_warned_of() -> None:
    load_catalogs()
    warning = "turns images by more than 90 degrees, which changes the classes of 'uci-digits'"
    assert [f"augmentation 'trivialaugment' {warning}"] == warnings_about(
        "trivialaugment", DATASETS.get("uci-digits")
    )
    assert [] == warnings_about("randaugment", DATASETS.get("uci-digits"))
