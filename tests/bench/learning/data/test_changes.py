"""Batches are changed as torchvision changes single images, each image by a draw of its own."""

from __future__ import annotations

import pytest
import torch

from bench.lazy import lazy
from bench.learning.data.changes import Affine, Colour, Crop, Flip, Noise, SingleImageChange
from bench.learning.data.warps import affine, brightened, contrasted, resized_crop

v2 = lazy("torchvision.transforms.v2")
functional = lazy("torchvision.transforms.v2.functional")
MODES = pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
CHANNELS = pytest.mark.parametrize("channels", [1, 3])


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def framed(n: int = 4, channels: int = 3, side: int = 28) -> torch.Tensor:
    """Noise in a black frame, which keeps out how the outside is blended in."""
    images = torch.zeros(n, channels, side, side, dtype=torch.uint8)
    inner = (n, channels, side - 8, side - 8)
    images[..., 4:-4, 4:-4] = torch.randint(0, 256, inner, dtype=torch.uint8, generator=drawn())
    return images


def difference(a: torch.Tensor, b: torch.Tensor) -> int:
    """Largest difference in gray levels."""
    return int((a.int() - b.int()).abs().max())


ANGLES = torch.tensor([0.0, 17.0, -25.0, 180.0])
SHIFTS = torch.tensor([[0.0, 0.0], [2.0, -1.0], [3.0, 3.0], [-1.0, 0.0]])
SCALES = torch.tensor([1.0, 0.9, 1.1, 1.0])


@MODES
def test_a_warp_gives_the_picture_of_torchvision_for_the_same_parameters(interpolation: str) -> None:
    images, how = framed(), v2.InterpolationMode(interpolation)
    parameters = zip(images, ANGLES.tolist(), SHIFTS.tolist(), SCALES.tolist(), strict=True)
    expected = [
        functional.affine(i, a, t, s, [0.0, 0.0], interpolation=how, fill=[0.0]) for i, a, t, s in parameters
    ]
    assert 0 == difference(torch.stack(expected), affine(images, ANGLES, SHIFTS, SCALES, interpolation))


@MODES
def test_a_warp_gives_the_picture_of_pil_to_one_gray_level(interpolation: str) -> None:
    images, how = framed(), v2.InterpolationMode(interpolation)
    pictures = [functional.to_pil_image(image) for image in images]
    parameters = zip(pictures, ANGLES.tolist(), SHIFTS.int().tolist(), SCALES.tolist(), strict=True)
    warped = [functional.affine(i, a, t, s, [0.0, 0.0], interpolation=how) for i, a, t, s in parameters]
    expected = torch.stack([functional.pil_to_tensor(picture) for picture in warped])
    assert difference(expected, affine(images, ANGLES, SHIFTS, SCALES, interpolation)) <= 1


def test_an_angle_turns_clockwise() -> None:
    top = torch.zeros(1, 1, 5, 5, dtype=torch.uint8)
    top[..., 0, 2] = 255
    turned = affine(top, torch.tensor([90.0]), torch.zeros(1, 2), torch.ones(1), "nearest")
    assert [[2, 4]] == torch.nonzero(turned[0, 0]).tolist()


def test_a_shift_goes_to_the_right_and_down_and_leaves_black() -> None:
    white = torch.full((1, 1, 4, 4), 255, dtype=torch.uint8)
    moved = affine(white, torch.zeros(1), torch.tensor([[1.0, 2.0]]), torch.ones(1), "nearest")
    assert [[0] * 4, [0] * 4, [0, 255, 255, 255], [0, 255, 255, 255]] == moved[0, 0].tolist()


def test_pictures_that_are_no_squares_are_warped_without_distortion() -> None:
    image = framed(1, 1, 28)[..., 6:22, :]
    one = torch.ones(1)
    expected = functional.affine(image[0], 30.0, [0.0, 0.0], 1.0, [0.0, 0.0], fill=[0.0])
    assert 0 == difference(expected, affine(image, 30 * one, torch.zeros(1, 2), one, "nearest")[0])


def test_a_crop_gives_the_picture_of_torchvision_to_one_gray_level() -> None:
    images = torch.randint(0, 256, (4, 3, 28, 28), dtype=torch.uint8, generator=drawn())
    boxes = torch.tensor([[0, 0, 28, 28], [3, 4, 20, 22], [8, 0, 15, 20], [5, 5, 1, 1]])
    expected = [functional.resized_crop(i, *box, [28, 28]) for i, box in zip(images, boxes.tolist(), strict=True)]
    assert difference(torch.stack(expected), resized_crop(images, boxes)) <= 1


