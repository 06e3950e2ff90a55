"""Means, percentiles, and paired bootstrap intervals. Everything is seeded: the same rows give the same numbers."""

from __future__ import annotations

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
