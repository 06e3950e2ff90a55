"""How the student's vocabulary stands to the teacher's, and which tokens of theirs are compared.

"same": every id spells the same. "trimmed": the student's tokens are some of the teacher's, under other ids; its rows are
fed to the teacher by translating ids one by one, so all positions still match. "different": another way of cutting text;
answers are aligned by bytes (losses/likelihood.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from training.chat import Encoded
from training.examples import Pair, answer_spans, predicting
from training.losses.likelihood import END, Chunk, aligned_chunks, token_bytes


@dataclass(frozen=True)
class Bridge:
    """`to_teacher[i]`: the teacher's id of the student's id i, for all of its real ids; empty where "different"."""

    kind: Literal["same", "trimmed", "different"]
    to_teacher: tuple[int, ...]


@dataclass(frozen=True)
class Places:
    """Positions within one conversation, student and teacher side by side.

    `student`/`teacher`: the predicting positions of the answers; `chunks`: aligned chunks counted over these, only between
    different tokenizers (whole answers for ULD); `hidden_student`/`hidden_teacher`: where hidden states are compared.
    """

    student: list[int]
    teacher: list[int]
    chunks: list[Chunk]
    hidden_student: list[int]
    hidden_teacher: list[int]


def bridge(student: Any, teacher: Any) -> Bridge:
    """The relation of two Hugging Face tokenizers."""
    own, other = student.get_vocab(), teacher.get_vocab()
    size = max(own.values()) + 1
    to_teacher = [-1] * size
    for token, index in own.items():
        to_teacher[index] = other.get(token, -1)
    if min(to_teacher) < 0:
        return Bridge("different", ())
    return Bridge("same" if to_teacher == list(range(size)) else "trimmed", tuple(to_teacher))


def translated(row: Encoded, link: Bridge) -> Encoded:
    """The student's row as the teacher reads it."""
    if link.kind != "trimmed":
        return row
    return Encoded([link.to_teacher[token] for token in row.input_ids],
                   [label if label < 0 else link.to_teacher[label] for label in row.labels], row.positions,
                   row.branches)


def places(pair: Pair, link: Bridge, everywhere: bool, student: Any = None, teacher: Any = None,
           whole: bool = False) -> Places:
    """What is compared in one conversation; `everywhere`: hidden states on questions and passages too.

    The tokenizers are needed between different ones only; there hidden states are compared where chunks end, which is
    within answers. `whole`: an answer is one chunk, for losses that align nothing finer.
    """
    own = predicting(pair.student.labels)
    if link.kind != "different":
        hidden = list(range(len(pair.student.input_ids))) if everywhere else own
        return Places(own, own, [], hidden, hidden)
    other = predicting(pair.teacher.labels)
    chunks, hidden_own, hidden_other = [], [], []
    for (start_s, end_s), (start_t, end_t) in zip(answer_spans(pair.student.labels), answer_spans(pair.teacher.labels),
                                                  strict=False):
        bytes_s = token_bytes(pair.student.input_ids[start_s:end_s], student)
        bytes_t = token_bytes(pair.teacher.input_ids[start_t:end_t], teacher)
        # A learnt token at place p is predicted at p - 1: the spans lie one earlier among predicting positions.
        base_s, base_t = own.index(start_s - 1), other.index(start_t - 1)
        if whole:
            chunks.append(Chunk((base_s, base_s + end_s - start_s), (base_t, base_t + end_t - start_t)))
        for one in aligned_chunks(bytes_s, bytes_t):
            if not whole:
                chunks.append(Chunk((base_s + one.student[0], base_s + one.student[1]),
                                    (base_t + one.teacher[0], base_t + one.teacher[1])))
            if bytes_s[one.student[1] - 1] != END:
                hidden_own.append(start_s + one.student[1] - 1)
                hidden_other.append(start_t + one.teacher[1] - 1)
    return Places(own, other, chunks, hidden_own, hidden_other)
