"""Large random tensors of a model that is being built, left undrawn until something touches one.

Each is of a class of its own meanwhile, so that torch hands over every function that is called with it, and with
no other tensor: a mode, which sees all operators of the building, made it slower by a quarter.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef

LARGE = 1 << 16
"""Number of elements above which a tensor is not drawn."""
_DRAWS = ("normal_", "uniform_", "random_", "bernoulli_", "exponential_", "log_normal_", "cauchy_", "geometric_")
_OVERWRITE = {
    *(Tensor.zero_, Tensor.fill_, Tensor.copy_, nn.init.constant_),
    *(getattr(Tensor, name) for name in _DRAWS),
}
"""Functions that overwrite their first argument completely."""
_SAME = {Tensor.data.__get__, Tensor.detach}  # type: ignore[attr-defined]  # a descriptor, in truth
"""Functions whose result shares the memory of their argument."""
_COPY = {Tensor.to, Tensor.half, Tensor.bfloat16, Tensor.float, Tensor.double, Tensor.clone, torch.clone}
_FACTS = ("shape", "ndim", "dtype", "device", "layout", "requires_grad", "grad", "grad_fn", "is_leaf", "is_sparse")
_BLIND = {
    *(getattr(Tensor, name).__get__ for name in (*_FACTS, "is_meta")),
    *(Tensor.size, Tensor.dim, Tensor.numel, Tensor.nelement, Tensor.stride, Tensor.element_size, Tensor.__len__),
    *(Tensor.is_floating_point, Tensor.is_complex, Tensor.is_contiguous, Tensor.requires_grad_),
    *(torch.numel, torch.is_floating_point),
}
"""Functions that neither read nor write the memory of a tensor."""


class Undrawn:
    """Tensors that are undrawn, and those that noise was written to.

    An undrawn tensor that something touches is filled with noise first, unless all of it is overwritten.
    """

    def __init__(self) -> None:
        self._left: dict[int, _Weights] = {}
        """Undrawn weights by the address of their storage, which a weak reference keeps from being used again."""
        self._noisy: dict[int, StorageWeakRef] = {}
        self._noise: Tensor | None = None

    def release(self) -> None:
        """Stop watching: the building is over."""
        for weights in self._left.values():
            weights.release()

    def fill(self) -> None:
        """Fill all tensors that are still undrawn with noise."""
        for weights in list(self._left.values()):
            weights.fill()
        self._noise = None

    def noise(self) -> Tensor:
        """The block of noise that is repeated: uniform in -1..1, always the same."""
        if self._noise is None:
            self._noise = torch.rand(LARGE, generator=torch.Generator().manual_seed(0)) * 2 - 1
        return self._noise

    def noise_in(self, model: nn.Module) -> dict[str, int]:
        """Number of a model's tensors that hold noise, and of their elements; empty if there are none."""
        strided = (t for t in (*model.parameters(), *model.buffers()) if t.layout is torch.strided)
        sizes = {_key(t): t.numel() for t in strided}
        found = [size for key, size in sizes.items() if key in self._noisy]
        return {"tensors": len(found), "elements": sum(found)} if found else {}

    def leave(self, tensor: Tensor) -> None:
        """Register a tensor as undrawn, whatever it holds."""
        if weights_of(tensor) is None:
            weights = _Weights(self, tensor)
            self._noisy.pop(weights.storage.cdata, None)
            self._left[weights.storage.cdata] = weights

    def settle(self, weights: _Weights, *, noisy: bool) -> None:
        """Register tensors as drawn: they hold noise, or what the builder has written."""
        self._left.pop(weights.storage.cdata, None)
        if noisy:
            self._noisy[weights.storage.cdata] = weights.storage

    def note_copy(self, tensor: Tensor) -> None:
        """Register that a tensor was copied from one that holds noise."""
        self._noisy[_key(tensor)] = StorageWeakRef(tensor.untyped_storage())


