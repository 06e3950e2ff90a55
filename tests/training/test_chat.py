"""Only answers are learnt. Run: pytest tests/training/test_chat.py"""

from __future__ import annotations

import pytest
from transformers import AutoTokenizer

from rag.errors import OdfinError
from tests.fixtures.tiny_student import SYSTEM, TALKS, tiny_student
from training.chat import IGNORED, encode

TALK = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "年费是多少？"},
        {"role": "assistant", "content": TALKS["年费是多少？"]}]
TURNS = [*TALK, {"role": "user", "content": "逾期了怎么办？"}, {"role": "assistant", "content": TALKS["逾期了怎么办？"]}]


@pytest.fixture(scope="module")
def tokenizer(request):
    return AutoTokenizer.from_pretrained(tiny_student(request.config.cache.mkdir("tiny-student")).checkpoint)


@pytest.mark.parametrize("messages", [TALK, TURNS])
def test_every_answer_and_its_end_mark_are_learnt_and_nothing_else(tokenizer, messages):
    one = encode(messages, tokenizer)
    assert tokenizer.decode(one.input_ids) == tokenizer.apply_chat_template(messages, tokenize=False)
    learnt = tokenizer.decode([label for label in one.labels if label != IGNORED])
    assert learnt == "".join(m["content"] + "<|im_end|>" for m in messages if m["role"] == "assistant")
    assert one.learnt == sum(label != IGNORED for label in one.labels) and one.positions == list(range(len(one.labels)))


def test_the_prompt_is_tokenised_as_the_runtime_reads_it(tokenizer):
    asked = tokenizer.apply_chat_template(TALK[:-1], tokenize=True, add_generation_prompt=True, return_dict=False)
    assert encode(TALK, tokenizer).input_ids[: len(asked)] == asked


def test_what_is_too_long_is_left_out_whole(tokenizer):
    length = len(encode(TALK, tokenizer).input_ids)
    assert encode(TALK, tokenizer, length) is not None and encode(TALK, tokenizer, length - 1) is None


def test_a_talk_without_an_answer_and_a_tokenizer_without_a_template_are_named(tokenizer):
    with pytest.raises(OdfinError, match="回答结束"):
        encode(TALK[:-1], tokenizer)
    template, tokenizer.chat_template = tokenizer.chat_template, None
    try:
        with pytest.raises(OdfinError, match="对话模板"):
            encode(TALK, tokenizer)
    finally:
        tokenizer.chat_template = template
