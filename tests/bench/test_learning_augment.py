"""Augmentations: a draw for each image, a stream of their own, and a warning where they change classes."""

import torch

from bench.catalog import DATASETS
from bench.discovery import load_catalogs
from bench.learning.augment import AUGMENTATIONS, Augmenter, warnings_about


def copies(n: int = 24) -> torch.Tensor:
    """The same image n times."""
    image = torch.arange(64, dtype=torch.uint8).view(1, 1, 8, 8)
    return image.expand(n, -1, -1, -1)


def test_each_image_of_a_batch_gets_a_draw_of_its_own() -> None:
    different = {tuple(image.flatten().tolist()) for image in Augmenter("lecture", 0)(copies())}
    assert len(different) > 12


def test_a_second_batch_gets_other_draws() -> None:
    augment = Augmenter("lecture", 0)
    assert not augment(copies()).equal(augment(copies()))


def test_one_seed_gives_one_sequence_of_draws() -> None:
    assert Augmenter("digits", 3, 1)(copies()).equal(Augmenter("digits", 3, 1)(copies()))


def test_augmenting_leaves_the_global_generator_as_it_was() -> None:
    before = torch.get_rng_state()
    Augmenter("lecture", 0)(copies())
    assert before.equal(torch.get_rng_state())


def test_every_augmentation_keeps_shape_and_type() -> None:
    kept = {name: Augmenter(name, 0)(copies()) for name in AUGMENTATIONS.names()}
    assert {(torch.uint8, (24, 1, 8, 8))} == {(images.dtype, tuple(images.shape)) for images in kept.values()}


def test_no_augmentation_changes_nothing() -> None:
    assert copies().equal(Augmenter("none", 0)(copies()))


def test_mirrored_digits_are_warned_of() -> None:
    load_catalogs()
    warning = "augmentation 'lecture' mirrors images, which changes the classes of 'uci-digits'"
    assert [warning] == warnings_about("lecture", DATASETS.get("uci-digits"))


def test_mirrored_textures_are_not_warned_of() -> None:
    load_catalogs()
    assert [] == warnings_about("lecture", DATASETS.get("textures"))


def test_the_augmentation_for_digits_mirrors_nothing() -> None:
    load_catalogs()
    assert [] == warnings_about("digits", DATASETS.get("uci-digits"))
