"""Several conversations in one row, none of which sees another: less padding, and fewer rows.

The position ids of a row begin again at 0 with each conversation. A transformers model that is given them without an
attention mask and WITH `use_cache=False` keeps the conversations apart (with a cache it silently lets each see those
before it); `need_apart` asks the very model before it is trained so. The distiller's rows say it by a mask of their own
(training/shared_prompt.py). The first token of each conversation has no label, so none is asked to predict the next
one's beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from rag.errors import OdfinError
from training.causal import base_of
from training.chat import IGNORED, MAX_LENGTH, Encoded


def pack(conversations: Iterable[Encoded], max_length: int = MAX_LENGTH, open_rows: int = 64) -> Iterator[Encoded]:
    """Rows of at most `max_length` tokens, each of whole conversations (best fit among the `open_rows` last rows).

    The order is kept but for what waits in an open row; no conversation is cut. Rows that share their beginning are
    packed like others.
    """
    rows: list[list[Encoded]] = []
    for one in conversations:
        room = [max_length - sum(len(other.input_ids) for other in row) - len(one.input_ids) for row in rows]
        fitting = [place for place, left in enumerate(room) if left >= 0]
        if fitting:
            rows[min(fitting, key=lambda place: room[place])].append(one)
            continue
        if len(rows) == open_rows:
            yield _joined(rows.pop(room.index(min(room))))
        rows.append([one])
    yield from map(_joined, rows)


def collate(rows: Sequence[Encoded], pad_id: int) -> dict[str, Tensor]:
    """A batch as tensors of shape (rows, longest): input_ids, labels, and position_ids where a row holds several
    conversations, else attention_mask.

    With position ids padding has position 0 throughout, so that each pad is a conversation of its own, and no label.
    """
    width = max(len(row.input_ids) for row in rows)
    filled = lambda values, fill: values + [fill] * (width - len(values))  # noqa: E731
    batch = {"input_ids": torch.tensor([filled(row.input_ids, pad_id) for row in rows]),
             "labels": torch.tensor([filled(row.labels, IGNORED) for row in rows])}
    if any(row.several for row in rows):
        return batch | {"position_ids": torch.tensor([filled(row.positions, 0) for row in rows])}
    return batch | {"attention_mask": torch.tensor([filled([1] * len(row.input_ids), 0) for row in rows])}


def need_apart(model: Any) -> None:
    """Raises OdfinError for a model that lets packed conversations see each other. Asked of the model, on a few ids."""
    base = base_of(model)
    ids, places = torch.arange(1, 17, device=base.device)[None], torch.arange(8, device=base.device).repeat(2)[None]
    training = base.training
    base.eval()
    try:
        with torch.no_grad():
            together = base(input_ids=ids, position_ids=places, use_cache=False).logits[:, 8:].float()
            alone = base(input_ids=ids[:, 8:], use_cache=False).logits.float()
        apart = bool((together - alone).abs().max() < 0.02 * alone.std())
    except TypeError:  # takes no positions
        apart = False
    finally:
        base.train(training)
    if not apart:
        raise OdfinError(f"{type(base).__name__} 分不开同一行里的几段对话，会互相看见；请把 data.pack 改为 false")


def _joined(row: Sequence[Encoded]) -> Encoded:
    branches = [i for one in row for i in (one.branches or [0] * len(one.input_ids))]
    return Encoded([i for one in row for i in one.input_ids], [i for one in row for i in one.labels],
                   [i for one in row for i in one.positions], branches if any(branches) else [])
