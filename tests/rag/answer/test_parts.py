"""Questions that ask two things."""

import numpy as np

from rag.answer.evidence import select
from rag.answer.parts import parts
from rag.answer.quotation import quoted
from rag.text.sentences import sentences
from tests.rag.answer.test_evidence import flat, hit

LOAN = "贷款金额不得超过现金价值的80%，具体额度需经我们审批。每次贷款期限最长不超过6个月。贷款利率按约定执行。"
QUESTION = "着急用钱，这张单子最多能贷出几成，一次最久能借多长时间？"


def test_each_part_keeps_what_asks_nothing():
    assert parts(QUESTION) == ["着急用钱，这张单子最多能贷出几成，", "着急用钱，一次最久能借多长时间？"]
    assert parts("去年还清了，记录要留几年") == [] and parts("等待期多久？") == []


def test_two_things_asked_of_each_are_two_parts():
    assert parts("诉讼时效，寿险和非寿险分别几年") == ["诉讼时效，寿险分别几年", "诉讼时效，非寿险分别几年"]
    assert parts("主卡和附属卡的年费各是多少") == ["主卡的年费各是多少", "附属卡的年费各是多少"]
    law = "人寿保险以外的其他保险，请求给付的诉讼时效为二年。人寿保险的受益人请求给付的诉讼时效为五年。"
    evidence = select("诉讼时效，寿险和非寿险分别几年", [hit(law)], flat, lambda question, texts: np.array(
        [2.5 if ("以外" in text) == ("非" in question) else 2.2 for text in texts]))
    assert {evidence.best.text, evidence.also.text} == set(sentences(law))


def test_what_answers_the_other_part_is_quoted_beside_the_best():
    def judge(question, texts):
        """Sure of the term whatever is asked; of the share only where nothing else is."""
        share = 4.0 if "多长" not in question else -1.0
        return np.array([3.0 if "6个月" in text and "多长" in question else share if "80%" in text else -4.0 for text in texts])

    evidence = select(QUESTION, [hit(LOAN)], flat, judge)
    said, shown = quoted(evidence, QUESTION)
    assert shown == 2 and "80%" in said and "6个月" in said
    assert select("一次最久能借多长时间？", [hit(LOAN)], flat, judge).also is None


def test_nothing_is_put_beside_what_answers_both():
    evidence = select("额度几成，期限多久？", [hit("额度为80%，期限为6个月。费用另计。")], flat,
                      lambda question, texts: np.array([3.0 if "80%" in text else -4.0 for text in texts]))
    assert "80%" in evidence.best.text and evidence.also is None
