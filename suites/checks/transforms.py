"""Behaviour of torchvision's transforms: what they take, return and do to a picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy
from evobench import Evidence, check

if TYPE_CHECKING:
    import numpy as np
    import torch
    from PIL import Image
else:
    np = lazy("numpy")
    torch = lazy("torch")
    Image = lazy("PIL.Image")

transforms = lazy("torchvision.transforms")
datasets = lazy("torchvision.datasets")
v2 = lazy("torchvision.transforms.v2")
Arguments = dict[str, Any]
TRIES = 20
"""Tries of a transform, which may leave the picture unchanged at random."""


@check()
def documented_signature(*, transform: str, shown: int) -> Evidence:
    """A transform's parameters as the library's index prints them: optional ones in brackets, a rest as dots.

    Args:
        transform: a class of `torchvision.transforms`.
        shown: number of parameters that are printed before the dots.
    """
    known = _parameters(getattr(transforms, transform))
    required = [name for name, parameter in known.items() if parameter.default is inspect.Parameter.empty]
    optional = [name for name in known if name not in required]
    listed = optional[: max(0, shown - len(required))]
    rest = ["..."] if len(listed) < len(optional) else []
    brackets = f"[{', ' if required else ''}{', '.join([*listed, *rest])}]" if optional else ""
    return Evidence(f"{transform}({', '.join(required)}{brackets})", f"takes {', '.join(known) or 'nothing'}")


@check()
def accepted_inputs(*, transform: str, arguments: Arguments) -> Evidence:
    """Which of `PIL image`, `ndarray` and `tensor` a transform takes, joined by commas."""
    found = _accepted(transform, arguments)
    return Evidence(", ".join(found), f"torchvision.transforms.{transform} run on a picture of each kind")


@check()
def only_input(*, transforms_tried: list[str], arguments: dict[str, Arguments], kind: str) -> Evidence:
    """Whether some of several transforms take one kind of picture (`PIL image`, `tensor`) but not the other."""
    others = {"PIL image": "tensor", "tensor": "PIL image"}
    accepted = {name: _accepted(name, arguments.get(name, {})) for name in transforms_tried}
    found = [name for name, kinds in accepted.items() if kind in kinds and others[kind] not in kinds]
    return Evidence(bool(found), f"{', '.join(found) or 'none'} of {', '.join(transforms_tried)}")


@check()
def output_kind(*, transform: str, given: str) -> Evidence:
    """What a transform makes of a picture given as `PIL image`, `ndarray` or `tensor`: one of the same three."""
    result = getattr(transforms, transform)()(_pictures()[given])
    kinds = {"PIL image": Image.Image, "ndarray": np.ndarray, "tensor": torch.Tensor}
    kind = next(name for name, cls in kinds.items() if isinstance(result, cls))
    return Evidence(kind, f"{transform}() of a picture as {given} gives a {type(result).__name__}")


@check()
def keeps_type(*, transform: str) -> Evidence:
    """Whether a transform makes a tensor of bytes of a picture of bytes."""
    found = getattr(transforms, transform)()(_pictures()["PIL image"]).dtype
    return Evidence(found is torch.uint8, f"{transform}() of a PIL image of bytes gives a tensor of {found}")


@check()
def resizes_to(*, size: list[int], sides: list[list[int]]) -> Evidence:
    """Whether `Resize` gives pictures of several sizes (height and width, in pixels) the given size."""
    resize = transforms.Resize(size)
    sizes = [list(resize(torch.zeros(3, *side)).shape[1:]) for side in sides]
    return Evidence(all(found == size for found in sizes), f"pictures of {sides} become {sizes}")


@check()
def flips(*, transform: str, axis: str) -> Evidence:
    """Whether a transform mirrors the `rows` or the `columns` at probability 1, and nothing at 0."""
    picture = _pictures()["tensor"]
    always, never = (getattr(transforms, transform)(p)(picture) for p in (1.0, 0.0))
    mirrored = picture.flip({"rows": 1, "columns": 2}[axis])
    done = torch.equal(always, mirrored) and torch.equal(never, picture)
    return Evidence(done, f"{transform}(1) and {transform}(0) of one picture")


@check()
def flip_frequency(*, transform: str, p: float, draws: int = 50_000) -> Evidence:
    """How often a transform with probability `p` changes a picture, as a share of so many draws from seed 0.

    The standard error of the share is sqrt(p (1 - p) / draws): at most 0.0023, so that 0.01 more or less shows.
    """
    flip, picture = getattr(transforms, transform)(p), torch.tensor([[[0.0, 1.0], [2.0, 3.0]]])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        changed = sum(not torch.equal(flip(picture), picture) for _ in range(draws))
    return Evidence(changed / draws, f"{changed:,} of {draws:,} draws")


@check()
def rotation_range(*, degrees: list[float], draws: int = 10_000) -> Evidence:
    """The least and the greatest angle of `RandomRotation`, in whole degrees, among draws from seed 0."""
    rotation = transforms.RandomRotation(degrees)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        angles = [rotation.get_params(rotation.degrees) for _ in range(draws)]
    return Evidence(
        [round(min(angles)), round(max(angles))], f"{draws:,} draws: {min(angles):.2f}, {max(angles):.2f}"
    )


@check()
def rotates(*, angle: int) -> Evidence:
    """Whether `RandomRotation` turns a picture by an angle, a multiple of 90 degrees, counter-clockwise."""
    picture = _pictures()["tensor"]
    turned = transforms.RandomRotation((angle, angle))(picture)
    return Evidence(torch.equal(turned, picture.rot90(angle // 90, (1, 2))), f"a square picture turned by {angle}")


@check()
def augmentations(*, classes: dict[str, list[Any]]) -> Evidence:
    """Which techniques torchvision has: those of which one class of `torchvision.transforms.v2` changes a picture.

    Args:
        classes: technique -> name of its class, then its arguments as Python's JSON-like values by name.
    """
    found = [name for name, (kind, *values) in classes.items() if _changes(kind, values)]
    listed = ", ".join(kind for kind, *_ in classes.values())
    return Evidence(", ".join(found), f"each of {listed} changes a picture")


@check()
def distinct_pictures(*, draws: int) -> Evidence:
    """Whether flips and rotation make several pictures out of one: more than one among draws from seed 0."""
    pipeline = transforms.Compose([transforms.RandomHorizontalFlip(0.3), transforms.RandomRotation((-30, 30))])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = {pipeline(_pictures()["tensor"]).numpy().tobytes() for _ in range(draws)}
    return Evidence(len(found) > 1, f"{len(found)} different pictures in {draws} draws")


@check()
def drawable(*, mode: str, size: list[int]) -> Evidence:
    """Whether a PIL image after flips, rotation, `ToTensor` and `transpose(1, 2, 0)` is height x width x channels.

    Args:
        mode: PIL's, `RGB` or `L`.
        size: width and height, in pixels.
    """
    steps = [
        transforms.RandomHorizontalFlip(0.3),
        transforms.RandomVerticalFlip(0.3),
        transforms.RandomRotation((-30, 30)),
        transforms.ToTensor(),
    ]
    image = Image.new(mode, (size[0], size[1]))
    shape = transforms.Compose(steps)(image).numpy().transpose(1, 2, 0).shape
    return Evidence(shape == (size[1], size[0], len(mode)), f"a {mode} image of {size} pixels becomes {shape}")


@check()
def dataset_parameters(*, dataset: str, names: list[str]) -> Evidence:
    """Which of some names are parameters of one of torchvision's data sets, joined by commas."""
    known = _parameters(getattr(datasets, dataset))
    return Evidence(", ".join(name for name in names if name in known), f"{dataset} takes {', '.join(known)}")


