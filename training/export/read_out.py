"""Logits of every position of a text from a GGUF file, as llama.cpp computes them.

llama.cpp's server gives out the hidden state before the output matrix (embeddings without pooling); the last product is
done here, with the file's own output matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from rag.errors import OdfinError
from rag.settings import Settings
from rag.student.llamacpp import Engine


class ReadOut:
    """A GGUF model, with an adapter laid over it or not; close it after use (or use it in a `with`).

    `exact` computes attention in float32 instead of the float16 cache that a device uses.
    """

    def __init__(self, model: Path, settings: Settings, adapter: Path | None = None, longest: int = 1024,
                 exact: bool = False):
        import torch

        tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(model).tensors}
        head = tensors.get("output.weight") or tensors["token_embd.weight"]
        shape = [int(size) for size in reversed(head.shape)]
        self.head = torch.from_numpy(gguf.dequantize(head.data, head.tensor_type).astype(np.float32).reshape(shape))
        self.longest = longest
        own = settings.model_copy(update={"context_tokens": longest})
        self._engine = Engine(model, adapter, own, 1, lambda params: _hidden(params, longest, exact))

    def __enter__(self) -> ReadOut:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self._engine.close()

    def encode(self, text: str) -> list[int]:
        """The text's token ids as llama.cpp reads it, beginning mark included where the model has one."""
        return self._engine.post("/tokenize", {"content": text, "add_special": True, "parse_special": True})["tokens"]

    def hidden(self, ids: Sequence[int]) -> np.ndarray:
        """float32 (tokens, width): the normalised state after the last block. Raises OdfinError for too many tokens."""
        if len(ids) > self.longest:
            raise OdfinError(f"这段文本有 {len(ids)} 个词元，超过 {self.longest}；请把窗口调小")
        found = self._engine.post("/embedding", {"content": list(ids), "embd_normalize": -1})
        return np.array(found[0]["embedding"], dtype=np.float32)

    def logits(self, ids: Sequence[int]) -> Any:
        """float32 tensor (tokens, vocabulary)."""
        import torch

        return torch.from_numpy(self.hidden(ids)) @ self.head.T


def _hidden(params: Any, longest: int, exact: bool) -> None:
    import xllamacpp

    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_NONE
    params.n_batch = params.n_ubatch = longest  # a text is read in one go
    if exact:
        params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
        params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED


Logits = Callable[[Sequence[int]], Any]  # token ids -> float tensor (tokens, vocabulary)
