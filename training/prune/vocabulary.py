"""A smaller vocabulary: the tokens a corpus uses, what they are merged from, special tokens, and all bytes.

Text of the corpus is tokenised as before, token by token; any other text still comes back whole, out of smaller pieces
down to single bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from training.prune.merges import Merges

STALE = ("vocab.json", "merges.txt", "tokenizer.model", "added_tokens.json")  # of the old vocabulary, read by nobody


def used_tokens(tokenizer: Any, texts: Iterable[str]) -> Counter[int]:
    """How often each token id occurs in the texts."""
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(tokenizer.encode(text, add_special_tokens=False))
    return counts


def choose_tokens(tokenizer: Any, counts: Counter[int], least: int = 1) -> list[int]:
    """The ids to keep, in order: those that occur `least` times, what they are made from, bytes, and special tokens.

    Raises OdfinError for a tokenizer that is not byte-pair encoding with a fall-back to bytes.
    """
    merges = Merges.of(_state(tokenizer))
    kept = set(merges.bytes) | set(tokenizer.added_tokens_decoder)
    for token, count in counts.items():
        if count >= least:
            kept |= merges.made_from(token)
    if not counts:
        raise OdfinError("语料是空的，无从决定保留哪些词元；请用 --text 指定中文语料")
    return sorted(kept)


def keep_tokens(model: Any, kept: list[int]) -> None:
    """Leave only these rows of the input and output embedding, and say so in the configs; ids are numbered anew."""
    import torch

    tied = model.config.tie_word_embeddings
    rows = torch.tensor(kept, device=model.device)
    for place in ("embed",) if tied else ("embed", "head"):
        layer = model.get_input_embeddings() if place == "embed" else model.get_output_embeddings()
        layer.weight = torch.nn.Parameter(layer.weight.data[rows].clone(), requires_grad=False)
    model.get_input_embeddings().num_embeddings = len(kept)
    model.get_output_embeddings().out_features = len(kept)
    model.get_input_embeddings().padding_idx = None
    model.config.vocab_size = len(kept)
    if tied:
        model.tie_weights()
    number = {old: new for new, old in enumerate(kept)}
    for config in (model.config, model.generation_config):
        for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
            ids = getattr(config, name, None)
            if isinstance(ids, list):
                setattr(config, name, [number[i] for i in ids if i in number])
            elif ids is not None:
                setattr(config, name, number.get(ids))


def save_tokenizer(tokenizer: Any, kept: list[int], folder: Path) -> None:
    """Write the tokenizer of the kept ids, numbered anew, into `folder` as AutoTokenizer reads it."""
    tokenizer.save_pretrained(folder)
    for name in STALE:
        (folder / name).unlink(missing_ok=True)
    number = {old: new for new, old in enumerate(kept)}
    (folder / "tokenizer.json").write_text(json.dumps(_renumbered(_state(tokenizer), number), ensure_ascii=False),
                                           encoding="utf-8")
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    # Read as it is written: a class of one family would build its own out of the family's files.
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    config.pop("auto_map", None)
    if "added_tokens_decoder" in config:
        config["added_tokens_decoder"] = {str(number[int(old)]): token
                                          for old, token in config["added_tokens_decoder"].items()}
    path.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _state(tokenizer: Any) -> dict[str, Any]:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise OdfinError(f"{type(tokenizer).__name__} 没有 tokenizer.json，不能裁剪词表；请换用快速分词器")
    return json.loads(backend.to_str())


def _renumbered(state: dict[str, Any], number: dict[int, int]) -> dict[str, Any]:
    model = state["model"]
    vocabulary = {token: number[old] for token, old in model["vocab"].items() if old in number}
    merges = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
    model["merges"] = [[a, b] for a, b in merges if a in vocabulary and b in vocabulary and a + b in vocabulary]
    model["vocab"] = vocabulary
    for token in state["added_tokens"]:
        token["id"] = number[token["id"]]
    _renumber_marks(state.get("post_processor"), number)
    return state


def _renumber_marks(part: Any, number: dict[int, int]) -> None:
    """The ids that a post-processor puts before and after a text."""
    if isinstance(part, list):
        for one in part:
            _renumber_marks(one, number)
    elif isinstance(part, dict):
        for mark in part.get("special_tokens", {}).values() if isinstance(part.get("special_tokens"), dict) else ():
            mark["ids"] = [number[old] for old in mark["ids"]]
        for one in part.values():
            _renumber_marks(one, number)
