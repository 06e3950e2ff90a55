"""Vocabulary losses against plain loops, finite differences and transformers. Run: pytest tests/training/losses"""

from __future__ import annotations

import math

import pytest
import torch

from tests.fixtures.tiny_pair import PADDING, chatml, checkpoint
from training.losses.logits import (
    Divergence,
    FullTeacher,
    TopTeacher,
    divergence,
    label_log_probs,
    top_of,
    vocabulary_terms,
)

KINDS = [Divergence("forward_kl"), Divergence("reverse_kl"), Divergence("jsd", beta=0.3), Divergence("jsd", 2.5, 0.5),
         Divergence("forward_kl", 3.0)]
ROWS, REAL, PADS, WIDTH, WIDTH_T = 7, 10, 3, 5, 6


@pytest.fixture
def given():
    torch.manual_seed(0)
    double = {"dtype": torch.float64}
    return (torch.randn(ROWS, WIDTH, **double, requires_grad=True),
            torch.randn(REAL + PADS, WIDTH, **double, requires_grad=True), torch.randint(0, REAL, (ROWS,)),
            FullTeacher(torch.randn(ROWS, WIDTH_T, **double), torch.randn(REAL, WIDTH_T, **double)))


def plain(p: list[float], q: list[float], how: Divergence) -> float:
    """The divergence of two lists of probabilities, as its definition says."""
    kl = lambda a, b: sum(x * math.log(x / y) for x, y in zip(a, b, strict=True) if x > 0)  # noqa: E731
    if how.kind == "forward_kl":
        return kl(p, q)
    if how.kind == "reverse_kl":
        return kl(q, p)
    mixed = [how.beta * x + (1 - how.beta) * y for x, y in zip(p, q, strict=True)]
    return how.beta * kl(p, mixed) + (1 - how.beta) * kl(q, mixed)


def softmax(logits: list[float], temperature: float) -> list[float]:
    powers = [math.exp(value / temperature) for value in logits]
    return [power / sum(powers) for power in powers]


def reference(hidden, weight, labels, teacher, how) -> tuple[float, float]:
    ce = logit = 0.0
    hidden, weight = hidden.detach(), weight.detach()
    for row in range(ROWS):
        own = [float(hidden[row] @ weight[column]) for column in range(REAL)]
        other = [float(teacher.hidden[row] @ teacher.weight[column]) for column in range(REAL)]
        ce -= math.log(softmax(own, 1.0)[labels[row]])
        logit += how.temperature**2 * plain(softmax(other, how.temperature), softmax(own, how.temperature), how)
    return ce, logit


@pytest.mark.parametrize("how", KINDS, ids=str)
@pytest.mark.parametrize("chunk", [2, 100])
def test_terms_are_what_their_definitions_say_in_any_chunks(given, how, chunk):
    hidden, weight, labels, teacher = given
    found = vocabulary_terms(hidden, lambda h: h @ weight.T, labels, REAL, teacher, how, chunk)
    assert [term.item() for term in found] == pytest.approx(reference(hidden, weight, labels, teacher, how), rel=1e-9)


@pytest.mark.parametrize("how", KINDS, ids=str)
def test_gradients_are_the_finite_differences(given, how):
    hidden, weight, labels, teacher = given
    torch.autograd.gradcheck(
        lambda h, w: vocabulary_terms(h, lambda x: x @ w.T, labels, REAL, teacher, how, chunk=3), (hidden, weight))


def test_padding_slots_have_no_probability(given):
    hidden, weight, labels, teacher = given
    tall = weight.detach().clone()
    tall[REAL:] = 50 * hidden[0].detach()  # a padding slot that would win
    one = vocabulary_terms(hidden, lambda h: h @ weight.T, labels, REAL, teacher, Divergence())
    other = vocabulary_terms(hidden, lambda h: h @ tall.T, labels, REAL, teacher, Divergence())
    assert torch.equal(torch.stack(one), torch.stack(other))


def test_the_temperature_squared_keeps_the_gradients_size(given):
    hidden, weight, labels, teacher = given
    sizes = []
    for temperature in (20.0, 40.0):
        hidden.grad = None
        vocabulary_terms(hidden, lambda h: h @ weight.T, labels, REAL, teacher, Divergence(temperature=temperature)
                         )[1].backward()
        sizes.append(hidden.grad.norm().item())
    assert sizes[1] == pytest.approx(sizes[0], rel=0.1)  # without T² it would be a quarter


