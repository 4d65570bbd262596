"""Short labels of comparisons: what is compared, and on what, without what all rows of a chart share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.compare.experiments.contrasts import Family
from bench.transfer import transfer_of
from reports.learning.effects import Effect, arms
from reports.learning.scenarios import NO_AUGMENTATION, Row, joined
from reports.learning.telling.ways import USUAL_PART, source_word, strategy_word, tuned_word
from reports.tidy.frame import Frames

Words = Mapping[str, str]
"""Words that may tell a comparison from others, by condition, in the order of a label."""
_SOURCE = "source"
_ALWAYS = ("what", "target")


@dataclass(frozen=True)
class Label:
    """Two columns: the network, with what holds for all its comparisons; what is compared, and on what."""

    network: str
    comparison: str


def short_labels(frames: Frames, family: Family, effects: Sequence[Effect]) -> tuple[Label, ...]:
    """A label of each comparison.

    The target is always told, other conditions where the comparisons of a network differ in them. A source of
    weights that all comparisons of a network share, and those of others do not, stands with the network.
    """
    words = [_words(frames, family, effect) for effect in effects]
    networks = [effect.architecture for effect in effects]
    of: dict[str, list[Words]] = {}
    for name, word in zip(networks, words, strict=True):
        of.setdefault(name, []).append(word)
    labels = [
        Label(_network(name, of[name], words), joined(*_told(word, of[name])))
        for name, word in zip(networks, words, strict=True)
    ]
    seen = Counter(labels)
    return tuple(
        replace(label, comparison=joined(label.comparison, effect.condition)) if seen[label] > 1 else label
        for effect, label in zip(effects, labels, strict=True)
    )


def _told(word: Words, own: Sequence[Words]) -> Iterator[str]:
    """Words about a comparison that a reader needs beside the name of its network."""
    for name, text in word.items():
        usual = name in (_SOURCE, "against") or text == USUAL_PART
        others = {other[name] for other in own}
        if name in _ALWAYS or not usual or len(others - {""} if name == _SOURCE else others) > 1:
            yield text


def _network(name: str, own: Sequence[Words], every: Sequence[Words]) -> str:
    """A network, with its source of weights where it has one and another network another one."""
    mine, all_ = ({word[_SOURCE] for word in words} - {""} for words in (own, every))
    return f"{name}, {next(iter(mine))}" if len(all_) > 1 and len(mine) == 1 else name


def sources(frames: Frames, effects: Sequence[Effect]) -> tuple[str, ...]:
    """The sources of weights of the treated trainings, as labels name them."""
    return tuple(dict.fromkeys(source_word(str(arms(frames)[e.treated][0]["weights"])) for e in effects))


def _words(frames: Frames, family: Family, effect: Effect) -> Words:
    base, treated = (arms(frames)[arm][0] for arm in (effect.base, effect.treated))
    mode, augmentation = str(treated["mode"]), str(treated["augmentation"])
    is_random = mode == "scratch"
    source = "" if is_random else source_word(str(treated["weights"]))
    last = {"target": str(treated["target"]), "setting": str(treated["setting"]), "rare": str(treated["rare"])}
    last["against"] = _against(base, treated)
    if family == "augmentation":
        return {"what": augmentation, "way": strategy_word(mode), _SOURCE: source, **last}
    last["augmentation"] = "" if augmentation == NO_AUGMENTATION else f"augmented: {augmentation}"
    if family in ("pretraining", "tuning"):
        return {_SOURCE: source, "part": tuned_word(mode), **last}
    return {"what": _strategy(base, treated), _SOURCE: source, **last, "rare": str(base["rare"]), "against": ""}


def _against(base: Row, treated: Row) -> str:
    """Name of the other side where it is trained in another way than this one."""
    own, other = (joined(str(row["setting"]), str(row["rare"])) for row in (treated, base))
    return "" if own == other else f"against {other or 'the usual one'}"


def _strategy(base: Row, treated: Row) -> str:
    """Difference of a strategy from the plain one, in words."""
    if treated["recipe"] != base["recipe"]:
        return f"{treated['recipe']} recipe"
    transfer = transfer_of(str(treated["mode"]))
    if transfer.reestimated and not transfer_of(str(base["mode"])).reestimated:
        return "BatchNorm re-estimated"
    if transfer.stage and not transfer_of(str(base["mode"])).stage:
        return f"activations of {transfer.stage}"
    return strategy_word(str(treated["mode"]))
