"""Confident learning: finds labels that are probably wrong. Pure.

Northcutt, Jiang and Chuang: Confident Learning: Estimating Uncertainty in Dataset Labels, Journal of Artificial
Intelligence Research 70, 2021, section 3. Probabilities must be out of sample, as those of a cross-validation are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def thresholds(sums: Iterable[tuple[int, int, float]]) -> dict[int, float]:
    """Mean self-confidence of each class: the mean probability of their label over its images (eq. 2).

    Args:
        sums: a class, the number of its images, and the sum of their probabilities of it; of a class as often as
            there are folds.
    """
    numbers: dict[int, int] = {}
    totals: dict[int, float] = {}
    for label, number, total in sums:
        numbers[label] = numbers.get(label, 0) + number
        totals[label] = totals.get(label, 0.0) + total
    return {label: totals[label] / number for label, number in numbers.items() if number}


def likelier_class(own: float, others: Iterable[tuple[int, float]], least: Mapping[int, float]) -> int | None:
    """The class that an image probably belongs to instead of its label; None where the label is not in doubt.

    That is the most probable of the other classes that are more probable than the label, and at least as probable
    as images of that class are on the average.

    Args:
        own: probability of the label.
        others: other classes with their probabilities.
        least: threshold of each class; a class without images has none, and no image is taken for one of it.
    """
    found = [(p, label) for label, p in others if p > own and label in least and p >= least[label]]
    return max(found, key=lambda item: item[0])[1] if found else None
