"""Which matter a question and words are about. Run: sh run.sh test tests/rag/answer/test_matters.py"""

import numpy as np
import pytest

from rag.answer.evidence import select
from rag.answer.matters import of_another_matter
from tests.rag.answer.test_evidence import flat, hit


@pytest.mark.parametrize(("question", "title", "words", "another"), [
    ("信用卡晚还两天宽限几天", "个人消费贷款合同", "还款日后2天内还清不计罚息。", True),
    ("信用卡晚还两天宽限几天", "信用卡领用合约", "还款日后3天内还清视为按时还款。", False),
    ("信用卡晚还两天宽限几天", "常见问题", "还款日后3天内还清视为按时还款。", False),  # of no one matter
    ("房贷晚还罚息多少", "商户经营性抵押贷款说明", "按合同利率加收40%计收罚息。", True),
    ("房贷晚还罚息多少", "商户经营性抵押贷款说明", "住房按揭按合同利率加收50%。", False),
    ("保费能刷信用卡吗", "终身寿险投保须知", "仅接受本人银行卡。", False),
    ("晚还罚息多少", "商户经营性抵押贷款说明", "按合同利率加收40%计收罚息。", False),
])
def test_words_of_a_paper_on_another_matter_are_told(question, title, words, another):
    assert of_another_matter(question, title, f"{title} {words}") is another


def test_what_is_of_the_matter_goes_before_what_reads_a_little_better():
    hits = [hit("宽限期：还款日后2天内还清的，不计罚息。", 0.9, "个人消费贷款合同"), hit("容时期：到期还款日后3天内还清的，视为按时还款。", 0.8, "信用卡领用合约")]
    reads = lambda question, texts: np.array([2.0 if "宽限" in text else 1.0 for text in texts])  # noqa: E731
    assert "3天" in select("信用卡晚还了能宽限几天", hits, flat, reads).best.plain
    assert "2天" in select("晚还了能宽限几天", hits, flat, reads).best.plain
