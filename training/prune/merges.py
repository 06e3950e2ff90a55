"""Byte-pair encoding seen from its end: which smaller tokens a token is merged from, and which tokens are bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tokenizers.pre_tokenizers import ByteLevel

from rag.errors import OdfinError

_BYTE = re.compile(r"<0x[0-9A-F]{2}>")


@dataclass(frozen=True)
class Merges:
    """`ids` token -> id; `rank` pair -> when it is merged, lowest first; `bytes` the ids that any text can fall back to."""

    ids: Mapping[str, int]
    tokens: Mapping[int, str]
    rank: Mapping[tuple[str, str], int]
    bytes: frozenset[int]

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Merges:
        """Out of a `tokenizers` state. Raises OdfinError where it is no BPE or cannot fall back to bytes."""
        model = state["model"]
        if model["type"] != "BPE":
            raise OdfinError(f"分词器是 {model['type']}，只会裁剪 BPE 词表；请换用 Qwen2、LLaMA 一类的模型")
        ids = model["vocab"]
        pairs = (merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"])
        alphabet = ByteLevel.alphabet()
        if model.get("byte_fallback"):
            bytes_ = {number for token, number in ids.items() if _BYTE.fullmatch(token)}
        else:
            bytes_ = {ids[char] for char in alphabet if char in ids}
        if len(bytes_) != 256:
            raise OdfinError(f"分词器只认得 256 个字节中的 {len(bytes_)} 个，裁剪后会丢字；请换用带字节回退的分词器")
        return cls(ids, {number: token for token, number in ids.items()},
                   {(a, b): rank for rank, (a, b) in enumerate(pairs)}, frozenset(bytes_))

    def made_from(self, token: int) -> set[int]:
        """The token's id and those of every token that arises on the way to it.

        What is merged inside a token does not depend on the text around it, for in the end no merge crossed its border.
        """
        if token not in self.tokens:
            return set()  # an added token: whole from the start
        text = self.tokens[token]
        seen = {token}
        parts = list(text)
        seen.update(self.ids[part] for part in parts if part in self.ids)
        while (at := self._next(parts)) is not None:
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
            seen.add(self.ids[parts[at]])
        return seen

    def _next(self, parts: Sequence[str]) -> int | None:
        """Where the next merge is: the lowest rank, the leftmost of equals."""
        ranked = [(self.rank[pair], at) for at, pair in enumerate(pairwise(parts)) if pair in self.rank]
        return min(ranked)[1] if ranked else None
