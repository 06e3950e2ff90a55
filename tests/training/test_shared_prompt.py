"""A shared beginning changes cost, not losses. Run: pytest tests/training/test_shared_prompt.py"""

from __future__ import annotations

import pytest
import torch

from training.chat import IGNORED, encode
from training.distill.bridge import bridge, places, translated
from training.distill.distiller import Distiller
from training.distill.rows import rows
from training.examples import Pair
from training.recipe import Loss, Weights
from training.shared_prompt import branch_mask, share

PASSAGES = "【资料】\n[1]《示例》费用\n年费300元，挂失费20元，逾期利率每日万分之五。\n【问题】"
ASKED = {"年费多少": "300元", "挂失要多少钱": "20元", "利率呢": "每日万分之五", "谁批的": "资料未提及"}


def talk(question, answer, passages=PASSAGES):
    return [{"role": "system", "content": "只依据资料回答。"}, {"role": "user", "content": passages + question},
            {"role": "assistant", "content": answer}]


@pytest.fixture
def alone(tokenizer):
    other = talk("几天到账", "3天", "【资料】\n[1]《别的》完全不同的一段\n3天。\n【问题】")
    return [encode(one, tokenizer) for one in [*(talk(*pair) for pair in ASKED.items()), other]]


def test_conversations_over_the_same_passages_become_one_row_and_the_rest_stay(alone, tokenizer):
    joined = share(alone, 4096)
    assert len(joined) == 2 and joined[1] == alone[4]
    row = joined[0]
    assert row.learnt == sum(one.learnt for one in alone[:4]) and max(row.branches) == 4
    assert len(row.input_ids) < 0.6 * sum(len(one.input_ids) for one in alone[:4])
    trunk = row.branches.count(0)
    found = []
    for branch in range(1, 5):
        own = [place for place, of in enumerate(row.branches) if of in (0, branch)]
        found.append([row.input_ids[place] for place in own])
        assert [row.positions[place] for place in own] == list(range(len(own)))
        assert all(row.labels[place] == IGNORED for place in own[: trunk + 1])
    assert sorted(found) == sorted(one.input_ids for one in alone[:4])


def test_a_row_is_never_longer_than_allowed_and_nothing_is_lost(alone):
    most = max(len(one.input_ids) for one in alone) + 20
    joined = share(alone, most)
    assert all(len(row.input_ids) <= most for row in joined) and len(joined) > 2
    assert sum(row.learnt for row in joined) == sum(one.learnt for one in alone)
    assert share(joined, 4096)[0].branches == joined[0].branches  # what is joined is not joined again


def test_the_same_question_twice_keeps_a_token_of_its_own(alone):
    twice = share([alone[0], alone[0]], 4096)
    assert len(twice) == 1 and twice[0].learnt == 2 * alone[0].learnt
    assert twice[0].branches.count(1) == twice[0].branches.count(2) == alone[0].learnt + 2  # and the end mark's line break


def test_a_branch_sees_the_beginning_and_itself_and_padding_sees_itself(alone):
    row = share(alone, 4096)[0]
    width = len(row.input_ids) + 3
    mask = branch_mask([row], width)[0, 0]
    last = len(row.input_ids) - 1
    seen = {row.branches[place] for place in range(width - 3) if mask[last, place]}
    assert seen == {0, row.branches[last]} and not mask[0, 1:].any()
    assert torch.equal(mask[last + 1 :].sum(-1), torch.ones(3)) and mask.diagonal().all()


def test_losses_and_gradients_are_those_of_the_conversations_apart(model, alone, tokenizer):
    link = bridge(tokenizer, tokenizer)
    distiller = Distiller(model, link, [], (model.config.hidden_size,) * 2, len(tokenizer), Loss(weights=Weights(ce=1)))

    def run(conversations):
        found = [places(Pair(one, one), link, False) for one in conversations]
        batch = rows([translated(one, link) for one in conversations], [one.student for one in found],
                     [one.hidden_student for one in found], tokenizer.pad_token_id)
        model.zero_grad()
        loss = distiller(batch, None)["ce"]
        loss.backward()
        return batch.tokens, loss.item(), {name: p.grad.clone() for name, p in model.named_parameters()}

    apart_tokens, apart, apart_grad = run(alone)
    joined_tokens, joined, joined_grad = run(share(alone, 4096))
    assert joined_tokens < apart_tokens and joined == pytest.approx(apart, rel=1e-5)
    assert any(grad.abs().max() > 1e-3 for grad in apart_grad.values())
    for name, grad in apart_grad.items():
        assert torch.allclose(grad, joined_grad[name], atol=1e-4, rtol=1e-3), name
