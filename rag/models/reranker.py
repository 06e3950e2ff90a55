"""How well each text answers a question: a cross-encoder on the embedder's base, with a small adapter of its own.

A cross-encoder reads question and text together, so it sees which of two alike sentences answers, where vectors only
say that both are near (Nogueira and Cho 2019, arXiv:1901.04085). `training.reranker` makes the adapter.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.errors import OdfinError
from rag.models.embedder import Embedder
from rag.settings import Settings

SHIPPED = Path(__file__).parent / "reranker"
ADAPTER, HEAD = "adapter_model.safetensors", "head.safetensors"
MAX_TOKENS = 192  # question and text together; a longer text is cut at its end
BATCH = 8  # texts of like length are read together, so that little is padding


class Reranker:
    """`scores` are logits: above 0 the text more likely answers than not. Loads at first use; thread-safe.

    Shares the word embeddings with the embedder it is made from: they are four fifths of the weights.
    """

    def __init__(self, embedder: Embedder, folder: Path = SHIPPED):
        self.embedder = embedder
        self.folder = folder
        self._model = None
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """One logit a text, float32 (len(texts),). Raises OdfinError where embedder or adapter cannot be had."""
        import torch

        found = np.zeros(len(texts), "float32")
        if not texts:
            return found
        model, tokenizer = self.load()
        read = tokenizer([question] * len(texts), list(texts), truncation="only_second", max_length=MAX_TOKENS)["input_ids"]
        order = sorted(range(len(texts)), key=lambda i: len(read[i]))
        with self._lock, torch.inference_mode():
            for start in range(0, len(order), BATCH):
                part = order[start : start + BATCH]
                batch = tokenizer.pad({"input_ids": [read[i] for i in part]}, return_tensors="pt").to(model.device)
                found[part] = model(**batch).float().cpu().numpy()
        return found

    def load(self):
        """(model, tokenizer), loaded once."""
        embedding = self.embedder.load()
        with self._lock:
            if self._model is None:
                if not (self.folder / ADAPTER).is_file():
                    raise OdfinError(f"重排模型 {self.folder} 里没有 {ADAPTER}；请改 ODFIN_RERANKER，或设为 off")
                self._model = _adapted(embedding, self.folder), embedding.tokenizer
            return self._model


def open_reranker(settings: Settings, embedder: Embedder) -> Reranker | None:
    """The reranker the settings name; None where it is off."""
    if settings.reranker == "off":
        return None
    return Reranker(embedder, SHIPPED if settings.reranker == "shipped" else Path(settings.reranker).expanduser())


def cross_encoder(bert, trained_head: Path | None = None):
    """`bert` under a head that turns (input_ids, attention_mask) into one logit a row."""
    import torch
    from torch import nn

    class CrossEncoder(nn.Module):
        """Reads the first token and the mean of all of them."""

        def __init__(self):
            super().__init__()
            self.bert = bert
            width = bert.config.hidden_size
            self.head = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(0.1), nn.Linear(width, 1))

        @property
        def device(self):
            return self.head[0].weight.device

        def forward(self, input_ids, attention_mask):
            states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1)
            return self.head(torch.cat([states[:, 0], mean], dim=-1)).squeeze(-1)

    model = CrossEncoder()
    if trained_head is not None:
        from safetensors.torch import load_file

        model.head.load_state_dict(load_file(trained_head))
    return model


def base_of(embedding):
    """A copy of the embedder's BertModel in float32 that shares its word embeddings."""
    import copy

    bert = embedding[0].auto_model
    words = bert.embeddings.word_embeddings
    bert.embeddings.word_embeddings = None
    try:
        copied = copy.deepcopy(bert).float()
    finally:
        bert.embeddings.word_embeddings = words
    copied.embeddings.word_embeddings = words
    return copied


def _adapted(embedding, folder: Path):
    from peft import PeftModel

    dtype = next(embedding.parameters()).dtype
    merged = PeftModel.from_pretrained(base_of(embedding), str(folder)).merge_and_unload()
    return cross_encoder(merged, folder / HEAD).to(dtype).eval()
