"""A token budget spent evenly, and passages asked more than once. Run: pytest tests/training/data/test_sample.py"""

from __future__ import annotations

from collections import Counter

import pytest

from rag.errors import OdfinError
from tests.fixtures.tiny_pair import chatml
from training.chat import encode
from training.data.record import Record
from training.data.same_passages import SamePassages, over
from training.data.sample import draw

FEES = ("[{}]《甲卡章程》费用", "年费300元\n挂失费20元\n取现费1%")
OTHER = ("[{}]《乙卡章程》费用", "年费100元\n挂失费20元")
GRACE = ("[{}]《甲卡章程》还款", "宽限期3天")


def record(question, answer, passages, evidence, task="reading", source="made", kind="fact"):
    block = "\n".join(f"{head.format(number)}\n{text}" for number, (head, text) in enumerate(passages, 1))
    return Record(({"role": "system", "content": "只依据资料回答。"},
                   {"role": "user", "content": f"【资料】\n{block}\n【问题】{question}"},
                   {"role": "assistant", "content": answer}), task, source, "own", "doc", kind=kind, evidence=(evidence,))


YEAR = record("年费多少", "300元", [FEES], "年费300元")
LOST = record("挂失多少钱", "20元", [FEES, OTHER], "挂失费20元")
DRAW = record("取现怎么收", "1%", [FEES, GRACE], "取现费1%")
NONE = record("外币怎么算", "资料未提及", [GRACE, FEES], "", task="refusal")


def test_a_question_moves_only_to_passages_where_nothing_else_can_answer_it():
    found = SamePassages([YEAR, LOST, DRAW, NONE])
    asked = lambda record: {one.question for one in found.others(record)}  # noqa: E731
    assert asked(YEAR) == {"取现怎么收"}  # LOST has its evidence in two passages: it stays where it is
    assert asked(LOST) == set()  # 乙卡's fees would answer, too
    assert asked(NONE) == {"年费多少", "取现怎么收"}  # refusals do not move, but others come to them
    moved = over(NONE, YEAR)
    assert moved.messages[1]["content"] == NONE.messages[1]["content"].replace("外币怎么算", "年费多少")
    assert moved.answer == "300元" and moved.evidence == YEAR.evidence


def test_the_budget_is_spent_evenly_and_a_large_source_does_not_crowd_out_a_small_one():
    records = [record(f"第{n}问", "300元", [FEES], "年费300元", source="many") for n in range(400)]
    records += [record(f"第{n}题", "20元", [GRACE, FEES], "挂失费20元", source="few") for n in range(25)]
    tokenizer = chatml()
    size = len(encode(records[0].messages, tokenizer).input_ids)
    chosen = draw(records, tokenizer, 50 * size, 4096, seed=1)
    counts = Counter(one.source for one in chosen.records)
    assert 2 <= counts["many"] / counts["few"] <= 7  # the square roots stand 4 to 1, the sizes 16 to 1
    assert chosen.tokens == sum(len(encode(one.messages, tokenizer).input_ids) for one in chosen.records) <= 50 * size
    assert draw(records, tokenizer, 50 * size, 4096, seed=1).records == chosen.records
    assert draw(records, tokenizer, 50 * size, 4096, seed=2).records != chosen.records


def test_passages_are_asked_more_than_once_where_that_is_wanted_and_nothing_comes_twice():
    records, tokenizer = [YEAR, DRAW, NONE], chatml()
    once, often = (draw(records, tokenizer, 100_000, 4096, 1, questions) for questions in (1, 3))
    assert len(once.records) == len(often.records) == 3 and once.learnt == often.learnt
    assert often.tokens < 0.8 * once.tokens
    assert len({one.messages[1]["content"].split("【问题】")[0] for one in often.records}) < 3


def test_a_budget_in_which_nothing_fits_is_refused():
    with pytest.raises(OdfinError, match="词元"):
        draw([YEAR], chatml(), 100_000, 16, seed=1)
