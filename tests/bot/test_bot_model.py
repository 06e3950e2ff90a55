"""The whole way: documents on disk, the index, the student, the bot, a customer's phone."""

from __future__ import annotations

import pytest

from rag.answer.assistant import Assistant

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def real(indexed, student_model):
    assistant = Assistant.open(indexed)
    yield assistant
    assistant.close()


async def test_customer_gets_a_grounded_answer_with_the_exact_words(start, server, wang, real):
    await start(assistant=real)
    answer = await wang.hear_after("安居贷逾期的罚息利率上浮多少？", 200)
    assert "40%" in answer["text"] and "《安居贷产品手册》" in answer["text"]
    assert server.state.drafts[wang.id], "nothing was streamed"
    await wang.press(answer, "查看来源")
    assert "罚息利率在合同利率基础上上浮40%" in (await wang.hear())["text"]
    assert "谢谢" in (await wang.press(answer, "👍"))["answer"]["text"]
