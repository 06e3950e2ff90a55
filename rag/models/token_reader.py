"""What late interaction and joint reading share: token ids, a copy of the embedder's base, and an adapter laid over it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.models.embedder import copy_without_words

HEAD = "head.safetensors"
MAX_TOKENS = 160  # of one text; a longer one is cut at its end


def token_ids(tokenizer, prefix: str, texts: Sequence[str], max_tokens: int = MAX_TOKENS) -> list[list[int]]:
    """Token ids of texts behind a prefix of the embedder's."""
    return tokenizer([prefix + text for text in texts], truncation=True, max_length=max_tokens)["input_ids"]


def base_of(embedding):
    """A copy of a bare embedder's BertModel in float32 that shares its word embeddings."""
    return copy_without_words(embedding[0].auto_model)


def adapted(embedding, folder: Path, reading: Callable[[Any], Any]):
    """`reading` (which makes a module of a BertModel) over the embedder's base with the adapter of `folder` merged in, its
    head put in; parts in the embedder's precision, scalars in float32."""
    from peft import PeftModel
    from safetensors.torch import load_file

    dtype = next(embedding.parameters()).dtype
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of an attribute that peft still asks for
        model = reading(PeftModel.from_pretrained(base_of(embedding), str(folder)).merge_and_unload())
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(folder / HEAD).items()}, strict=False)
    for part in model.children():
        part.to(dtype)
    return model.to(embedding.device).eval()
