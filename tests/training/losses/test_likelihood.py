"""Different tokenizers aligned by bytes. Run: pytest tests/training/losses/test_likelihood.py"""

from __future__ import annotations

import math

import pytest
import torch

from tests.fixtures.tiny_pair import chatml, sentencepiece
from tests.fixtures.tiny_student import TALKS
from training.losses.likelihood import (
    END,
    Chunk,
    aligned_chunks,
    chunk_log_probs,
    likelihood_term,
    token_bytes,
)
from training.losses.uld import sorted_distance, uld_term

ANSWERS = [*TALKS.values(), "年费 100元😊\n\nok", "鿿龥"]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("make", [chatml, sentencepiece])
def test_tokens_spell_the_answers_bytes(make, answer):
    tokenizer = make()
    pieces = token_bytes([*tokenizer.encode(answer, add_special_tokens=False), tokenizer.eos_token_id], tokenizer)
    assert b"".join(pieces).lstrip(b" ") == answer.encode() + END and pieces[-1] == END


@pytest.mark.parametrize("answer", ANSWERS)
def test_chunks_spell_the_same_and_none_could_be_cut_finer(answer):
    own, other = (token_bytes([*t.encode(answer, add_special_tokens=False), t.eos_token_id], t)
                  for t in (chatml(), sentencepiece()))
    chunks = aligned_chunks(own, other)
    spelled = [(b"".join(own[slice(*c.student)]), b"".join(other[slice(*c.teacher)])) for c in chunks]
    spelled[0] = tuple(text.lstrip(b" ") for text in spelled[0])  # SentencePiece puts a blank before the text
    assert all(a == b for a, b in spelled) and spelled[-1][0].endswith(END)
    assert b"".join(a for a, _ in spelled) == answer.encode() + END
    ends = lambda pieces: {len(b"".join(pieces[:n]).lstrip(b" ")) for n in range(1, len(pieces) + 1)}  # noqa: E731
    assert len(chunks) == len((ends(own) & ends(other)) - {0})


def test_where_the_texts_part_the_chunks_stop():
    assert aligned_chunks([b"ab", b"c", b"x"], [b"a", b"bc", b"y"]) == [Chunk((0, 2), (0, 2))]
    assert aligned_chunks([b" ", b"a"], [b"a"]) == [Chunk((0, 2), (0, 1))]  # a lone blank belongs to what follows


def test_chunks_log_probabilities_are_sums_over_their_tokens():
    log_probs = torch.tensor([-1.0, -2.0, -4.0, -8.0, -16.0])
    assert chunk_log_probs(log_probs, [(0, 2), (3, 4)]).tolist() == [-3.0, -8.0]


def test_the_term_is_what_its_definition_says():
    torch.manual_seed(2)
    student = (-8 * torch.rand(6, dtype=torch.float64) - 0.01).requires_grad_(True)
    teacher = -8 * torch.rand(6, dtype=torch.float64) - 0.01
    for temperature in (1.0, 100.0):
        expected = 0.0
        for q, p in zip(student.tolist(), teacher.tolist(), strict=True):
            q, p = math.exp(q / temperature), math.exp(p / temperature)
            expected += p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
        assert likelihood_term(student, teacher, temperature).item() == pytest.approx(expected, rel=1e-6)
        torch.autograd.gradcheck(lambda s, t=temperature: likelihood_term(s, teacher, t), student)
    assert likelihood_term(teacher, teacher).item() == 0
    assert torch.isfinite(likelihood_term(torch.zeros(2), torch.zeros(2)))  # certain of both


def test_uld_compares_rank_by_rank():
    torch.manual_seed(3)
    student = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    teacher = torch.randn(3, 7, dtype=torch.float64)
    expected = 0.0
    for a, b in zip(student.tolist(), teacher.tolist(), strict=True):
        q, p = (sorted((math.exp(x) / sum(map(math.exp, row)) for x in row), reverse=True) for row in (a, b))
        expected += sum(abs(x - y) for x, y in zip([*q, 0.0, 0.0], p, strict=True))
    assert sorted_distance(student, teacher).item() == pytest.approx(expected, rel=1e-9)
    torch.autograd.gradcheck(lambda s: sorted_distance(s, teacher), student)
    eye_s, eye_t = torch.eye(5, dtype=torch.float64), torch.eye(7, dtype=torch.float64)
    assert uld_term(student, lambda h: h @ eye_s, 5, teacher, eye_t, chunk=2).item() == pytest.approx(expected, rel=1e-9)
