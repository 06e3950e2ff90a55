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


def states_of(bert, rows: Sequence[Sequence[int]]):
    """The last states of token lists, each (its tokens, width), as `bert` gives them for each list alone.

    Only attention sees the lists padded, everything else their tokens one behind another: lists of unlike length would
    else be read at the longest one's price.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    lengths, width = [len(row) for row in rows], max(map(len, rows))
    device = bert.embeddings.word_embeddings.weight.device
    ids = torch.tensor([[token for row in rows for token in row]], device=device)
    places = torch.tensor([[place for length in lengths for place in range(length)]], device=device)
    there = torch.tensor([n * width + place for n, length in enumerate(lengths) for place in range(length)], device=device)
    mask = torch.zeros(len(rows) * width, dtype=torch.bool, device=device).index_fill_(0, there, True)
    mask = mask.view(len(rows), 1, 1, width)

    def apart(packed):
        padded = packed.new_zeros(len(rows) * width, packed.shape[-1]).index_copy(0, there, packed)
        return padded.view(len(rows), width, bert.config.num_attention_heads, -1).transpose(1, 2)

    states = bert.embeddings(input_ids=ids, position_ids=places)[0]
    for layer in bert.encoder.layer:
        own = layer.attention.self
        seen = scaled_dot_product_attention(*(apart(part(states)) for part in (own.query, own.key, own.value)), attn_mask=mask)
        seen = seen.transpose(1, 2).reshape(len(rows) * width, -1)[there]
        states = layer.attention.output(seen, states)
        states = layer.output(layer.intermediate(states), states)
    return states.split(lengths)


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
