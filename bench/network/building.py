"""A builder's network as it is measured: checked, uncompiled, and without drawing its large random weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import ismethod
from types import MethodType
from typing import TYPE_CHECKING, Any

from bench.declare.places import Misdeclared, whose
from bench.errors import Unsupported
from bench.lazy import lazy

if TYPE_CHECKING:
    import torch
    from torch import nn

    from bench.network.filling import cheap
    from bench.network.filling.undrawn import Undrawn
else:
    torch = lazy("torch")
    cheap = lazy("bench.network.filling.cheap")

Build = Callable[[int], "nn.Module"]


@dataclass(frozen=True)
class Draft:
    """A network whose large random weights are uninitialised: address space that takes no memory yet."""

    model: nn.Module
    uncompiled: tuple[str, ...]
    """Dotted names of the modules that the builder had compiled; empty text stands for the model itself."""
    _undrawn: Undrawn

    @classmethod
    def of(cls, build: Build, classes: int) -> Draft:
        """Build the network without drawing its large random weights, which can take minutes.

        Raises:
            Misdeclared: what the builder returned is not a torch module, or not one that can be measured.
        """
        with cheap.undrawn() as undrawn:
            built = build(classes)
        return cls(*_eager(sound(built, build)), undrawn)

    def fill(self) -> None:
        """Fill the weights that have not been drawn with noise.

        They are written, not left as they come: untouched pages all map to one page of zeros, which would flatter
        memory and cache.
        """
        self._undrawn.fill()

    @property
    def notes(self) -> dict[str, Any]:
        """Differences from the network that the builder made, for a record: `cheap_weights` and `uncompiled`."""
        noise = self._undrawn.noise_in(self.model)
        names = [name or "the network itself" for name in self.uncompiled]
        return {**({"cheap_weights": noise} if noise else {}), **({"uncompiled": names} if names else {})}


def build_cheaply(build: Build, classes: int) -> nn.Module:
    """Build a model with noise in place of its large random weights."""
    draft = Draft.of(build, classes)
    draft.fill()
    return draft.model


def build_untouched(build: Build, classes: int) -> nn.Module:
    """Build a model whose large random weights are uninitialised: for shapes and counts of parameters alone."""
    return Draft.of(build, classes).model


def build_whole(build: Build, classes: int) -> nn.Module:
    """Build a model with all weights as the builder draws them.

    Raises:
        Misdeclared: the builder's result is refused by `Draft.of`.
    """
    return _eager(sound(build(classes), build))[0]


def sound(model: object, build: Build) -> nn.Module:
    """The builder's result, checked to be a network with all its weights and modules that can be inspected.

    Raises:
        Misdeclared: the network is not as declared; the message names the builder and its place.
    """
    who = whose(build)
    if not isinstance(model, torch.nn.Module):
        raise Misdeclared(f"{who} returned {type(model).__name__}, not a torch module")
    lazy_ones = {type(m).__name__ for m in model.modules() if any(map(_is_unmade, m.parameters(recurse=False)))}
    if lazy_ones:
        raise Misdeclared(
            f"{who} returned a model whose {', '.join(sorted(lazy_ones))} has no weights before a first pass: give"
            " the sizes, or run a picture through the model before it is returned"
        )
    empty = next((name for name, p in (*model.named_parameters(), *model.named_buffers()) if p.is_meta), None)
    if empty is not None:
        raise Misdeclared(
            f"{who} returned a model whose '{empty}' is on torch's meta device, where tensors have no values:"
            " build it on the CPU"
        )
    scripted = next((n for n, m in model.named_modules() if isinstance(m, torch.jit.ScriptModule)), None)
    if scripted is not None:
        what = f"a model whose '{scripted}' is" if scripted else "a module that is"
        raise Misdeclared(
            f"{who} returned {what} scripted or traced by torch.jit, into which nothing can look: return the"
            " module itself, and use --compile where it is to be measured compiled"
        )
    return model


def other_dtypes(model: nn.Module) -> str:
    """The floating point types of a model's weights beside float32, in words; empty where there are none."""
    dtypes = {p.dtype for p in model.parameters() if p.is_floating_point()} - {torch.float32}
    return " and ".join(sorted(str(dtype).removeprefix("torch.") for dtype in dtypes))


def trainable_parameters(model: nn.Module) -> list[nn.Parameter]:
    """Parameters that training changes.

    Raises:
        Unsupported: there are none.
    """
    every = list(model.parameters())
    found = [parameter for parameter in every if parameter.requires_grad]
    if not found:
        why = f"all {len(every)} parameters are frozen" if every else "the network has no parameters"
        raise Unsupported(f"nothing to train: {why}")
    return found


def _is_unmade(parameter: torch.Tensor) -> bool:
    return torch.nn.parameter.is_lazy(parameter)


def _eager(model: nn.Module) -> tuple[nn.Module, tuple[str, ...]]:
    """The model without the compilations that its builder asked for, and the names of what was compiled.

    Whether a network is compiled is a condition of the cell: a part that is compiled beside it would be measured
    under the wrong name, and neither counted nor cut.
    """
    whole = _original(model)
    names = [] if whole is model else [""]
    for place, module in whole.named_modules():  # which gets to the parts of a module after this has dealt with it
        for name, part in module._modules.items():
            if part is not None and (original := _original(part)) is not part:
                module._modules[name] = original
                names.append(f"{place}.{name}".lstrip("."))
        if _uncompiled_in_place(module):
            names.append(place)
    return whole, tuple(names)


def _uncompiled_in_place(module: nn.Module) -> bool:
    """Undo `module.compile()` and a compiled `forward`; returns whether there was one."""
    whole = getattr(module, "_compiled_call_impl", None) is not None
    if whole:
        module._compiled_call_impl = None
    forward = getattr(module.forward, "_torchdynamo_inline", None)
    if forward is not None:
        # a class's compiled forward is bound to the module only when it is asked for
        module.forward = MethodType(forward, module) if ismethod(module.forward) else forward
    return whole or forward is not None


def _original(module: nn.Module) -> nn.Module:
    """The module that `torch.compile` has wrapped, or the module itself."""
    inner = module._modules.get("_orig_mod")
    return module if inner is None else _original(inner)
