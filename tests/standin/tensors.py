"""Tensors that are said to be on CUDA, computed with where torch can here.

A tensor is where its storage is said to be. What a function makes of tensors on a GPU is there, too, and tensors
of two devices cannot be mixed, as with torch's own.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

HOST = None
"""What stands for the number of a GPU where a tensor is on the host."""
_DEVICE, _IS_CUDA = Tensor.device.__get__, Tensor.is_cuda.__get__  # type: ignore[attr-defined]
_MAY_MIX = (
    *("__get__", "__set__", "copy_", "__getitem__", "__setitem__"),
    *("type_as", "is_same_size", "_has_compatible_shallow_copy_type"),
)
"""Functions that take tensors of several devices, or look at no values."""
_LAUNCH_NOTHING = ("__get__", "__set__", "dim", "size", "stride", "numel", "view", "detach", "requires_grad_")
_WAIT = ("item", "tolist", "__bool__", "__float__", "__int__", "__index__")
"""Functions for whose result the host waits."""


class Watcher(Protocol):
    """Is told what happens on the GPUs."""

    def index_of(self, device: Any) -> int:
        """The GPU that torch means by a device."""
        ...

    def placed(self, gpu: int, size: int) -> None:
        """A new tensor takes so many bytes of it; it may refuse them."""
        ...

    def freed(self, gpu: int, size: int) -> None:
        """The last tensor of a storage is gone."""
        ...

    def launched(self, gpu: int, name: str, elements: int, again: Callable[[], None]) -> None:
        """A function has run there, with so many elements in its result; `again` does it once more, in place."""
        ...

    def copied(self, source: int | None, target: int | None, waits: bool) -> None:
        """Values went from one device to another; whether the host waits for them."""
        ...


class Placement(TorchFunctionMode):
    """While it holds, `cuda` as a device is taken for a GPU that is made up."""

    _where: ClassVar[dict[int, int]] = {}
    """GPU by the address of a storage that lives; one table, since a cache may keep tensors between tests."""

    def __init__(self, lies_on: str, watcher: Watcher) -> None:
        """Hold nothing yet.

        Args:
            lies_on: torch's device on which the tensors are in truth.
            watcher: of the GPUs.
        """
        super().__init__()
        self._lies_on, self._watcher = lies_on, watcher

    def gpu_of(self, tensor: Tensor) -> int | None:
        """Number of the GPU that a tensor is on, or `HOST`."""
        with torch._C.DisableTorchFunctionSubclass():  # a class of its own may watch what is asked of it
            return self._where.get(_key(tensor))

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs, name = dict(kwargs or {}), getattr(func, "__name__", "")
        tensors = list(_tensors((*args, *kwargs.values())))
        here = next((gpu for tensor in tensors if (gpu := self.gpu_of(tensor)) is not HOST), HOST)
        if func in (torch.device, torch._C._nn._parse_to):
            return func(*args, **kwargs)
        if func == _DEVICE:
            return func(*args) if here is HOST else torch.device("cuda", here)
        if func == _IS_CUDA:
            return here is not HOST
        if func in (Tensor.to, Tensor.cpu, Tensor.cuda):
            return self._moved(func, args, kwargs)
        if name in ("numpy", "__array__") and here is not HOST:
            raise TypeError(f"can't convert cuda:{here} device type tensor to numpy. Use Tensor.cpu() first")
        if here is not HOST and name not in _MAY_MIX:
            self._refuse_mixture(tensors)
        if (asked := kwargs.get("device")) is not None and (here := self._gpu(asked)) is not HOST:
            kwargs["device"] = self._lies_on
            _require_generator(kwargs.get("generator"))
        result = func(*args, **kwargs)
        if here is not HOST:
            self._on(here, result, name, lambda: func(*args, **kwargs))
            if name in _WAIT:
                self._watcher.copied(here, HOST, True)
        return result

    def _moved(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Of `to` and its like: another storage where the device is another."""
        tensor, words = args[0], list(args[1:])
        before = self.gpu_of(tensor)
        if func == Tensor.cpu:
            kwargs["device"] = "cpu"
        elif func == Tensor.cuda:
            words = [f"cuda:{self._watcher.index_of(words[0] if words else 'cuda')}", *words[1:]]
        target, others = self._target([kwargs.pop("device", None), *words], before)
        waits = not kwargs.pop("non_blocking", False)

        def moved() -> Any:
            found = Tensor.to(tensor, "cpu" if target is HOST else self._lies_on, *others, **kwargs)
            return found if target == before or _key(found) != _key(tensor) else found.clone()

        result = moved()
        if target is not HOST:
            self._on(target, result, "to", moved)
        if target != before:
            self._watcher.copied(before, target, waits or not is_pinned(tensor))
        return result

    def _target(self, words: list[Any], before: int | None) -> tuple[int | None, list[Any]]:
        """The GPU that is meant by the arguments of `to`, and those of its arguments that name none."""
        target, others = before, []
        for value in words:
            if isinstance(value, str | torch.device):
                target = self._gpu(value)
            elif isinstance(value, Tensor):
                target = self.gpu_of(value)
                others.append(value.dtype)
            elif isinstance(value, torch.dtype):
                others.append(value)
        return target, others

    def _gpu(self, device: Any) -> int | None:
        """The GPU that a device names."""
        if isinstance(device, int):
            return device
        return self._watcher.index_of(device) if torch.device(device).type == "cuda" else HOST

    def _on(self, gpu: int, result: Any, name: str, again: Callable[[], Any]) -> None:
        """What came out is on the GPU."""
        found = list(_tensors((result,)))
        for tensor in found:
            with torch._C.DisableTorchFunctionSubclass():
                key = _key(tensor)
                if key and key not in self._where:
                    storage = tensor.untyped_storage()
                    self._watcher.placed(gpu, storage.nbytes())
                    self._where[key] = gpu
                    weakref.finalize(storage, self._forget, key, gpu, storage.nbytes())

        def repeat() -> None:
            if name == "backward":  # what it goes back through is gone: it is counted, no more
                return
            with torch.inference_mode(), torch._C.DisableTorchFunction():
                for tensor, value in zip(found, _tensors((again(),)), strict=True):
                    if tensor is not value:
                        tensor.copy_(value)

        if name not in _LAUNCH_NOTHING:
            self._watcher.launched(gpu, name, sum(tensor.numel() for tensor in found), repeat)

    def _forget(self, key: int, gpu: int, size: int) -> None:
        self._where.pop(key, None)
        self._watcher.freed(gpu, size)

    def _refuse_mixture(self, tensors: list[Tensor]) -> None:
        """Raise what torch does; a number without dimensions may be anywhere."""
        found = {self.gpu_of(tensor) for tensor in tensors if tensor.dim()}
        if len(found) > 1:
            names = " and ".join(sorted("cpu" if gpu is HOST else f"cuda:{gpu}" for gpu in found))
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but found at least two devices, {names}!"
            )


