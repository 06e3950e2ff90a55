"""How well each text answers a question: late interaction on the embedder's base, with a small adapter of its own.

Every word of the question looks for its best match among the words of the text, each in its context (Khattab and
Zaharia 2020, ColBERT, arXiv:2004.12832): so the text that speaks of the very thing asked wins over the one that is only
near, and what a vector of the whole blurs, a condition or a case, still counts. The best few are then read again together
with the question (`rag.models.joint_reader`). `training.reranker` makes the adapters.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.errors import OdfinError
from rag.models.embedder import ADAPTER, BASE, E5_PASSAGE, E5_QUERY, Embedder, own_tokenizer
from rag.models.joint_reader import JointReader
from rag.models.token_reader import MAX_TOKENS, adapted, states_of, token_ids
from rag.settings import Settings

SHIPPED = Path(__file__).parent / "reranker"
JOINT = "joint"  # folder within, of the adapter that reads question and text together
PIECE_TOKENS = 320  # where whole pieces are read
BATCH = 400  # tokens that are read together: with more of them the states no longer fit the processor's cache
KEPT = 2048  # texts, about 55 KB each
AGAIN = 4  # best texts that are read again together with the question
BEHIND, LEAST = 2.0, -3.0  # logits: what lies so far behind the best, or so low, is not
TOGETHER = 0.7  # share of the second reading in the logit of a text that has both


class Reranker:
    """`scores` are logits: above 0 the text more likely answers than not. Loads at first use; thread-safe.

    Shares the word embeddings with the embedder it is made from: they are four fifths of the weights. What it has read of
    the last texts is kept: late interaction reads a text without its question, and a follow-up, another reading of the
    same question or the product meant bring the same texts again.
    """

    def __init__(self, embedder: Embedder, folder: Path = SHIPPED, again: int = AGAIN):
        """`again`: how many texts are read again, where `folder` holds a joint reader."""
        self.embedder = embedder
        self.folder = folder
        self.again = again
        self.joint = JointReader(embedder, folder / JOINT) if again and (folder / JOINT / ADAPTER).is_file() else None
        self._model = None
        self._known: OrderedDict[tuple[int, ...], Any] = OrderedDict()  # tokens of a text or question -> what `read` gave
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str], max_tokens: int = MAX_TOKENS) -> np.ndarray:
        """One logit a text, float32 (len(texts),). Raises OdfinError where embedder or adapter cannot be had."""
        import torch

        found = np.zeros(len(texts), "float32")
        if not texts:
            return found
        model, tokenizer = self.load()
        with self._lock, torch.inference_mode():  # the tokenizer too: where it cuts is part of its state
            asked = tuple(token_ids(tokenizer, E5_QUERY, [question])[0])
            tokens = [tuple(ids) for ids in token_ids(tokenizer, E5_PASSAGE, texts, max_tokens)]
            for part in _batches({asked, *tokens} - self._known.keys()):
                for ids, (vectors, weights) in zip(part, model.read(part), strict=True):
                    self._known[ids] = vectors.half(), weights
            for place, ids in enumerate(tokens):
                self._known.move_to_end(ids)
                found[place] = model.compare(self._known[asked], self._known[ids][0]).item()
            self._known.move_to_end(asked)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found

    def read_again(self, question: str, texts: Sequence[str], found: np.ndarray) -> np.ndarray:
        """Logits as `scores` gives them, those of the best texts moved by what reading them with the question says."""
        best = np.argsort(-found)[: self.again]
        best = best[(found[best] > found.max() - BEHIND) & (found[best] > LEAST)]
        if self.joint is None or not len(best):
            return found
        both = found.copy()
        both[best] += TOGETHER * (self.joint.scores(question, [texts[i] for i in best], MAX_TOKENS) - found[best])
        return both

    def load(self):
        """(model, tokenizer), loaded once; the joint reader with them, so that no first question waits for it."""
        embedding = self.embedder.bare()
        if self.joint is not None:
            self.joint.load()
        with self._lock:
            if self._model is None:
                if not (self.folder / ADAPTER).is_file():
                    raise OdfinError(f"重排模型 {self.folder} 里没有 {ADAPTER}；请改 ODFIN_RERANKER，或设为 off")
                self._model = adapted(embedding, self.folder, late_interaction), own_tokenizer(embedding.tokenizer)
            return self._model


def _batches(texts: Iterable[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Token lists in batches of about BATCH tokens, those of like length together."""
    batch: list[tuple[int, ...]] = []
    for ids in sorted(texts, key=lambda ids: (len(ids), ids)):
        if batch and sum(map(len, batch)) + len(ids) > BATCH:
            yield batch
            batch = []
        batch.append(ids)
    if batch:
        yield batch


def open_reranker(settings: Settings, embedder: Embeddings) -> Reranker | None:
    """The reranker the settings name; None where it is off, or where vectors are made by something else than a model.

    The shipped one lies over the pinned base, whatever embeds.
    """
    if settings.reranker == "off" or not isinstance(embedder, Embedder):
        return None
    if settings.reranker != "shipped":
        return Reranker(embedder, Path(settings.reranker).expanduser(), settings.read_again)
    if embedder.name != BASE:
        embedder = Embedder(settings.model_copy(update={"embedder": BASE}))
    return Reranker(embedder, SHIPPED, settings.read_again)


def late_interaction(bert):
    """`bert` as a reader of token lists and a comparer of what it has read."""
    import torch
    from torch import nn
    from torch.nn.functional import normalize

    class LateInteraction(nn.Module):
        """Logit = scale · Σ wᵢ maxⱼ cos(qᵢ, tⱼ) + bias; the weights w of the question's tokens are learnt, and sum to 1."""

        def __init__(self):
            super().__init__()
            self.bert = bert
            self.weigh = nn.Linear(bert.config.hidden_size, 1)
            nn.init.zeros_(self.weigh.weight)
            # Where e5's cosines lie before any training, so that the first logits are of use.
            self.scale = nn.Parameter(torch.tensor(40.0))
            self.bias = nn.Parameter(torch.tensor(-35.5))

        def read(self, ids: Sequence[Sequence[int]]):
            """(unit vectors of tokens, weights of tokens) of each token list."""
            return [(normalize(states.float(), dim=-1), self.weigh(states).squeeze(-1).float().softmax(-1))
                    for states in states_of(self.bert, ids)]

        def compare(self, asked, vectors):
            """The logit of one text, given by the unit vectors of its tokens (tokens, width), for a question (as `read`
            gives it)."""
            tokens, weights = asked
            nearest = (tokens.float() @ vectors.float().T).max(-1).values
            return self.scale.float() * (nearest * weights).sum(-1) + self.bias.float()

    return LateInteraction()
