"""Distillation between different tokenizers: the likelihood of the same bytes, whoever cuts them how.

Approximate likelihood matching (Minixhofer et al. 2025, "Universal Cross-Tokenizer Distillation via Approximate
Likelihood Matching"): both tokenisations of an answer are cut where both have a boundary; for each such chunk c the
student's likelihood is drawn to the teacher's, as two-outcome distributions at temperature τ:
`KL(p_T(c)^(1/τ), p_S(c)^(1/τ)) + KL(1 - p_T(c)^(1/τ), 1 - p_S(c)^(1/τ))`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from training.losses.precision import full

END = b"\xff<end>"  # stands for any special token: 0xff is in no UTF-8 text
SPACE = "\u2581"  # SentencePiece's blank


@dataclass(frozen=True)
class Chunk:
    """Tokens [start, end) of the student and of the teacher that spell the same bytes."""

    student: tuple[int, int]
    teacher: tuple[int, int]


def token_bytes(ids: Sequence[int], tokenizer: Any) -> list[bytes]:
    """What each id spells, for byte-level BPE (GPT-2, Qwen2, LLaMA-3) and SentencePiece with byte fallback (LLaMA-2)."""
    sentencepiece = "<0x0A>" in tokenizer.get_vocab()
    special = set(tokenizer.all_special_ids)
    added = {index: token.content for index, token in tokenizer.added_tokens_decoder.items()}
    return [END if index in special else added[index].encode() if index in added
            else _spelled(token, sentencepiece)
            for index, token in zip(ids, tokenizer.convert_ids_to_tokens(list(ids)), strict=True)]


def aligned_chunks(student: Sequence[bytes], teacher: Sequence[bytes]) -> list[Chunk]:
    """The finest cut common to both tokenisations. Leading blanks are no part of the text (SentencePiece puts one).

    Where the texts differ (one template ends with another mark, say) the chunks stop at the last common boundary.
    """
    ends_s, text_s = _boundaries(student)
    ends_t, text_t = _boundaries(teacher)
    same = next((place for place, (a, b) in enumerate(zip(text_s, text_t, strict=False)) if a != b),
                min(len(text_s), len(text_t)))
    chunks, at_s, at_t, done = [], 0, 0, 0
    # Several tokens may end at one byte (a lone blank at the start spells nothing): the last of them closes the chunk.
    last_s = {end: place + 1 for place, end in enumerate(ends_s)}
    last_t = {end: place + 1 for place, end in enumerate(ends_t)}
    for end in sorted(last_s.keys() & last_t.keys()):
        if done < end <= same:
            chunks.append(Chunk((at_s, last_s[end]), (at_t, last_t[end])))
            at_s, at_t, done = last_s[end], last_t[end], end
    return chunks


def chunk_log_probs(log_probs: Tensor, spans: Sequence[tuple[int, int]]) -> Tensor:
    """Sums of token log-probabilities [N] over spans -> [chunks]."""
    if not spans:
        return log_probs.new_zeros(0)
    owner = torch.full((log_probs.shape[0],), len(spans), dtype=torch.long, device=log_probs.device)
    for number, (start, end) in enumerate(spans):
        owner[start:end] = number
    return log_probs.new_zeros(len(spans) + 1).index_add(0, owner, log_probs)[:-1]


def likelihood_term(student: Tensor, teacher: Tensor, temperature: float = 100.0) -> Tensor:
    """Sum over chunks of the two-outcome divergence; both are log-likelihoods [chunks], float32."""
    log_p, log_q = full(teacher.detach()) / temperature, full(student) / temperature
    # A likelihood of exactly 1 would make log(1 - p) infinite.
    log_p, log_q = log_p.clamp_max(-1e-6), log_q.clamp_max(-1e-6)
    not_p, not_q = torch.log(-torch.expm1(log_p)), torch.log(-torch.expm1(log_q))
    return (log_p.exp() * (log_p - log_q) + not_p.exp() * (not_p - not_q)).sum()


def _boundaries(pieces: Sequence[bytes]) -> tuple[list[int], bytes]:
    """Where each token ends in the text without its leading blanks, and that text."""
    whole = b"".join(pieces)
    blanks = len(whole) - len(whole.lstrip(b" "))
    ends, at = [], 0
    for piece in pieces:
        at += len(piece)
        ends.append(max(0, at - blanks))
    return ends, whole[blanks:]


def _spelled(token: str, sentencepiece: bool) -> bytes:
    if sentencepiece:
        if len(token) == 6 and token.startswith("<0x"):
            return bytes([int(token[3:5], 16)])
        return token.replace(SPACE, " ").encode()
    return bytes(_bytes_of_characters()[character] for character in token)


@lru_cache(maxsize=1)
def _bytes_of_characters() -> dict[str, int]:
    """The alphabet of byte-level BPE: printable bytes stand for themselves, the others for characters from 256 on."""
    shown = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in shown} | {chr(256 + place): byte for place, byte in enumerate(hidden)}
