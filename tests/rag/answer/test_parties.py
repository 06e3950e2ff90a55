"""One party's duty put on another is seen. Run: pytest tests/rag/answer/test_parties.py"""

import pytest

from rag.answer.grounding import faults
from rag.answer.parties import acts, swapped

FEE = "保险责任开始前，投保人要求解除本保险合同的，投保人应当按照保险费3%的比例向保险人支付手续费，保险人退还剩余保险费。"


@pytest.mark.parametrize(("draft", "others"), [
    ("保险人应当按照保险费3%的比例向投保人支付手续费。", ["保险人"]),
    ("投保人应当按照保险费3%的比例向保险人支付手续费。", []),
    ("保险人退还剩余保险费。", []),
    ("受益人退还剩余保险费。", ["受益人"]),
    ("您要付保险费3%的手续费。", []),
])
def test_what_is_said_of_another_party_is_seen(draft, others):
    assert swapped(draft, [FEE]) == others


def test_to_whom_is_not_who():
    assert acts("投保人应当向保险人支付手续费") == {("投保人", "应当")} and ("保险人", "承担") not in acts("由被保险人承担")


def test_a_draft_that_swaps_the_parties_may_not_be_shown():
    question = "保险责任开始前退保要交手续费吗"
    assert faults("投保人应当按照保险费3%的比例向保险人支付手续费。", [FEE], question) == []
    assert faults("保险人应当按照保险费3%的比例向保险人支付手续费。", [FEE], question) == ["原文说的不是保险人"]
