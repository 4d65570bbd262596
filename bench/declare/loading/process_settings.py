"""Process-wide settings that a catalogue's import or a builder changes: they are restored, and reported.

Threads, default dtype, precision and the like hold for every cell that is measured in the process, or in a fork of
it. What was set where is noted, for the records. torch and numpy are not loaded for it.
"""

from __future__ import annotations

import gc
import pickle
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial, wraps
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Undone = dict[str, dict[str, str]]
"""Settings that were undone, by who had set them: name of the setting, and its value in words."""

BY_IMPORT: Undone = {}
"""Settings that catalogues changed during import into this process, or into the one that it was forked from."""
BY_BUILDER: Undone = {}
"""Settings that builders and sources of architectures have changed in this process."""
FILTERS = "warning filters"
_BACKENDS = (
    # torch derives the later ones of these from the earlier ones, where they are not set themselves
    *(
        f"{owner}fp32_precision"
        for owner in (
            *("", "cudnn.", "cudnn.conv.", "cudnn.rnn.", "cuda.matmul."),
            *("mkldnn.", "mkldnn.matmul.", "mkldnn.conv.", "mkldnn.rnn."),
        )
    ),
    "cudnn.enabled",
    "cudnn.benchmark",
    "cudnn.benchmark_limit",
    "cudnn.deterministic",
    "cuda.matmul.allow_fp16_reduced_precision_reduction",
    "cuda.matmul.allow_bf16_reduced_precision_reduction",
    "cuda.matmul.allow_fp16_accumulation",
    "mkldnn.enabled",
    "mkldnn.deterministic",
    "opt_einsum.enabled",
    "opt_einsum.strategy",
    "quantized.engine",
)
"""Attributes of `torch.backends` that are watched."""
_OLDER = ("cudnn.allow_tf32", "cuda.matmul.allow_tf32")
"""Older attributes that `fp32_precision` replaces: they are restored first, since writing one changes the new
ones."""
_kept_open: list[Any] = []


@dataclass(frozen=True)
class _Setting:
    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object]
    in_words: Callable[[Any, Any], str] = lambda _, now: str(now)
    """Function that tells a change in words from the values before and after."""


@dataclass(frozen=True)
class _Seed:
    """A seed, with the state of the generators: drawing numbers changes the state alone."""

    number: int
    state: Any = field(compare=False)

    def __str__(self) -> str:
        return str(self.number)


@contextmanager
def undoing(who: str, noted: Undone) -> Iterator[None]:
    """Context for foreign code: its process-wide settings are restored afterwards.

    Args:
        who: owner of the code, as messages name it.
        noted: receives what it has set.
    """
    filters = list(warnings.filters)
    with warnings.catch_warnings(), _interop_threads_kept() as found:
        settings = _settings()
        before = _values(settings)
        try:
            yield
        finally:
            if filters != list(warnings.filters):
                found[FILTERS] = f"{len(warnings.filters)} of them"
            if found := _put_back(settings, before) | found:
                noted[who] = noted.get(who, {}) | found


def contained(build: Callable[P, T], who: str) -> Callable[P, T]:
    """The builder, wrapped so that the settings of the process are restored after each call."""

    @wraps(build)
    def call(*values: P.args, **named: P.kwargs) -> T:
        with undoing(who, BY_BUILDER):
            return build(*values, **named)

    return call


def with_undone(details: Mapping[str, Any], undone: Undone) -> dict[str, Any]:
    """Details of a record with `settings_undone` added, and a warning for each place that changed a setting."""
    if not undone:
        return dict(details)
    lines = [_warning(who, found) for who, found in undone.items() if found.keys() - {FILTERS}]
    known = details.get("warnings", ())
    return {
        **details,
        "settings_undone": {**details.get("settings_undone", {}), **undone},
        **({"warnings": [*known, *(line for line in lines if line not in known)]} if lines else {}),
    }


def _warning(who: str, found: Mapping[str, str]) -> str:
    told = "; ".join(f"{name}: {value}" for name, value in found.items() if name != FILTERS)
    return f"{who} changes settings that all cells share, which is undone: {told}"


@contextmanager
def _interop_threads_kept() -> Iterator[dict[str, str]]:
    """Context in which the number of interop threads is recorded instead of set: torch lets a process set it
    once."""
    asked: dict[str, str] = {}
    torch: Any = sys.modules.get("torch")
    if torch is None:
        yield asked
        return
    set_them = torch.set_num_interop_threads
    torch.set_num_interop_threads = lambda number: asked.update({"interop threads": str(number)})
    try:
        yield asked
    finally:
        torch.set_num_interop_threads = set_them


def _put_back(settings: tuple[_Setting, ...], before: Mapping[str, Any]) -> dict[str, str]:
    """Restore all changed settings; returns the changes in words."""
    after = _values(settings)
    changed = {item.name: item for item in settings if after[item.name] != before[item.name]}
    if not changed:
        return {}
    for item in settings:  # all of them, since writing one may change another
        if _values([item])[item.name] != before[item.name]:
            with _unwarned():
                item.write(before[item.name])
    # those that cannot be told any more contradict another one, which is among them
    told = {name: item for name, item in changed.items() if after[name] is not None}
    return {name: item.in_words(before[name], after[name]) for name, item in told.items()}


