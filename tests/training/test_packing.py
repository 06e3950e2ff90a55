"""Packed conversations are learnt as they are apart. Run: pytest tests/training/test_packing.py"""

from __future__ import annotations

import logging
import math
from itertools import pairwise

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.settings import load_settings
from tests.fixtures.tiny_pair import chatml, checkpoint, talks
from tests.fixtures.tiny_student import SYSTEM, TALKS, tiny_student
from tests.training.test_shared_prompt import ASKED, talk
from training.chat import encode
from training.distill.bridge import bridge, places
from training.distill.distiller import Distiller
from training.distill.rows import rows as as_tensors
from training.distill.run import distill
from training.examples import Pair, read_conversations
from training.packing import collate, need_apart, pack
from training.recipe import DistillRecipe, Loss, TeacherRecipe, Weights, checked
from training.run_log import read
from training.shared_prompt import share
from training.teacher import tune


@pytest.fixture(scope="module")
def student(request):
    checkpoint = tiny_student(request.config.cache.mkdir("tiny-student")).checkpoint
    return AutoTokenizer.from_pretrained(checkpoint), AutoModelForCausalLM.from_pretrained(checkpoint).eval()


def test_packed_conversations_give_the_logits_they_give_alone(student):
    tokenizer, model = student
    talks = [encode([{"role": "system", "content": SYSTEM}, {"role": "user", "content": q}, {"role": "assistant", "content": a}], tokenizer)
             for q, a in TALKS.items()]
    rows = list(pack(talks, 256))
    assert len(rows) < len(talks) and max(len(row.input_ids) for row in rows) <= 256
    assert sum(row.learnt for row in rows) == sum(one.learnt for one in talks)
    with torch.inference_mode():
        alone = {tuple(one.input_ids): model(input_ids=torch.tensor([one.input_ids])).logits[0] for one in talks}
        batch = collate(rows, tokenizer.pad_token_id)
        together = model(input_ids=batch["input_ids"], position_ids=batch["position_ids"], use_cache=False).logits
    for row, logits in zip(rows, together, strict=True):
        starts = [place for place, position in enumerate(row.positions) if position == 0] + [len(row.positions)]
        for start, end in pairwise(starts):
            assert torch.allclose(logits[start:end], alone[tuple(row.input_ids[start:end])], atol=1e-4)


def test_what_is_alone_in_its_row_keeps_the_usual_mask(tokenizer):
    found = [encode(one, tokenizer) for one in (talk("年费多少", "300元"), talk("利率呢", "每日万分之五，从记账日算起"))]
    assert collate(found, 0).keys() == {"input_ids", "labels", "attention_mask"}
    assert collate([found[0], *pack(found)], 0).keys() == {"input_ids", "labels", "position_ids"}


def test_packed_and_shared_rows_give_the_losses_and_gradients_of_conversations_apart(model, tokenizer):
    """By the distiller's own mask, in one batch of packed rows: some that share their beginning, some alone."""
    others = [talk("几天到账", f"{days}天", f"【资料】\n[{days}]《别的》另一段，{days}天。\n【问题】") for days in (3, 5)]
    alone = [encode(one, tokenizer) for one in [*(talk(*pair) for pair in ASKED.items()), *others]]
    joined = share(alone, 4096)
    packed = list(pack(joined, 4096))
    assert len(alone) > len(joined) > len(packed) == 1 and packed[0].branches and packed[0].positions.count(0) == len(joined)
    link = bridge(tokenizer, tokenizer)
    distiller = Distiller(model, link, [], (model.config.hidden_size,) * 2, len(tokenizer), Loss(weights=Weights(ce=1)))

    def run(conversations):
        found = [places(Pair(one, one), link, False) for one in conversations]
        batch = as_tensors(conversations, [one.student for one in found], [one.hidden_student for one in found],
                           tokenizer.pad_token_id)
        model.zero_grad()
        loss = distiller(batch, None)["ce"]
        loss.backward()
        return loss.item(), {name: weight.grad.clone() for name, weight in model.named_parameters()}

    (apart, apart_grad), (together, together_grad) = run(alone), run(packed)
    assert together == pytest.approx(apart, rel=1e-5)
    for name, grad in apart_grad.items():
        assert torch.allclose(grad, together_grad[name], atol=1e-4, rtol=1e-3), name


@pytest.mark.parametrize("stage", ["teacher", "distill"])
def test_a_packed_run_has_the_losses_of_an_unpacked_one(tmp_path, stage):
    """Two steps, each over all conversations: the first loss, the second after one update, and the validation agree."""
    settings = load_settings(home=tmp_path / "home", _env_file=None, threads=1)
    data, held, base = talks(tmp_path), talks(tmp_path, 3, first=100), checkpoint(tmp_path / "model", chatml())
    teacher = checkpoint(tmp_path / "teacher", chatml(), blocks=4, width=48, seed=2)
    count = len(list(pack([encode(one, chatml()) for one in read_conversations(data)], 512)))
    assert 1 < count < 12
    for pack_, batch in ((False, 12), (True, count)):
        values = {"stage": stage, "data": {"train": str(data), "validation": str(held), "pack": pack_}, "lora": {"rank": 4},
                  "training": {"epochs": 2, "batch": batch, "micro_batch": math.gcd(batch, 4), "precision": "fp32",
                               "evaluate_every": 1}}
        if stage == "teacher":
            recipe = checked(values | {"model": str(base)}, TeacherRecipe, "test")
            tune(recipe, settings, tmp_path / str(pack_), logging.info)
        else:
            recipe = checked(values | {"student": {"model": str(base)}, "teacher": {"model": str(teacher)}, "loss": {
                "weights": dict.fromkeys(("ce", "logit", "block", "mlp", "embed"), 1.0)}}, DistillRecipe, "test")
            distill(recipe, settings, tmp_path / str(pack_), logging.info)
    apart, packed = (read(tmp_path / name) for name in ("False", "True"))
    assert [row["part"] for row in apart] == [row["part"] for row in packed] == ["train", "validation"] * 2
    names = ("loss", "gradient") if stage == "teacher" else ("loss", "ce", "logit", "block", "mlp", "embed", "gradient")
    for one, other in zip(apart, packed, strict=True):
        for name in names:
            if name in one:
                assert other[name] == pytest.approx(one[name], rel=1e-4), (one["step"], one["part"], name)


def test_a_model_that_lets_packed_conversations_see_each_other_is_refused(student):
    class Blind(nn.Module):
        """Passes no positions on, as a family does whose attention knows no packing."""

        def __init__(self, model):
            super().__init__()
            self.model, self.device = model, model.device

        def forward(self, input_ids, position_ids=None, use_cache=False):
            return self.model(input_ids=input_ids, use_cache=use_cache)

    need_apart(student[1])
    with pytest.raises(OdfinError, match=r"data\.pack"):
        need_apart(Blind(student[1]))
