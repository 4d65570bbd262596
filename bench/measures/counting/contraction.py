"""Multiply-adds of an einsum: its tensors are contracted two by two, in the order in which torch does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import prod

_Sizes = Mapping[str, int]
"""Sizes by index, without sizes of 1, which are broadcast."""


def contraction(equation: str, shapes: Sequence[Sequence[int]], path: Sequence[int] = ()) -> tuple[int, int]:
    """Multiply-adds of an einsum, and the elements of the results of its products.

    What only moves, sums or multiplies element by element costs nothing, as everywhere in the convention. An index
    that one tensor alone has, and the result has not, is summed before the product.

    Args:
        equation: `...c,cd->...d`, its result written out or not.
        shapes: shapes of the tensors.
        path: positions of the tensors to contract, a pair after the other, where each result goes to the end;
            empty: the first two of those that are left, where it goes to the front.
    """
    terms, arrow, written = equation.replace(" ", "").partition("->")
    indices = [list(_indices(term, len(shape))) for term, shape in zip(terms.split(","), shapes, strict=True)]
    most = max((index for term in indices for index in term if index[0] == "."), default="")
    kept = set(_indices(written, len(written.replace("...", "")) + len(most))) if arrow else _implied(indices)
    left: list[_Sizes] = [
        {index: size for index, size in zip(term, shape, strict=True) if size != 1}
        for term, shape in zip(indices, shapes, strict=True)
    ]
    uses = Counter(index for sizes in left for index in sizes)
    macs = results = 0
    pairs = list(zip(path[::2], path[1::2], strict=True))
    for n in range(len(left) - 1):
        i, j = sorted(pairs[n]) if pairs else (0, 1)
        second, first = left.pop(j), left.pop(i)
        alone = {x for x in first.keys() ^ second.keys() if x not in kept and uses[x] == 1}
        both = first.keys() & second.keys()
        uses.subtract(both)
        summed = {x for x in both if x not in kept and uses[x] == 1}
        sizes = {x: size for x, size in {**first, **second}.items() if x not in alone}
        result = {x: size for x, size in sizes.items() if x not in summed}
        if summed:
            macs += prod(sizes.values())
            results += prod(result.values())
        left.insert(len(left) if pairs else 0, result)
    return macs, results


def _indices(term: str, dimensions: int) -> Iterator[str]:
    """Index of each dimension; dimensions of an ellipsis are as many dots as they are from its end."""
    before, ellipsis, after = term.partition("...")
    yield from before
    if ellipsis:
        yield from ("." * i for i in range(dimensions - len(before) - len(after), 0, -1))
    yield from after


def _implied(indices: Sequence[Sequence[str]]) -> set[str]:
    """Indices of a result that is not written out: those of an ellipsis, and those that occur once."""
    times = Counter(index for term in indices for index in term)
    return {index for index, n in times.items() if n == 1 or index[0] == "."}
