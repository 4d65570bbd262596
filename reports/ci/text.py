"""Texts made fit for the forms: names of cells come from users' catalogues, reasons from users' code.

Whatever they hold, they stay on one line, and no reader takes a part of them for markup or for a command.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.errors import Exit
from reports.comparing.causes import line
from reports.formats import NOTHING

if TYPE_CHECKING:
    from bench.compare.judgement import Judgement
    from bench.compare.verdict import Comparison

ENDED = {Exit.INCOMPLETE: "incomplete", Exit.NOT_COMPARABLE: "not comparable"}
"""Words for each end of a comparison."""
MOST = 300
"""Characters of a text that are told; of a name those that dashboards tell cells apart by."""
_BLANK = ("Cc", "Zl", "Zp")
_DROPPED = ("Cf", "Cs", "Co", "Cn")
"""Unicode's categories that no reader should get: invisible, half a character, or none at all."""
_MARKUP = re.compile(
    r"(?<![^\W_])[_:-]|[_-](?![^\W_])|:(?![^\W_]|\s|$)"  # within a word they mean nothing
    r"|(?<![^\W_])\.|\.(?!\d|\s|$)|(?<!\d)\.(?=\d)"  # www.example.com becomes a link
    r"|(?![\w\s,/%+=():.-])[!-~]"
)


def plain(text: str, most: int = MOST) -> str:
    """The text on one line, without control and invisible characters, and no longer than `most`."""
    if not text.isprintable():
        kinds = [(letter, unicodedata.category(letter)) for letter in text]
        text = "".join(" " if kind in _BLANK else letter for letter, kind in kinds if kind not in _DROPPED)
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def code(text: str) -> str:
    """Markdown of a name in the typeface of code, in which nobody is mentioned and nothing is a link."""
    return f"<code>{_MARKUP.sub(_entity, plain(text))}</code>"


def words(text: str) -> str:
    """Markdown of a text in which nothing is markup, nobody is mentioned and no issue is named."""
    # the space of no width comes behind, since mentions are looked for when entities are characters again
    return re.sub("(&#(?:64|35);)", r"\1&#8203;", _MARKUP.sub(_entity, plain(text)))


def names(judgement: Judgement) -> tuple[str, ...]:
    """The names of the cells, each one once: cells of one name have the beginning of their key behind it.

    That happens where they differ in a condition that names leave out, such as the threads. Those of
    a job have its key behind them: what several jobs write may meet in one place.
    """
    jobs = (item.job or judgement.key for item in judgement.found)
    named = zip(judgement.found, jobs, strict=True)
    return distinct([(f"{item.cell} [{job}]" if job else item.cell, item.key) for item, job in named])


def distinct(named: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Shortest labels that tell apart names that have keys."""
    texts = [plain(name) for name, _ in named]
    count = Counter(texts)
    return tuple(
        text if count[text] == 1 else f"{text} #{key[:6]}" for text, (_, key) in zip(texts, named, strict=True)
    )


def change(item: Comparison) -> str:
    """Head against base: the ratio with its interval or, of a share, the points gained; a dash without figures."""
    if item.ratio is None or item.base is None or item.head is None:
        return NOTHING
    from reports.comparing.pairing import interval

    found = f"{100 * (item.head - item.base):+z.1f} points" if item.share else f"{item.ratio:.3f}"
    return f"{found} {interval(item).removesuffix(' points')}".rstrip()


def sides(item: Comparison) -> tuple[str, str]:
    """The figures of base and head with their units."""
    from reports.comparing.pairing import figure

    return figure(item, item.base), figure(item, item.head)


def pairs(item: Comparison) -> str:
    """Number of pairs of processes that were measured, as text."""
    return NOTHING if item.pairs is None else str(item.pairs)


def band(item: Comparison) -> str:
    """Difference of the base from its own twin, as text."""
    return NOTHING if item.band is None else f"{100 * item.band:.1f} %"


def verdict_of(judgement: Judgement, item: Comparison) -> str:
    """The verdict, and whether it is accepted."""
    return f"{item.verdict} (accepted)" if item.key in judgement.accepted else item.verdict


def note_of(judgement: Judgement, item: Comparison) -> str:
    """Note on a cell beside its figures: why it is accepted comes first."""
    reason = judgement.accepted.get(item.key)
    return "; ".join(part for part in (f"accepted: {reason}" if reason else "", item.note) if part)


def sentence(judgement: Judgement, item: Comparison) -> str:
    """All results of a cell on one line."""
    base, head = sides(item)
    parts = [f"{base} → {head}"] if (item.base, item.head) != (None, None) else []
    if item.ratio is not None:
        parts.append(change(item) if item.share else f"ratio {change(item)}")
    if item.pairs is not None and "pairs" not in item.note:  # as most notes say
        parts.append(f"{item.pairs} pairs")
    if item.band is not None:
        parts.append(f"band {band(item)}")
    said = note_of(judgement, item)
    parts += [said] if said else []
    if item.causes:
        parts.append(f"mostly {line(item.causes[0])}")
    return plain(", ".join(parts))


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found.group())};"