def _parameters(kind: Any) -> dict[str, inspect.Parameter]:
    """Parameters of a class; empty for a class without a constructor, whose catch-all is `object`'s own."""
    if kind.__init__ in (object.__init__, torch.nn.Module.__init__):
        return {}
    known = inspect.signature(kind.__init__).parameters
    return {name: parameter for name, parameter in known.items() if name != "self"}


def _pictures() -> dict[str, Any]:
    """One 8 x 8 picture of bytes as `PIL image`, `ndarray` and `tensor`."""
    tensor = torch.arange(192, dtype=torch.uint8).reshape(3, 8, 8)
    pixels = tensor.permute(1, 2, 0).numpy()
    return {"PIL image": Image.fromarray(pixels), "ndarray": pixels, "tensor": tensor}


def _accepted(transform: str, arguments: Arguments) -> list[str]:
    apply = getattr(transforms, transform)(**arguments)
    found = []
    for kind, picture in _pictures().items():
        if _takes(apply, picture.float() if kind == "tensor" else picture):
            found.append(kind)
    return found


def _takes(apply: Callable[[Any], Any], picture: Any) -> bool:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        try:
            for _ in range(TRIES):
                apply(picture)
        except (TypeError, AttributeError, ValueError):  # how torchvision refuses a kind
            return False
    return True


def _changes(kind: str, values: list[Any]) -> bool:
    picture = _pictures()["tensor"].float() / 255
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        result = getattr(v2, kind)(*values)(picture)
    return not torch.equal(result, picture)