@pytest.mark.parametrize("how", KINDS, ids=str)
def test_all_ids_cached_are_as_good_as_the_full_logits(given, how):
    hidden, weight, labels, teacher = given
    ids, log_probs = top_of(teacher.hidden, teacher.weight, REAL - 1, how.temperature, chunk=3)
    head = lambda h: h @ weight.T  # noqa: E731
    full = vocabulary_terms(hidden, head, labels, REAL, teacher, how)[1]
    top = vocabulary_terms(hidden, head, labels, REAL, TopTeacher(ids, log_probs), how)[1]
    assert top.item() == pytest.approx(full.item(), rel=1e-6)  # the rest is the one id left out


def test_the_k_best_and_the_rest_are_compared_as_buckets(given):
    hidden, weight, labels, teacher = given
    ids, log_probs = top_of(teacher.hidden, teacher.weight, 3, 1.0)
    expected, own = 0.0, (hidden @ weight.T).tolist()
    for row in range(ROWS):
        p = softmax((teacher.weight @ teacher.hidden[row]).tolist(), 1.0)
        q = softmax(own[row][:REAL], 1.0)
        best = sorted(range(REAL), key=lambda column: -p[column])[:3]
        assert sorted(ids[row].tolist()) == sorted(best)
        rest = [1 - sum(p[column] for column in best), 1 - sum(q[column] for column in best)]
        expected += plain([p[c] for c in best] + rest[:1], [q[c] for c in best] + rest[1:], Divergence())
    found = vocabulary_terms(hidden, lambda h: h @ weight.T, labels, REAL, TopTeacher(ids, log_probs), Divergence())[1]
    assert found.item() == pytest.approx(expected, rel=1e-6)
    torch.autograd.gradcheck(lambda h: vocabulary_terms(
        h, lambda x: x @ weight.T, labels, REAL, TopTeacher(ids, log_probs), Divergence())[1], hidden)


def test_a_divergence_of_equals_is_nothing_even_where_a_probability_is_zero():
    log_p = torch.tensor([[0.5, 0.5, 0.0]], dtype=torch.float64).log()
    for how in KINDS:
        assert divergence(log_p, log_p, how).abs().max() < 1e-12


def test_the_cross_entropy_is_transformers_own_with_labels_shifted_once(tmp_path):
    from transformers import AutoModelForCausalLM

    from training.examples import predicting

    tokenizer = chatml()
    model = AutoModelForCausalLM.from_pretrained(checkpoint(tmp_path, tokenizer)).eval()
    model.lm_head.weight.data[-PADDING:] = -100 * model.lm_head.weight.data[-PADDING:].abs()  # as a trained model has them
    ids = torch.randint(3, len(tokenizer), (1, 20))
    labels = torch.where(torch.arange(20) < 12, -100, ids)
    with torch.no_grad():
        theirs = model(input_ids=ids, labels=labels).loss
        hidden = model.model(input_ids=ids).last_hidden_state[0]
        at = predicting(labels[0].tolist())
        assert at == list(range(11, 19))
        ours = vocabulary_terms(hidden[at], model.lm_head, labels[0, 12:], len(tokenizer) + PADDING, None, Divergence())[0]
        spoken = label_log_probs(hidden[at], model.lm_head, labels[0, 12:], len(tokenizer) + PADDING, chunk=3)
    assert ours.item() / 8 == pytest.approx(theirs.item(), rel=1e-5)
    assert -spoken.sum().item() == pytest.approx(ours.item(), rel=1e-5)


def test_no_more_than_a_chunk_of_logits_is_kept_for_backward(given):
    """So 512 positions of a 152,000-word vocabulary, 300 MB a copy in float32, are never there at once."""
    hidden, weight, labels, teacher = given
    sizes = []

    def note(value):
        sizes.append(tuple(value.shape))
        return value

    with torch.autograd.graph.saved_tensors_hooks(note, lambda value: value):
        sum(vocabulary_terms(hidden, lambda h: h @ weight.T, labels, REAL, teacher, Divergence(), chunk=2)).backward()
    assert not [size for size in sizes if len(size) == 2 and size[0] > 2 and size[1] in (REAL, REAL + PADS)
                and size != tuple(weight.shape) and size != tuple(weight.T.shape)]
