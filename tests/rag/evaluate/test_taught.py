"""Questions that were taught are left out of a measurement: `.venv/bin/python -m pytest tests/rag/evaluate/test_taught.py`."""

from __future__ import annotations

from rag.evaluate.sets import Question, QuestionSet
from rag.evaluate.taught import TAUGHT, fingerprint, without_taught

ASKED = QuestionSet("set", (Question(question="等待期 多久？"), Question(question="在《安心保》中，等待期多久？"),
                            Question(question="犹豫期多久？")), None, ("一句",))


def test_taught_questions_are_left_out_with_and_without_the_products_name(tmp_path):
    (tmp_path / TAUGHT).write_text(fingerprint("等待期多久?") + "\n")  # full-width and blanks make no difference
    kept = without_taught(ASKED, tmp_path)
    assert [q.question for q in kept.questions] == ["犹豫期多久？"]
    assert kept.notes[0] == "一句" and kept.notes[1].startswith("2 题没有问")


def test_nothing_is_left_out_where_nothing_was_taught(tmp_path):
    assert without_taught(ASKED, None) is ASKED
    assert without_taught(ASKED, tmp_path) is ASKED
    (tmp_path / TAUGHT).write_text(fingerprint("别的") + "\n")
    assert without_taught(ASKED, tmp_path) is ASKED
