"""Names beyond the declared ones: `lecture_cnn:kernel_size=7` is a variant, `timm/NAME` comes from a source."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bench.cell import MOST_SIDE
from bench.declare.declarations import Architecture, Source
from bench.declare.loading.process_settings import BY_BUILDER, contained, undoing
from bench.declare.places import foreign, short_place
from bench.declare.registry import Registry
from bench.errors import UnknownName, UsageError
from bench.validity import check
from bench.words import in_room

SOURCES: Registry[Source] = Registry("source of architectures")
SIZE = "image_size"
"""Name of the keyword argument for the side of the input in pixels: the variant takes it as its own resolution."""


class Architectures(Registry[Architecture]):
    """Declared architectures in the order that they state; `get` also knows variants and names of sources."""

    def __init__(self) -> None:
        super().__init__("architecture")
        self._derived: dict[str, Architecture] = {}

    def add(self, name: str, item: Architecture, place: str) -> None:
        """Declare `item` as `name`, after those of the same order."""
        super().add(name, item, place)
        self._items = dict(sorted(self._items.items(), key=lambda entry: _order(entry[1])))

    def get(self, name: str) -> Architecture:
        """Look `name` up: declared, `DECLARED:option=value,...` or `SOURCE/NAME`.

        Raises:
            UnknownName: nothing has that name; the message offers the nearest one.
            UsageError: an option's value is not of its kind, or the source is not installed.
        """
        if name in self:
            return super().get(name)
        if name not in self._derived:
            self._derived[name] = self._derive(name)
        return self._derived[name]

    def fetch(self, name: str) -> None:
        """Download what `get` must know of a source's NAME, where it is not on this machine.

        Raises:
            UsageError: the source is not installed, or did not have it.
        """
        prefix, slash, rest = name.partition(":")[0].partition("/")
        if slash and prefix in SOURCES:
            origin = SOURCES.get(prefix)
            with foreign(f"source '{prefix}'", origin.place):
                origin.fetch(rest)

    def _derive(self, name: str) -> Architecture:
        base, colon, options = name.partition(":")
        if colon:
            return variant(self.get(base), options)
        prefix, slash, rest = name.partition("/")
        if slash and prefix in SOURCES:
            return _from_source(SOURCES.get(prefix), rest)
        return super().get(name)


def _order(item: Architecture) -> float:
    return math.inf if item.order is None else item.order


def _from_source(origin: Source, name: str) -> Architecture:
    what = f"source '{origin.name}' ({origin.place})"
    with (
        foreign(f"source '{origin.name}'", origin.place),
        undoing(f"source '{origin.name}' ({short_place(origin.place)})", BY_BUILDER),
    ):
        found: object = origin.function(name)
    if not isinstance(found, Architecture):
        raise UsageError(f"{what} returned {type(found).__name__} for '{name}', not an Architecture")
    check(f"{what}: architecture '{found.name}'", found)
    return replace(found, build=contained(found.build, f"the builder of '{found.name}'"))


def options_of(build: Callable[..., Any]) -> dict[str, Any]:
    """Keyword-only parameters of a builder with their defaults: the options that a variant may change."""
    signature = inspect.signature(build)
    return {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def variant(item: Architecture, options: str) -> Architecture:
    """Variant of a declared architecture with `options` such as `heads=6,patch_size=32`.

    Raises:
        UnknownName: the builder has no such keyword argument.
        UsageError: no option, one without a value, given twice, or of another type than its default.
    """
    known = options_of(item.build)
    chosen: dict[str, Any] = {}
    for name, value in (_parsed(item.name, part, known) for part in options.split(",")):
        if name in chosen:
            raise UsageError(f"option '{name}' of architecture '{item.name}' is given twice")
        chosen[name] = value
    changed = {name: value for name, value in chosen.items() if value != known[name]}
    size = chosen.get(SIZE)
    if size is not None and not (isinstance(size, int) and 1 <= size <= MOST_SIDE):
        raise UsageError(
            f"option '{SIZE}' of architecture '{item.name}' must be 1 to {MOST_SIDE} pixels, not {size}"
        )
    sizes: dict[str, Any] = {"resolution": size, "min_resolution": size} if size is not None else {}
    return replace(
        item,
        name=name_of(item.name, chosen),
        build=partial(item.build, **changed),
        idea=f"{item.idea} Here {', '.join(f'{name} {value}' for name, value in chosen.items())}.",
        published=(),
        pretrained=(),
        lecture=False,
        **sizes,
    )


def name_of(base: str, options: Mapping[str, Any]) -> str:
    """Canonical spelling of a variant's name."""
    return f"{base}:{','.join(f'{name}={options[name]}' for name in sorted(options))}"


def _parsed(base: str, part: str, known: Mapping[str, Any]) -> tuple[str, Any]:
    name, separator, text = part.partition("=")
    if name not in known:
        if not known:
            raise UsageError(f"architecture '{base}' has no options, so that there is no '{base}:{part}'")
        if not part:
            raise UsageError(f"an option of architecture '{base}' is missing; it has: {in_room([*known], 160)}")
        raise UnknownName(f"option of architecture '{base}'", name, known)
    default = known[name]
    if not separator or not text:
        raise UsageError(f"option '{name}' of architecture '{base}' needs a value, as in {base}:{name}={default}")
    return name, _value(base, name, text, default)


def _value(base: str, name: str, text: str, default: object) -> object:
    kind = type(default)
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        if kind in (int, float, str):
            return kind(text)
    except (KeyError, ValueError):
        pass
    raise UsageError(
        f"'{text}' is not a value of option '{name}' of architecture '{base}': it takes {kind.__name__}"
    )
