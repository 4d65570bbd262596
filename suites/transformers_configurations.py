"""Configurations of transformers' networks from elsewhere, without what they would have run or fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bench.errors import UsageError
from bench.text.plain import in_brief

_OF_TIMM = "timm_wrapper"
_NOT_OF_THE_NETWORK = ("auto_map", "dtype", "torch_dtype")
"""Where code is, and how the weights' numbers are rounded: a cell says in which precision it computes."""
_NAMED = 5
"""Settings that are named at most where a repository's are left out."""


class Configured(NamedTuple):
    """Configuration of a repository, by what transformers' own of that kind knows."""

    configuration: Any
    left_out: tuple[str, ...]
    """Settings in its file that transformers' own of that kind does not have, by dotted name."""

    @property
    def remark(self) -> str:
        """Sentence on what was left out, since another version of transformers may build another network."""
        if not self.left_out:
            return ""
        more = len(self.left_out) - _NAMED
        named = ", ".join(self.left_out[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f" Left out of its configuration, as the installed version does not know it: {in_brief(named)}."


def configured(library: Any, name: str, content: Mapping[str, Any], kinds: Mapping[str, Any]) -> Configured:
    """Configuration of a repository, without what its file names of code, of kernels to be fetched and of files.

    Raises:
        UsageError: it is of no kind that classifies images, or of one whose networks are another library's.
    """
    kind = content.get("model_type")
    if kind not in kinds:
        raise UsageError(f"'{name}' is of kind {kind}, which classifies no images")
    if kind == _OF_TIMM:
        raise UsageError(f"'{name}' is a model of timm, which may name any file or repository: use timm/NAME")
    usual = library.AutoConfig.for_model(kind)
    renamed = dict.fromkeys((*usual.attribute_map, "num_labels"))
    known, left_out = _split(content, {**usual.to_dict(), **renamed})
    return Configured(type(usual).from_dict(known), tuple(left_out))


def _split(content: Mapping[str, Any], usual: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[str]]:
    """The part of a configuration, and of those within it, that the usual one has, and the names of the rest.

    Without a usual one all is kept.
    """
    known: dict[str, Any] = {}
    left_out: list[str] = []
    for key, value in content.items():
        if key in _NOT_OF_THE_NETWORK or key.startswith("_") or key.endswith("_implementation"):
            continue
        if usual is not None and key not in usual:
            left_out += [key] if value is not None else []
        elif isinstance(value, dict):
            known[key], within = _split(value, _within(usual, key))
            left_out += [f"{key}.{name}" for name in within]
        else:
            known[key] = value
    return known, left_out


def _within(usual: Mapping[str, Any] | None, key: str) -> Mapping[str, Any] | None:
    """The usual configuration of a part; None where there is none, as of the names of classes."""
    part = (usual or {}).get(key)
    return part if isinstance(part, dict) and "model_type" in part else None
