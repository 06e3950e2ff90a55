"""What each measure that shortens the waiting is worth, over three documents. Run: pytest tests/rag/evaluate/test_bench_speed.py"""

import json

import pytest

from rag.errors import OdfinError
from rag.evaluate.bench_speed import AGAIN, MEASURES, run_bench_speed


@pytest.mark.model
def test_every_measure_is_left_out_in_turn_and_the_answer_kept(indexed, student_model, write, tmp_path):
    asked = write(tmp_path / "q.jsonl", [{"question": "安居贷提前还款要收违约金吗？"}, {"question": "重疾险的等待期是多少天？"}])
    result = run_bench_speed(indexed.model_copy(update={"threads": 1}), asked, sample=0)
    by_name = {one.name: one for one in result.speeds}
    assert list(by_name) == [*(one.name for one in MEASURES), AGAIN]
    whole, passages, unread, _, again = result.speeds
    assert all(one.questions == 2 and one.total[0] > 0 for one in result.speeds)
    assert passages.prompt_tokens > whole.prompt_tokens, "whole passages make a longer prompt"
    assert whole.accepted is None and unread.prompt_tokens == whole.prompt_tokens
    assert again.first_token == (None, None), "nobody speaks where an answer is kept"
    assert "| 同样意思的问题再问一次 | 2 |" in result.to_markdown()
    assert json.loads((result.folder / "summary.json").read_text(encoding="utf-8")) == json.loads(json.dumps(result.to_json()))


def test_a_set_without_questions_is_refused(indexed, tmp_path):
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(OdfinError, match="没有题目"):
        run_bench_speed(indexed, tmp_path / "none.jsonl")
