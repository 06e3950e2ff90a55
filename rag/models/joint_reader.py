"""How well a text answers a question, both read together: dearer than late interaction, which reads each by itself.

The words of question and text see each other in every layer (a cross-encoder, Nogueira and Cho 2019, arXiv:1901.04085);
then they are compared as in late interaction, so that training begins with what the embedder's vectors already know.
`training.reranker` makes the adapter; `rag.models.reranker` has the best few texts read again by it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.models.embedder import E5_PASSAGE, E5_QUERY, Embedder, own_tokenizer
from rag.models.token_reader import adapted, states_of, token_ids


class JointReader:
    """`scores` are logits like the reranker's. Loads at first use; thread-safe. `folder` holds adapter and head."""

    def __init__(self, embedder: Embedder, folder: Path):
        self.embedder, self.folder = embedder, folder
        self._model: Any = None
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str], max_tokens: int) -> np.ndarray:
        """One logit a text, float32 (len(texts),); question and text are each cut at `max_tokens`."""
        import torch

        if not texts:
            return np.zeros(0, "float32")
        model, tokenizer = self.load()
        with self._lock, torch.inference_mode():  # the tokenizer too: where it cuts is part of its state
            asked = token_ids(tokenizer, E5_QUERY, [question], max_tokens)[0]
            read = token_ids(tokenizer, E5_PASSAGE, texts, max_tokens)
            return model.logits([(asked, text) for text in read]).float().cpu().numpy()

    def load(self):
        """(model, tokenizer), loaded once."""
        embedding = self.embedder.bare()
        with self._lock:
            if self._model is None:
                self._model = adapted(embedding, self.folder, joint_reading), own_tokenizer(embedding.tokenizer)
            return self._model


def joint_reading(bert):
    """`bert` as a reader of pairs of token lists."""
    import torch
    from torch import nn
    from torch.nn.functional import normalize
    from torch.nn.utils.rnn import pad_sequence

    class JointReading(nn.Module):
        """Logit = scale · Σ wᵢ maxⱼ cos(qᵢ, tⱼ) + u·h₀ + bias; h₀ is the first token's state, the weights w of the
        question's tokens are learnt and sum to 1."""

        def __init__(self):
            super().__init__()
            self.bert = bert
            self.weigh, self.whole = nn.Linear(bert.config.hidden_size, 1), nn.Linear(bert.config.hidden_size, 1)
            for linear in (self.weigh, self.whole):
                nn.init.zeros_(linear.weight)
                nn.init.zeros_(linear.bias)
            self.scale = nn.Parameter(torch.tensor(40.0))  # where e5's cosines lie, as in late interaction
            self.bias = nn.Parameter(torch.tensor(-35.5))

        def logits(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]):
            """(len(pairs),) of (question ids, text ids), each as the tokenizer gives them alone."""
            device = self.weigh.weight.device
            rows = [[*asked, *text[1:]] for asked, text in pairs]
            most = max(len(asked) for asked, _ in pairs)
            states = pad_sequence(states_of(self.bert, rows), batch_first=True)
            place = torch.arange(states.shape[1], device=device)[None]
            asked = place < torch.tensor([[len(one)] for one, _ in pairs], device=device)
            there = place < torch.tensor([[len(row)] for row in rows], device=device)
            weights = self.weigh(states).squeeze(-1).float().masked_fill(~asked, -1e4).softmax(-1)
            unit = normalize(states.float(), dim=-1)
            alike = (unit[:, :most] @ unit.transpose(1, 2)).masked_fill(~(there & ~asked)[:, None, :], -1.0)
            nearest = alike.max(-1).values
            whole = self.whole(states[:, 0]).float().squeeze(-1)
            return self.scale.float() * (nearest * weights[:, :most]).sum(-1) + whole + self.bias.float()

    return JointReading()