class _Weights:
    """One storage that has not been drawn, and the tensors that are watched because of it."""

    def __init__(self, owner: Undrawn, tensor: Tensor) -> None:
        self.owner = owner
        self.storage = StorageWeakRef(tensor.untyped_storage())
        self._shape, self._dtype = tensor.shape, tensor.dtype
        self._watched: list[weakref.ref[Tensor]] = []
        self.watch(tensor)

    def watch(self, tensor: Tensor) -> None:
        """Report all calls with the tensor to `_observed` from here on."""
        tensor.__class__ = _WATCHED[type(tensor)]
        tensor._evobench_weights = self  # type: ignore[attr-defined]
        self._watched.append(weakref.ref(tensor))

    def release(self, only: Tensor | None = None) -> None:
        """Stop watching."""
        for reference in self._watched:
            tensor = reference()
            if tensor is not None and weights_of(tensor) is self and (only is None or tensor is only):
                del tensor._evobench_weights  # type: ignore[attr-defined]
                tensor.__class__ = _WATCHED_FOR[type(tensor)]

    def drop(self) -> None:
        """Drop the storage: the builder is about to write all of it."""
        self.release()
        self.owner.settle(self, noisy=False)

    def fill(self) -> None:
        """Write a repeated block of uniform noise, scaled by fan-in (He et al. 2015, uniform form)."""
        self.release()
        self.owner.settle(self, noisy=True)
        held: torch.UntypedStorage | None = torch.UntypedStorage._new_with_weak_ptr(self.storage.cdata)
        if held is None:  # nobody has the tensor any more
            return
        flat = torch.empty(0, dtype=self._dtype).set_(held)
        fan_in = max(1, self._shape[1:].numel())
        block = self.owner.noise() * (6.0 / fan_in) ** 0.5
        whole = flat.numel() // LARGE * LARGE
        flat[:whole].view(-1, LARGE).copy_(block)
        flat[whole:].copy_(block[: flat.numel() - whole])


@classmethod  # type: ignore[misc]  # of both classes
def _observed(
    cls: type, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
) -> Any:
    """Handle a call of a torch function with a tensor that is undrawn."""
    kwargs = kwargs or {}
    if func in _BLIND:
        return _called(func, args, kwargs)
    if func in _SAME:
        same = _called(func, args, kwargs)
        _weights_in(args)[0].watch(same)
        return same
    if func is Tensor.data.__set__:  # type: ignore[attr-defined]
        if weights := weights_of(args[0]):
            weights.release(only=args[0])
        args[0].data = drawn(args[1])
        return None
    if func is Tensor.copy_ and len(args) > 1 and _stands_for(*args[:2]):
        _weights_in(args[1:])[0].owner.leave(args[0])
        return args[0]
    target = (args[0] if args else kwargs.get("tensor")) if func in _OVERWRITE else kwargs.get("out")
    others = _weights_in([value for value in (*args, *kwargs.values()) if value is not target])
    for weights in others:
        weights.fill()
    if target is not None and (own := weights_of(target)):
        own.drop()
    result = _called(func, args, kwargs)
    if func in _COPY and result.layout is torch.strided:
        others[0].owner.note_copy(result)
    return result


def _called(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    with torch._C.DisableTorchFunctionSubclass():
        return func(*args, **kwargs)


def _stands_for(target: Tensor, source: Tensor) -> bool:
    """Whether a copy leaves the target with nothing but the content of an undrawn tensor."""
    if weights_of(source) is None or target.shape != source.shape or target.dtype != source.dtype:
        return False
    return weights_of(target) is not None or can_be_left(target)


def can_be_left(tensor: Tensor) -> bool:
    """Whether a plain tensor is a large CPU parameter whose memory nothing else can reach."""
    return (
        type(tensor) is nn.Parameter
        and tensor.numel() > LARGE
        and tensor.is_floating_point()
        and tensor.device.type == "cpu"
        and tensor.layout is torch.strided
        and tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()
        and torch._C._storage_Use_Count(tensor.untyped_storage()._cdata) <= 2  # the tensor's, and Python's
    )


class _UndrawnTensor(Tensor):
    __torch_function__ = _observed


class _UndrawnParameter(nn.Parameter):
    __torch_function__ = _observed

    def __deepcopy__(self, memo: dict[int, Any]) -> nn.Parameter:
        """Copy that is undrawn, too, and gets the same noise in the end."""
        if id(self) not in memo:
            copy = nn.Parameter(_called(torch.empty_like, (self,), {}), self.requires_grad)
            _weights_in([self])[0].owner.leave(copy)
            memo[id(self)] = copy
        found: nn.Parameter = memo[id(self)]
        return found


_WATCHED: dict[type, Any] = {Tensor: _UndrawnTensor, nn.Parameter: _UndrawnParameter}
_WATCHED_FOR: dict[type, Any] = {watched: plain for plain, watched in _WATCHED.items()}


def weights_of(value: object) -> _Weights | None:
    """Undrawn weights of a tensor; None for any other value."""
    return value._evobench_weights if type(value) in _WATCHED_FOR else None  # type: ignore[attr-defined]


def _weights_in(values: Iterable[Any]) -> list[_Weights]:
    """Undrawn weights of all tensors among the arguments, including those in lists."""
    found: list[_Weights] = []
    for value in values:
        if isinstance(value, list | tuple):
            found += _weights_in(value)
        elif weights := weights_of(value):
            found.append(weights)
    return found


def drawn(value: Any) -> Any:
    """The value itself, filled if it was undrawn."""
    if weights := weights_of(value):
        weights.fill()
    return value


def _key(tensor: Tensor) -> int:
    """Address of a tensor's storage."""
    return int(tensor.untyped_storage()._cdata)