def _values(settings: Iterable[_Setting]) -> dict[str, Any]:
    """Value of each setting; None where torch refuses to tell it, as for contradicting flags."""
    found: dict[str, Any] = {}
    with _unwarned():
        for item in settings:
            try:
                found[item.name] = item.read()
            except RuntimeError:
                found[item.name] = None
    return found


@contextmanager
def _unwarned() -> Iterator[None]:
    """Context without deprecation warnings, for flags that some versions of torch call deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _settings() -> tuple[_Setting, ...]:
    """Settings of all loaded modules."""
    found = [
        _Setting("state of random", random.getstate, random.setstate, _of_generator),
        _Setting("garbage collection", gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
        # Python's own arithmetic shows it, too
        _Setting("flush to zero of denormals", lambda: sys.float_info.min / 2 == 0.0, _flush_denormals),
    ]
    if numpy := sys.modules.get("numpy"):
        found += _of_numpy(numpy)
    if torch := sys.modules.get("torch"):
        found += [*_of_torch(torch), *_of_arithmetic(torch)]
    return tuple(found)


def _flush_denormals(on: bool) -> None:
    sys.modules["torch"].set_flush_denormal(on)


def _of_generator(_: object, now: object) -> str:
    return "seeded or drawn from"


def _of_numpy(numpy: Any) -> Iterator[_Setting]:
    draws = numpy.random
    yield _Setting(
        "state of numpy.random",
        lambda: pickle.dumps(draws.get_state(legacy=False)),  # its arrays do not compare as a whole
        lambda state: draws.set_state(pickle.loads(state)),
        _of_generator,
    )
    yield _Setting("numpy.seterr", numpy.geterr, lambda chosen: numpy.seterr(**chosen))


def _of_torch(torch: Any) -> Iterator[_Setting]:
    """Settings of torch for tensors, generators and threads."""
    yield _Setting("default dtype", torch.get_default_dtype, torch.set_default_dtype)
    # `get_default_device` does not tell a device that was chosen from none
    yield _Setting("default device", lambda: _default_device(torch), torch.set_default_device)
    yield _Setting("seed of torch", lambda: _seed(torch), lambda seed: _seed_again(torch, seed))
    yield _Setting("threads", torch.get_num_threads, torch.set_num_threads)
    yield _Setting("inference mode", torch.is_inference_mode_enabled, lambda on: _enter(torch.inference_mode(on)))
    yield _Setting("gradients", torch.is_grad_enabled, torch.set_grad_enabled)
    yield _Setting("detection of anomalies", torch.is_anomaly_enabled, torch.set_anomaly_enabled)
    yield _Setting(
        "functions of torch.nn.init",
        lambda: dict(vars(torch.nn.init)),
        vars(torch.nn.init).update,
        lambda was, now: ", ".join(name for name in now if now[name] is not was.get(name)),
    )


def _of_arithmetic(torch: Any) -> Iterator[_Setting]:
    """Settings of torch that decide how it computes."""
    yield _Setting(
        "deterministic algorithms",
        lambda: (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        lambda chosen: torch.use_deterministic_algorithms(chosen[0], warn_only=chosen[1]),
        lambda _, now: str(now[0]) + (", warnings only" if now[1] else ""),
    )
    for kind in ("cpu", "cuda"):
        on, dtype = partial(torch.is_autocast_enabled, kind), partial(torch.get_autocast_dtype, kind)
        yield _Setting(f"autocast on {kind}", on, partial(torch.set_autocast_enabled, kind))
        yield _Setting(f"dtype of autocast on {kind}", dtype, partial(torch.set_autocast_dtype, kind))
    fused = torch.backends.mha
    yield _Setting("fast path of attention", fused.get_fastpath_enabled, fused.set_fastpath_enabled)
    cuda = torch.backends.cuda
    for name in ("flash", "mem_efficient", "math", "cudnn"):
        read, write = getattr(cuda, f"{name}_sdp_enabled"), getattr(cuda, f"enable_{name}_sdp")
        yield _Setting(f"attention by {name}", read, write)
    matmul = (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision)
    yield _Setting("float32 matmul precision", *matmul)
    for path in (*_OLDER, *_BACKENDS):
        owner, _, attribute = f"backends.{path}".rpartition(".")
        write = partial(setattr, attrgetter(owner)(torch), attribute)
        yield _Setting(f"torch.backends.{path}", partial(attrgetter(f"backends.{path}"), torch), write)


def _default_device(torch: Any) -> Any:
    context = getattr(getattr(torch, "_GLOBAL_DEVICE_CONTEXT", None), "device_context", None)
    return None if context is None else context.device


def _seed(torch: Any) -> _Seed:
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    return _Seed(torch.initial_seed(), (torch.get_rng_state(), cuda))


def _seed_again(torch: Any, seed: _Seed) -> None:
    cpu, cuda = seed.state
    torch.set_rng_state(cpu)
    if cuda is not None:
        torch.cuda.set_rng_state_all(cuda)


def _enter(context: Any) -> None:
    """Enter a context for good: its end follows when the guard is collected."""
    context.__enter__()
    _kept_open.append(context)
