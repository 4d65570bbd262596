"""Hostile values: texts, numbers and trees by hypothesis, and changes of bytes and of texts by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

T = TypeVar("T")
ENTROPY = 2048
"""Bytes that hypothesis makes one value of."""
NUMBERS: tuple[int | float, ...] = (
    0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**64, 10**30, 1e-320, 1e308, math.inf, -math.inf, math.nan,
)  # fmt: skip
"""Numbers at which widths and signs end."""
TEXTS: tuple[str, ...] = (
    "", " ", "\0", "x" * 5000, "9" * 5000, "-", "--", "-x", "..", "../../x", "*", "%s%n", "{}", "$(touch PWNED)",
    "`touch PWNED`", "; touch PWNED", "=cmd|' /C calc'!A0", "@SUM(1)", "<script>alert(1)</script>",
    "[x](javascript:1)", "a|b", "\x1b]0;title\x07", "\x1b[31mred\x1b[2J", "\x9b31m", "a\rb", "a\nb", "\u202egnp",
    "\ud800", "\ufeff", "é", "nan", "inf", "-1", "1e999", "0x10", "１２", "None", "true", "null", "latest",
    "[" * 2000, "{\"a\":" * 500,
)  # fmt: skip
"""Texts that are something else to some reader."""


def drawn(strategy: st.SearchStrategy[T], random: Random) -> T:
    """A value of a strategy that the random numbers decide alone: hypothesis keeps and looks up none."""
    found: list[T] = []

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def keep(value: T) -> None:
        found.append(value)

    while not found:
        keep.hypothesis.fuzz_one_input(random.randbytes(ENTROPY))  # type: ignore[attr-defined]
    return found[-1]


def trees() -> st.SearchStrategy[Any]:
    """What JSON and TOML hold, of every type and in every order."""
    leaves = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.integers() | texts()
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4),
        max_leaves=12,
    )


def texts() -> st.SearchStrategy[str]:
    """Texts that mean something to some reader, and texts of any characters."""
    return st.sampled_from(TEXTS) | st.text(max_size=12) | st.text("ab./\\-=;\"'\n\t\x1b", max_size=12)


def number(random: Random) -> int | float:
    """A number, often one at which a width ends."""
    return random.choice(NUMBERS) if random.random() < 0.6 else drawn(st.integers() | st.floats(), random)


def text(random: Random) -> str:
    """A text, often one that is something else to a reader."""
    return random.choice(TEXTS) if random.random() < 0.6 else drawn(texts(), random)


def name(random: Random) -> str:
    """A text that a file may be called."""
    found = text(random).replace("/", "_").replace("\0", "_")
    return (found.encode(errors="replace")[:200].decode(errors="ignore") or "_").replace("..", "._.")


def changed_bytes(data: bytes, random: Random) -> bytes:
    """The bytes with one to three changes: flips, cuts, insertions, repetitions, what ends widths."""
    for _ in range(random.randint(1, 3)):
        data = random.choice(BYTES)(data, random)
    return data


def _at(data: Sequence[Any], random: Random) -> int:
    # headers are what readers trust, so that many of the changes are there
    most = min(len(data), 64) if random.random() < 0.3 else len(data)
    return random.randint(0, most)


def _flip(data: bytes, random: Random) -> bytes:
    found = bytearray(data or b"\0")
    for _ in range(random.choice((1, 1, 4, 32))):
        found[min(_at(found, random), len(found) - 1)] ^= 1 << random.randrange(8)
    return bytes(found)


def _cut(data: bytes, random: Random) -> bytes:
    return data[: _at(data, random)]


def _put(data: bytes, random: Random) -> bytes:
    at = _at(data, random)
    return data[:at] + random.randbytes(random.choice((1, 4, 8, 300))) + data[at:]


def _widest(data: bytes, random: Random) -> bytes:
    at, width = _at(data, random), random.choice((1, 2, 4, 8))
    value = random.choice(
        (b"\xff" * width, b"\0" * width, b"\x7f" + b"\xff" * (width - 1), b"\0" * (width - 1) + b"\x04")
    )
    return data[:at] + value + data[at + width :]


def _repeat(data: bytes, random: Random) -> bytes:
    at, length = _at(data, random), random.choice((1, 16, 512))
    return data[:at] + data[at : at + length] * random.choice((2, 100)) + data[at + length :]


def _swap(data: bytes, random: Random) -> bytes:
    first, second = sorted((_at(data, random), _at(data, random)))
    block = min(second - first, 16)
    one, other = data[first : first + block], data[second : second + block]
    return data[:first] + other + data[first + block : second] + one + data[second + block :]


BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (_flip, _cut, _put, _widest, _repeat, _swap)


def changed_text(told: str, random: Random) -> str:
    """A text of lines with one to three changes: of a line, a word, or a value of it."""
    for _ in range(random.randint(1, 3)):
        lines = told.split("\n")
        at = random.randrange(len(lines))
        lines[at : at + 1] = _line(lines[at], random)
        told = "\n".join(lines)
    return told


def _line(line: str, random: Random) -> list[str]:
    way = random.randrange(6)
    if way == 0:
        return []
    if way == 1:
        return [line] * random.choice((2, 50))
    if way == 2:
        return [line, text(random)]
    if way == 3:
        return [changed_bytes(line.encode(errors="replace"), random).decode(errors="replace")]
    head, mark, tail = line.partition(random.choice(("=", ",", " ")))
    value = text(random) if way == 4 else json.dumps(drawn(trees(), random))
    return [head + mark + value if random.random() < 0.7 else value + mark + tail]


def changed_tree(tree: Any, random: Random) -> Any:
    """A tree of JSON with another value, another key or one key less somewhere in it."""
    if not isinstance(tree, dict | list) or not tree or random.random() < 0.15:
        return _leaf(random)
    if isinstance(tree, list):
        at = random.randrange(len(tree))
        return [*tree[:at], changed_tree(tree[at], random), *tree[at + 1 :]]
    key = random.choice(sorted(tree))
    way = random.random()
    if way < 0.15:
        return {other: value for other, value in tree.items() if other != key}
    if way < 0.25:
        return {**tree, text(random): _leaf(random)}
    return {**tree, key: changed_tree(tree[key], random)}


def _leaf(random: Random) -> Any:
    way = random.randrange(4)
    if way == 0:
        return number(random)
    return text(random) if way == 1 else drawn(trees(), random)


def deep(random: Random) -> str:
    """JSON that is deeper, longer or larger than a reader may bear."""
    depth = random.choice((900, 5000, 100_000))
    return random.choice(
        (
            "[" * depth + "]" * depth,
            '{"a":' * depth + "1" + "}" * depth,
            "9" * 5000,
            "1e999",
            "NaN",
            '"\\ud800"',
            "",
        )
    )
