"""In which order the units that may answer are read. Run: pytest tests/rag/answer/test_judging.py"""

import numpy as np
import pytest

from rag.answer.candidates import candidates
from rag.answer.judging import FIRST, in_order
from tests.rag.answer.test_evidence import flat, hit


@pytest.mark.parametrize(("logit", "read"), [(4.0, FIRST), (0.0, FIRST + 6)])
def test_what_is_behind_the_first_units_is_read_only_where_they_leave_it_open(logit, read):
    hits = [hit("".join(f"第{n}项费用为{n}元。" for n in range(1, FIRST + 9)))]
    scored = candidates("第1项费用多少", hits, flat)
    seen: list[str] = []

    def judge(question, texts):
        seen.extend(texts)
        return np.array([logit if "第1项" in text else -6.0 for text in texts])

    ordered, answers = in_order("第1项费用多少", scored, hits, judge, FIRST + 6)
    assert len(seen) == len(set(seen)) == read and len(ordered) == len(scored)
    assert ordered[0].unit.plain.startswith("第1项") and (answers > 0.9) is (logit > 3)