@CHANNELS
def test_brightness_and_contrast_are_those_of_torchvision(channels: int) -> None:
    images, factors = framed(3, channels), torch.tensor([0.7, 1.0, 1.3])
    for ours, theirs in ((brightened, functional.adjust_brightness), (contrasted, functional.adjust_contrast)):
        expected = [theirs(image, factor) for image, factor in zip(images, factors.tolist(), strict=True)]
        assert 0 == difference(torch.stack(expected), ours(images, factors))


@pytest.mark.parametrize(("across", "axis"), [("horizontal", -1), ("vertical", -2)])
def test_a_flip_mirrors_about_its_axis(across: str, axis: int) -> None:
    images = framed()
    assert images.flip(axis).equal(Flip(across, 1.0).batch(images, drawn()))  # type: ignore[arg-type]


def test_a_flip_mirrors_its_share_of_the_images() -> None:
    images = torch.arange(4, dtype=torch.uint8).view(1, 1, 2, 2).expand(4000, -1, -1, -1)
    mirrored = Flip("horizontal", 0.3).batch(images, drawn())[:, 0, 0, 0] == 1
    assert 0.3 == pytest.approx(float(mirrored.float().mean()), abs=0.03)


def test_shifts_are_spread_over_whole_pixels_up_to_the_declared_share() -> None:
    dot = torch.zeros(3000, 1, 11, 11, dtype=torch.uint8)
    dot[..., 5, 5] = 255
    columns = torch.nonzero(Affine(shift=0.2).batch(dot, drawn()))[:, 3]
    theirs = [_column(v2.RandomAffine(0, (0.2, 0.2))(dot[0])) for _ in range(300)]
    assert set(range(3, 8)) == set(columns.tolist())
    assert set(theirs) <= set(columns.tolist())


def _column(image: torch.Tensor) -> int:
    return int(torch.nonzero(image)[0, 2])


def test_boxes_of_a_crop_keep_to_the_declared_area_and_ratio() -> None:
    top, left, height, width = Crop((0.5, 1.0)).boxes(2000, 40, 40, drawn()).unbind(1)
    assert bool(
        (top + height <= 40).all() and (left + width <= 40).all() and (top >= 0).all() and (left >= 0).all()
    )
    share, ratio = height * width / 1600, width / height
    assert 0.5 == pytest.approx(float(share.min()), abs=0.03)
    assert 0.75 == pytest.approx(float(ratio.min()), abs=0.05)
    assert 4 / 3 == pytest.approx(float(ratio.max()), abs=0.05)


def test_boxes_of_a_crop_have_the_mean_area_of_torchvisions() -> None:
    transform, image = v2.RandomResizedCrop(40, (0.5, 1.0)), torch.zeros(1, 40, 40)
    torch.manual_seed(0)
    theirs = [found["height"] * found["width"] for found in (transform.make_params([image]) for _ in range(1500))]
    ours = Crop((0.5, 1.0)).boxes(1500, 40, 40, drawn())[:, 2:].prod(1).float()
    assert sum(theirs) / len(theirs) == pytest.approx(float(ours.mean()), rel=0.02)


def test_noise_has_its_deviation_and_leaves_the_mean() -> None:
    gray = torch.full((20, 1, 32, 32), 128, dtype=torch.uint8)
    noisy = Noise(0.1).batch(gray, drawn()).float() / 255
    assert 0.1 == pytest.approx(float(noisy.std()), rel=0.03)
    assert 0.5 == pytest.approx(float(noisy.mean()), abs=0.005)


def test_noise_of_no_deviation_changes_nothing() -> None:
    images = framed()
    assert images.equal(Noise(0.0).batch(images, drawn()))


def test_the_order_of_brightness_and_contrast_is_drawn() -> None:
    images = framed(1).expand(64, -1, -1, -1)
    torch.manual_seed(0)
    assert 64 == len(Colour(0.3, 0.3).batch(images, drawn()).flatten(1).unique(dim=0))


def test_a_transform_without_batch_form_is_given_images_one_by_one() -> None:
    shapes: list[tuple[int, ...]] = []

    def look(image: torch.Tensor) -> torch.Tensor:
        shapes.append(tuple(image.shape))
        return image

    SingleImageChange(look).batch(framed(2), drawn())
    assert [(3, 28, 28)] * 2 == shapes


def test_a_given_transform_draws_from_the_generator() -> None:
    change = SingleImageChange(lambda image: image + torch.randint(0, 99, (1,)).to(torch.uint8))
    images = framed(3)
    first, second = change.batch(images, drawn(1)), change.batch(images, drawn(1))
    assert first.equal(second)
    assert not first.equal(change.batch(images, drawn(2)))
