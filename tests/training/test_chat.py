"""Only answers are learnt, and packed conversations do not see each other. Run: pytest tests/training/test_chat.py"""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from tests.fixtures.tiny_student import SYSTEM, TALKS, tiny_student
from training.chat import IGNORED, collate, encode, pack

TALK = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "年费是多少？"},
        {"role": "assistant", "content": TALKS["年费是多少？"]}]
TURNS = [*TALK, {"role": "user", "content": "逾期了怎么办？"}, {"role": "assistant", "content": TALKS["逾期了怎么办？"]}]


@pytest.fixture(scope="module")
def student(request):
    checkpoint = tiny_student(request.config.cache.mkdir("tiny-student")).checkpoint
    return AutoTokenizer.from_pretrained(checkpoint), AutoModelForCausalLM.from_pretrained(checkpoint).eval()


@pytest.mark.parametrize("messages", [TALK, TURNS])
def test_every_answer_and_its_end_mark_are_learnt_and_nothing_else(student, messages):
    tokenizer, _ = student
    one = encode(messages, tokenizer)
    assert tokenizer.decode(one.input_ids) == tokenizer.apply_chat_template(messages, tokenize=False)
    learnt = tokenizer.decode([label for label in one.labels if label != IGNORED])
    assert learnt == "".join(m["content"] + "<|im_end|>" for m in messages if m["role"] == "assistant")
    assert one.learnt == sum(label != IGNORED for label in one.labels) and one.positions == list(range(len(one.labels)))


def test_the_prompt_is_tokenised_as_the_runtime_reads_it(student):
    tokenizer, _ = student
    asked = tokenizer.apply_chat_template(TALK[:-1], tokenize=True, add_generation_prompt=True, return_dict=False)
    assert encode(TALK, tokenizer).input_ids[: len(asked)] == asked


def test_what_is_too_long_is_left_out_whole(student):
    tokenizer, _ = student
    length = len(encode(TALK, tokenizer).input_ids)
    assert encode(TALK, tokenizer, length) is not None and encode(TALK, tokenizer, length - 1) is None


def test_packed_conversations_give_the_logits_they_give_alone(student):
    tokenizer, model = student
    talks = [encode([TALK[0], {"role": "user", "content": q}, {"role": "assistant", "content": a}], tokenizer)
             for q, a in TALKS.items()]
    rows = list(pack(talks, 256))
    assert len(rows) < len(talks) and max(len(row.input_ids) for row in rows) <= 256
    assert sum(row.learnt for row in rows) == sum(one.learnt for one in talks)
    with torch.inference_mode():
        alone = {tuple(one.input_ids): model(input_ids=torch.tensor([one.input_ids])).logits[0] for one in talks}
        batch = collate(rows, tokenizer.pad_token_id)
        together = model(**{name: value for name, value in batch.items() if name != "labels"}).logits
    for row, logits in zip(rows, together, strict=True):
        starts = [place for place, position in enumerate(row.positions) if position == 0] + [len(row.positions)]
        for start, end in pairwise(starts):
            assert torch.allclose(logits[start:end], alone[tuple(row.input_ids[start:end])], atol=1e-4)


def test_a_talk_without_an_answer_and_a_tokenizer_without_a_template_are_named(student):
    tokenizer, _ = student
    with pytest.raises(OdfinError, match="回答结束"):
        encode(TALK[:-1], tokenizer)
    template, tokenizer.chat_template = tokenizer.chat_template, None
    try:
        with pytest.raises(OdfinError, match="对话模板"):
            encode(TALK, tokenizer)
    finally:
        tokenizer.chat_template = template
