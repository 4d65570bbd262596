"""Figures for people: three significant digits with an SI prefix."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bench.lazy import lazy

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = lazy("pandas")

_PREFIXES = {4: "T", 3: "G", 2: "M", 1: "k", 0: "", -1: "m", -2: "µ", -3: "n"}
NOTHING = "–"
AT_LEAST = "at least"
"""Name of a bound whose figure lacks a part; people read `≥`."""
TIMES, NATS, CORRELATION, OF_THE_WAY = "times", "nats", "rank correlation", "of the way"
"""Units of what is made of figures: a ratio, a difference of losses, a rank correlation, a part of the way from a
first to a last. As with `points` the number stands alone."""
NOISY = "noisy"
"""Status of a figure that something else on the machine disturbed; people read it behind the figure."""


def is_missing(value: Any) -> bool:
    """Whether a value of a row is None, NaN or NA: as `pandas.isna`, which takes ten times as long."""
    if value is None or isinstance(value, str | int):
        return value is None
    return math.isnan(value) if isinstance(value, float) else bool(pd.isna(value))


def quantity(value: float | None, unit: str, bound: object = "", status: object = "") -> str:
    """A value with its unit, readable: `12.3 ms`, `25.6 M`, `≥ 571 MB`, `1.42 k/s`, `24.5 %`, `83.8 ms (noisy)`.

    Args:
        value: figure in the SI unit; None and NaN give a dash.
        unit: `s`, `B`, `J`, `1` (a count), `1/s`, `%`, `px`, `points` (of percent), `± points` (to either side),
            or one of those of `TIMES` and the following; of any other the word stands behind the number.
        bound: `AT_LEAST` where the figure is a lower bound.
        status: `NOISY` where the figure was disturbed; any other says nothing of a figure.
    """
    if value is None or math.isnan(value):
        return NOTHING
    if status == NOISY:
        return f"{quantity(value, unit, bound)} ({NOISY})"
    if bound == AT_LEAST:
        return f"≥ {quantity(value, unit)}"
    if math.isinf(value):  # measures refuse it; a store from elsewhere may have it
        return "∞" if value > 0 else "-∞"
    return _WITHOUT_PREFIX[unit](value) if unit in _WITHOUT_PREFIX else _prefixed(value, unit)


def _prefixed(value: float, unit: str) -> str:
    scaled, prefix = _scale(value, lowest=-3 if unit in ("s", "J") else 0)
    suffix = {"1": "", "1/s": "/s"}.get(unit, unit)
    if unit == "1/s":
        return f"{scaled} {prefix}{suffix}" if prefix else f"{scaled}{suffix}"
    apart = " " if prefix and suffix.isalpha() and suffix.islower() and len(suffix) > 2 else ""  # a word
    return f"{scaled} {prefix}{apart}{suffix}".rstrip()


def span(low: float, high: float, unit: str) -> str:
    """An interval in the unit of its value: `[11.9 ms, 12.8 ms]`, `[91.0, 95.2]` for percents."""
    if unit == "%":
        return f"[{low:.1f}, {high:.1f}]"
    return f"[{quantity(low, unit)}, {quantity(high, unit)}]"


def times(ratio: float) -> str:
    """Text of a factor: `1.25`, `56`, `6,600`."""
    digits = float(f"{ratio:.2g}" if ratio >= 10 else f"{ratio:.3g}")
    return f"{digits:,.0f}" if ratio >= 10 else f"{digits:g}"


_WITHOUT_PREFIX: Mapping[str, Callable[[float], str]] = {
    "%": "{:z.1f} %".format,
    "px": "{:g} px".format,
    "points": "{:+z.1f}".format,
    "± points": "±{:.1f}".format,
    TIMES: times,
    NATS: "{:+z.3f}".format,
    CORRELATION: "{:+z.2f}".format,
    OF_THE_WAY: "{:+z.2f}".format,
}
"""Text of a value in each unit that takes no SI prefix; what rounds to zero is not negative."""


def duration(seconds: float) -> str:
    """Wall time: `48 s`, `3 min 05 s`, `2 h 14 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def elapsed(started: str, finished: str) -> float | None:
    """Seconds between two ISO 8601 moments; None where one is not given."""
    if not started or not finished:
        return None
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()


def _scale(value: float, lowest: int) -> tuple[str, str]:
    if value == 0:
        return "0", ""
    # the exponent of the rounded value: 999.6 reads 1.00 k
    exponent = int(f"{value:.2e}".partition("e")[2])
    step = min(4, max(lowest, exponent // 3))
    scaled = value / 1000.0**step
    if step == 0 and float(value).is_integer():
        return str(int(value)), ""
    digits = max(0, 2 - (exponent - 3 * step))
    return f"{scaled:.{digits}f}", _PREFIXES[step]
