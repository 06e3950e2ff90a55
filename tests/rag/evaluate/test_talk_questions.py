"""The questions on a talk's course: follow-ups have a talk before them, and their documents are there."""

from pathlib import Path

import pytest

import rag.evaluate
from rag.evaluate.sets import parse_questions, read_rows
from rag.settings import PROJECT

TALK = Path(rag.evaluate.__file__).parent / "questions" / "talk.jsonl"


@pytest.fixture(scope="module")
def questions():
    return parse_questions(TALK, list(read_rows(TALK)))


def test_there_are_enough_of_each_kind_and_of_changed_subjects(questions):
    kinds = [q.kind for q in questions]
    assert kinds.count("follow_up") >= 40 and kinds.count("compare") >= 10
    assert any(not q.answerable for q in questions)


def test_follow_ups_have_a_talk_before_them_and_comparisons_name_both(questions):
    for question in questions:
        assert bool(question.history) == (question.kind == "follow_up"), question.id
        assert not question.history or question.history[-1].role == "assistant", question.id


def test_what_an_answer_must_say_is_asked_of_documents_that_are_there(questions):
    for question in questions:
        assert bool(question.must) == question.answerable, question.id
        assert all((PROJECT / "knowledge" / source).is_file() for source in question.gold_sources), question.id
