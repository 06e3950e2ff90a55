"""Means, percentiles, intervals and tests. What draws is seeded: the same rows give the same numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

DRAWS = 2000


def mean(values: Sequence[float]) -> float | None:
    """None of nothing."""
    return float(np.mean(values)) if len(values) else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Linear interpolation; None of nothing."""
    return float(np.percentile(values, share)) if len(values) else None


def paired_difference(one: Sequence[float], other: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """(mean of one − other, lower, upper): a 95% percentile bootstrap over questions asked of both."""
    difference = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    draws = np.random.default_rng(seed).integers(0, len(difference), (DRAWS, len(difference)))
    means = difference[draws].mean(axis=1)
    return float(difference.mean()), float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    z, share = 1.959964, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided p value of McNemar's test (1947, Psychometrika 12): of the questions on which two runs differ,
    how likely so uneven a split is where neither is better. 1.0 where they do not differ."""
    differ = gained + lost
    if not differ:
        return 1.0
    tail = sum(math.comb(differ, k) for k in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / 2**differ)