class Generator(torch.Generator):
    """One of a GPU, whose numbers are drawn on the CPU."""

    def __new__(cls, device: Any = "cpu") -> Generator:
        """A generator for a device."""
        made: Generator = super().__new__(cls, "cpu")  # type: ignore[call-arg]
        made.is_of_cuda = torch.device(device).type == "cuda"
        return made

    is_of_cuda: bool


def _require_generator(generator: Any) -> None:
    if generator is not None and not getattr(generator, "is_of_cuda", False):
        raise RuntimeError("Expected a 'cuda' device type for generator but found 'cpu'")


def pinned(tensor: Tensor) -> Tensor:
    """What stands for `Tensor.pin_memory`: a copy, in memory that a GPU may fetch while the host goes on."""
    copy = tensor.clone()
    copy._is_pinned = True  # type: ignore[attr-defined]
    return copy


def is_pinned(tensor: Tensor) -> bool:
    """What stands for `Tensor.is_pinned`."""
    return getattr(tensor, "_is_pinned", False)


def _tensors(values: Any) -> Iterator[Tensor]:
    """All tensors among these, those in lists, tuples and dictionaries included."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)
        elif isinstance(value, dict):
            yield from _tensors(value.values())


def _key(tensor: Tensor) -> int:
    """Address of a tensor's storage; 0 where it has none of its own."""
    return int(tensor.untyped_storage()._cdata) if tensor.layout is torch.strided else 0
