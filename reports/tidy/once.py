"""Cache for what several tables and charts ask of the same run."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from reports.tidy.frame import Frames

T = TypeVar("T")


def once(build: Callable[[Frames], T]) -> Callable[[Frames], T]:
    """Keep what a function makes of a run for as long as the run's frames are there.

    All who ask are given the same object: they must not change it.
    """

    @wraps(build)
    def ask(frames: Frames) -> T:
        # beside the frames' fields, as a cached property is, since data frames cannot be keys of a cache
        kept: dict[Any, Any] = vars(frames).setdefault("_once", {})
        if build not in kept:
            kept[build] = build(frames)
        made: T = kept[build]
        return made

    return ask
