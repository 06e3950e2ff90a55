"""Conversations that begin alike, as one: the beginning read once, then each one's own rest.

Several questions over the same passages cost the passages once. Exact: each rest sees the beginning and itself, at the
positions it would have alone, so losses and gradients are those of the conversations apart (checked by a test). What is
shared is found on tokens, not text, so no token is cut otherwise than at run time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from training.chat import IGNORED, Encoded

LEAST = 0.5  # of the joining conversation's tokens: a shorter beginning is not worth the longer row


def share(conversations: Sequence[Encoded], max_length: int) -> list[Encoded]:
    """Conversations joined where they begin alike, in rows of at most `max_length` tokens; the others as they are.

    Rows come in the order of the first conversation of each. Those already joined are not joined again.
    """
    order = sorted(range(len(conversations)), key=lambda one: conversations[one].input_ids)
    rows: list[tuple[int, Encoded]] = []
    group: list[int] = []
    common = 0
    for place in order:
        one = conversations[place]
        if group:
            shorter = min(_alike(conversations[group[0]], one), common or len(one.input_ids))
            whole = shorter + sum(len(conversations[other].input_ids) - shorter for other in [*group, place])
            if shorter >= LEAST * len(one.input_ids) and whole <= max_length:
                group.append(place)
                common = shorter
                continue
            rows.append((min(group), _joined([conversations[other] for other in group], common)))
        group, common = [place], 0
    if group:
        rows.append((min(group), _joined([conversations[other] for other in group], common)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def branch_mask(rows: Sequence[Encoded], width: int) -> Tensor:
    """[B, 1, width, width], True where a token is seen: what stands before it in the beginning or in its own rest,
    and in a packed row nothing of the conversations before.

    Padding sees itself, so that no softmax is over nothing.
    """
    mask = torch.zeros(len(rows), 1, width, width, dtype=torch.bool)
    for number, row in enumerate(rows):
        size = len(row.input_ids)
        branch = torch.tensor(row.branches or [0] * size)
        part = (torch.tensor(row.positions) == 0).cumsum(0)  # of a packed row: each begins at position 0
        own = ((branch[None, :] == 0) | (branch[None, :] == branch[:, None])) & (part[None, :] == part[:, None])
        mask[number, 0, :size, :size] = own.tril()
    return mask | torch.eye(width, dtype=torch.bool)


def _alike(first: Encoded, second: Encoded) -> int:
    """How many tokens both begin with, at least one of each one's prompt left to its rest: what is learnt is not shared,
    and the token that predicts its first word stands in its own branch."""
    if first.branches or second.branches:
        return 0
    most = min(_prompt(first), _prompt(second)) - 1
    pairs = zip(first.input_ids[:most], second.input_ids[:most], strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), max(0, most))


def _prompt(row: Encoded) -> int:
    return next(place for place, label in enumerate(row.labels) if label != IGNORED)


def _joined(group: Sequence[Encoded], common: int) -> Encoded:
    if len(group) == 1:
        return group[0]
    first = group[0]
    ids, labels = first.input_ids[:common], [IGNORED] * common
    positions, branches = first.positions[:common], [0] * common
    for number, one in enumerate(group, 1):
        ids = ids + one.input_ids[common:]
        labels = labels + one.labels[common:]
        positions = positions + one.positions[common:]
        branches = branches + [number] * (len(one.input_ids) - common)
    return Encoded(ids, labels, positions, branches)
