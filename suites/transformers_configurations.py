"""Configurations of transformers' networks from elsewhere, without what they would have run or fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.errors import UsageError

_OF_TIMM = "timm_wrapper"


def configured(library: Any, name: str, content: Mapping[str, Any], kinds: Mapping[str, Any]) -> Any:
    """Configuration of a repository, by what transformers' own of that kind knows.

    Whatever else its file says is left out: it may name code, kernels to be fetched and run, and other files.

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
    return type(usual).from_dict(_known(content, {**usual.to_dict(), **renamed}))


def _known(content: Mapping[str, Any], usual: Mapping[str, Any] | None) -> dict[str, Any]:
    """The part of a configuration, and of those within it, that the usual one has; None: there is no usual one."""
    return {
        key: _known(value, _within(usual, key)) if isinstance(value, dict) else value
        for key, value in content.items()
        if (usual is None or key in usual) and not key.startswith("_") and not key.endswith("_implementation")
    }


def _within(usual: Mapping[str, Any] | None, key: str) -> Mapping[str, Any] | None:
    """The usual configuration of a part; None where there is none, as of the names of classes."""
    part = (usual or {}).get(key)
    return part if isinstance(part, dict) and "model_type" in part else None
