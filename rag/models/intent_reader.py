"""What a message is, to whoever sends it: a question, or the voice of somebody being defrauded, a request for something
unlawful, a wish for a promise or for personal advice.

The embedder's base with a small adapter and one linear layer over the mean of its last states. `training.intent` makes both;
`rag.answer.conduct` asks it where its rules say nothing.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from rag.errors import OdfinError
from rag.models.embedder import ADAPTER, BASE, E5_QUERY, Embedder, own_tokenizer
from rag.models.token_reader import adapted, states_of, token_ids
from rag.settings import Settings

SHIPPED = Path(__file__).parent / "intent"
LABELS = ("normal", "fraud", "illegal", "promise", "advice")
MAX_TOKENS = 160


class IntentReader:
    """`shares` are probabilities of LABELS. Loads at first use; thread-safe. `folder` holds adapter and head."""

    def __init__(self, embedder: Embedder, folder: Path = SHIPPED):
        self.embedder, self.folder = embedder, folder
        self._model: Any = None
        self._lock = threading.Lock()

    def shares(self, message: str) -> dict[str, float]:
        """Label -> probability (0…1, together 1). Raises OdfinError where embedder or adapter cannot be had."""
        import torch

        model, tokenizer = self.load()
        with self._lock, torch.inference_mode():  # the tokenizer too: where it cuts is part of its state
            logits = model.logits(token_ids(tokenizer, E5_QUERY, [message], MAX_TOKENS))[0]
            return dict(zip(LABELS, logits.softmax(-1).tolist(), strict=True))

    def load(self):
        """(model, tokenizer), loaded once."""
        embedding = self.embedder.bare()
        with self._lock:
            if self._model is None:
                if not (self.folder / ADAPTER).is_file():
                    raise OdfinError(f"意图模型 {self.folder} 里没有 {ADAPTER}；请改 ODFIN_INTENT，或设为 off")
                self._model = adapted(embedding, self.folder, intent_reading), own_tokenizer(embedding.tokenizer)
            return self._model


def open_intent_reader(settings: Settings, embedder: Embeddings) -> IntentReader | None:
    """The reader the settings name; None where it is off, or where vectors are made by something else than a model.

    It lies over the pinned base, whatever embeds.
    """
    if settings.intent == "off" or not isinstance(embedder, Embedder):
        return None
    if embedder.name != BASE:
        embedder = Embedder(settings.model_copy(update={"embedder": BASE}))
    return IntentReader(embedder, SHIPPED if settings.intent == "shipped" else Path(settings.intent).expanduser())


def intent_reading(bert):
    """`bert` as a reader of messages."""
    import torch
    from torch import nn

    class IntentReading(nn.Module):
        """Logits = W · norm(mean of the last states) + b, float32; norm takes away what all of e5's states share in size."""

        def __init__(self):
            super().__init__()
            self.bert = bert
            self.head = nn.Linear(bert.config.hidden_size, len(LABELS))
            nn.init.zeros_(self.head.weight)
            nn.init.zeros_(self.head.bias)

        def logits(self, rows):
            """(len(rows), len(LABELS)) of token lists."""
            means = torch.stack([states.mean(0) for states in states_of(self.bert, rows)])
            return self.head(nn.functional.layer_norm(means, means.shape[-1:])).float()

    return IntentReading()
