"""The ticks of every axis that has numbers: round values, each written in full with its unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log
from typing import Any

_RATIOS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6, 2, 3, 4)
_FAR_RATIOS = (5, 10, 20, 50, 100, 200, 500, 1000)
_TICKS = (*_RATIOS, *_FAR_RATIOS)
_MOST_TICKS = 10
_MOST, _LEAST = 9, 4
"""Most ticks of an axis and, where possible, fewest."""
_DIGITS: tuple[tuple[float, ...], ...] = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))
"""Digits by which a decade of a logarithmic axis may be divided, the coarsest first."""
_PREFIXES = {4: "T", 3: "G", 2: "M", 1: "k", 0: "", -1: "m", -2: "µ", -3: "n"}
_SMALL = frozenset({"s", "J", "W"})
"""Units of which people say thousandths."""
_ALONE = frozenset({"1", "points", "times", ""})
"""Units whose numbers stand alone: the title of the axis says what they are."""


def log_axis(values: Iterable[float], unit: str = "1") -> dict[str, Any]:
    """A logarithmic plotly axis over these values, with round ticks.

    Args:
        values: values in the SI unit; those that are not above zero have no place on the axis.
        unit: unit, as in `tick`.
    """
    shown = log_ticks(values)
    return {"type": "log"} | labelled(shown, unit)


def linear_axis(values: Iterable[float], unit: str = "1", *, from_zero: bool = False) -> dict[str, Any]:
    """A linear plotly axis over these values, with round ticks.

    Args:
        values: values in the SI unit, or in percent.
        unit: unit, as in `tick`.
        from_zero: whether the axis begins at zero, as that of bars does.
    """
    every = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(every), max(every)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    shown = labelled(linear_ticks(low, high), unit)
    return shown | ({"rangemode": "tozero"} if from_zero else {})


def year_axis(years: Iterable[int]) -> dict[str, Any]:
    """An axis with a tick at each of these years."""
    shown = list(years)
    return {"tickmode": "array", "tickvals": shown, "ticktext": [str(year) for year in shown], "tickformat": "d"}


def steps_of(years: Iterable[int]) -> dict[int, int]:
    """The place of each of these years among them, on an axis that leaves out all others."""
    return {year: step for step, year in enumerate(sorted(set(years)))}


def step_axis(steps: Mapping[int, int]) -> dict[str, Any]:
    """An axis of such places, labelled with their years."""
    return year_axis(steps) | {"tickvals": list(steps.values())}


def labelled(values: Sequence[float], unit: str) -> dict[str, Any]:
    """An axis with ticks at these values."""
    return {"tickmode": "array", "tickvals": list(values), "ticktext": texts(values, unit)}


def texts(values: Sequence[float], unit: str) -> list[str]:
    """Texts of the values as `tick` writes them; evenly spaced ones have the prefix of the largest: `0.5 GB`, `1
    GB`."""
    steps = {round(after - before, 12) for before, after in pairwise(values)}
    even = len(values) > 2 and max(steps) - min(steps) <= 1e-6 * max(map(abs, values))
    largest = max(map(abs, values), default=0.0)
    return [tick(value, unit, largest if even else None) for value in values]


def tick(value: float, unit: str, largest: float | None = None) -> str:
    """A value as an axis writes it, without zeros at the end: `20 ms`, `5 M`, `0.5 GB`, `1,000/s`, `60 %`.

    Args:
        value: value in the SI unit, or in percent.
        unit: `s`, `B`, `J`, `1` (a count), `1/s`, `%`, `points`, `times` or another word behind the number.
        largest: the value whose prefix it takes; its own where there is none.
    """
    if unit == "%":
        return f"{_plain(value)} %"
    if unit == "points":
        return f"{'+' if value > 0 else ''}{_plain(value)}"
    if unit == "1/s":
        return f"{_plain(value)}/s"
    if value == 0 or unit == "times":
        return _plain(value)
    scale = abs(value if largest is None else largest)
    step = min(4, max(-3 if unit in _SMALL else 0, math.floor(math.log10(scale) / 3 + 1e-9)))
    return f"{_plain(value / 1000.0**step)} {_PREFIXES[step]}{'' if unit in _ALONE else unit}".rstrip()


def _plain(value: float) -> str:
    """Up to four digits, with commas, without an exponent: `1,000,000`, `0.25`."""
    rounded = float(f"{value:.4g}")
    if abs(rounded) >= 1000:
        return f"{rounded:,.0f}"
    return f"{rounded:.6f}".rstrip("0").rstrip(".") if rounded else "0"


def log_ticks(values: Iterable[float]) -> list[float]:
    """Round values over these, for a logarithmic axis."""
    every = [value for value in values if 0 < value < math.inf] or [1.0]
    low, high = min(every), max(every)
    found = [_decades(low, high, digits) for digits in _DIGITS]
    fitting = [ticks for ticks in found if ticks and len(ticks) <= _MOST]
    inside = [sum(low <= tick <= high for tick in ticks) for ticks in fitting]
    enough = [ticks for ticks, count in zip(fitting, inside, strict=True) if count >= _LEAST]
    if enough:
        return enough[0]
    if low < high < 3 * low:
        return [value for value in linear_ticks(low, high) if value > 0]
    return fitting[-1] if fitting else _thinned(found[0])


def _decades(low: float, high: float, digits: Iterable[float]) -> list[float]:
    """Ticks between the values and just outside of them: plotly leaves some room at the ends."""
    room = max(1.1, (high / low) ** 0.05)
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    every = (float(f"{digit * 10.0**power:.12g}") for power in powers for digit in digits)
    return [value for value in every if low / room <= value <= high * room]


def _thinned(values: Sequence[float]) -> list[float]:
    return list(values[:: -(-len(values) // _MOST) or 1])


def linear_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round, evenly spaced values over a range: at most so many steps."""
    if high <= low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, math.floor(high / step + 1e-9) + 1)]


def ticks(ratios: Sequence[float]) -> list[float]:
    """The round ratios that have room on an axis over these ratios, above zero; 1 always has."""
    apart = (log(max(ratios)) - log(min(ratios))) / _MOST_TICKS
    shown = [1.0]
    for side in (_TICKS[_TICKS.index(1) + 1 :], _TICKS[_TICKS.index(1) - 1 :: -1]):
        last = 1.0
        for value in side:
            if abs(log(value / last)) >= apart:
                shown.append(value)
                last = value
    low, high = min(1.0, *ratios), max(1.0, *ratios)
    return sorted(value for value in shown if low / 1.1 <= value <= high * 1.1)
