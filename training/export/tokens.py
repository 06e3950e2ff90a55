"""A tokenizer as GGUF fields: byte-level BPE (Qwen2, LLaMA-3) and BPE over characters with byte fall-back (LLaMA-2)."""

from __future__ import annotations

import json
import re
from typing import Any

import gguf

from rag.errors import OdfinError

_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# How a text is cut into words before merging, by llama.cpp's name: it holds these rules in code, not in the file.
CUTS = {_WORDS + r"\p{N}" + _REST: "qwen2", _WORDS + r"\p{N}{1,3}" + _REST: "llama-bpe"}


def write_tokenizer(writer: gguf.GGUFWriter, tokenizer: Any, size: int) -> None:
    """Every field llama.cpp needs to read text as `tokenizer` does; `size` is the model's vocabulary, padded with unused
    tokens where the tokenizer knows fewer. Raises OdfinError for a tokenizer of another scheme.
    """
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    model = state["model"]
    if model["type"] != "BPE":
        raise OdfinError(f"分词器是 {model['type']}，只会转换 BPE 分词器")
    if size < len(tokenizer):
        raise OdfinError(f"分词器有 {len(tokenizer)} 个词元，模型只有 {size} 个；请换用与模型相配的分词器")
    pieces = bool(model.get("byte_fallback"))
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    tokens += [f"[PAD{number}]" for number in range(len(tokenizer), size)]
    writer.add_tokenizer_model("llama" if pieces else "gpt2")
    writer.add_tokenizer_pre("default" if pieces else _cut(state["pre_tokenizer"]))
    writer.add_token_list(tokens)
    writer.add_token_types([_type(number, token, tokenizer) for number, token in enumerate(tokens)])
    merges = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
    if pieces:
        writer.add_token_scores(_scores(tokens, merges))
        writer.add_add_space_prefix("Prepend" in json.dumps(state.get("normalizer")))
    else:
        writer.add_token_merges([" ".join(merge) for merge in merges])
    for name in ("bos", "eos", "unk", "pad"):
        number = getattr(tokenizer, f"{name}_token_id")
        if number is not None:
            getattr(writer, f"add_{name}_token_id")(number)
    first = tokenizer.encode("a")[0]
    writer.add_add_bos_token(tokenizer.bos_token_id is not None and first == tokenizer.bos_token_id)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _cut(pre_tokenizer: dict[str, Any] | None) -> str:
    parts = (pre_tokenizer or {}).get("pretokenizers", [pre_tokenizer])
    patterns = [part["pattern"]["Regex"] for part in parts if part and part["type"] == "Split"
                and "Regex" in part["pattern"]]
    if len(patterns) == 1 and patterns[0] in CUTS:
        return CUTS[patterns[0]]
    raise OdfinError("分词器的切词规则既不是 Qwen2 的也不是 LLaMA-3 的，llama.cpp 会切得不同，无法转换")


def _type(number: int, token: str, tokenizer: Any) -> gguf.TokenType:
    if number >= len(tokenizer):
        return gguf.TokenType.UNUSED
    if number == tokenizer.unk_token_id and token == "<unk>":
        return gguf.TokenType.UNKNOWN
    added = tokenizer.added_tokens_decoder.get(number)
    if added is not None:
        return gguf.TokenType.CONTROL if added.special else gguf.TokenType.USER_DEFINED
    return gguf.TokenType.BYTE if _BYTE.fullmatch(token) else gguf.TokenType.NORMAL


def _scores(tokens: list[str], merges: list[list[str]]) -> list[float]:
    """SentencePiece merges by score, highest first: minus the rank of the first merge that makes the token."""
    rank: dict[str, int] = {}
    for number, (a, b) in enumerate(merges, 1):
        rank.setdefault(a + b, number)
    return [-float(rank.get(token, 0)) for token in tokens]
