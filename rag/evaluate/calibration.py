"""How far the probability that the documents answer can be trusted: reliability, Brier score, risk against coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluate.statistics import mean, wilson

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Questions whose probability lies in one tenth: the mean said, the share that came true, its 95% interval."""

    count: int
    said: float
    true: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """`brier` is the mean squared error (Brier 1950, Mon. Weather Rev. 78); `error` the expected calibration error over
    ten equal bins (Naeini et al. 2015, AAAI). Both 0 at best."""

    count: int
    bins: tuple[Bin, ...]
    brier: float
    error: float


def calibrate(said: Sequence[tuple[float, bool]]) -> Calibration | None:
    """From (probability, whether the documents do answer) of each question; None of nothing."""
    if not said:
        return None
    held: dict[int, list[tuple[float, bool]]] = {}
    for probability, true in said:
        held.setdefault(min(BINS - 1, int(probability * BINS)), []).append((probability, true))
    bins = []
    for _, pairs in sorted(held.items()):
        right = sum(true for _, true in pairs)
        bins.append(Bin(len(pairs), mean([p for p, _ in pairs]), right / len(pairs), *wilson(right, len(pairs))))
    return Calibration(
        len(said), tuple(bins), mean([(p - true) ** 2 for p, true in said]),
        sum(b.count * abs(b.said - b.true) for b in bins) / len(said))


def risk_coverage(answered: Sequence[tuple[float, bool]], asked: int) -> list[tuple[float, float]]:
    """(coverage, risk) as the threshold falls: the share of all `asked` questions that would be answered, and the share
    of those answers that are wrong (El-Yaniv and Wiener 2010, JMLR 11).

    `answered` are (probability, whether right) of what was answered; an answer to the unanswerable is wrong.
    """
    points, wrong = [], 0
    ordered = sorted(answered, key=lambda one: -one[0])
    for number, (probability, right) in enumerate(ordered, 1):
        wrong += not right
        if number == len(ordered) or ordered[number][0] < probability:  # equal ones are answered together
            points.append((number / asked, wrong / number))
    return points
