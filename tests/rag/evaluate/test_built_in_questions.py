"""The questions shipped with the program fit the sample documents: `.venv/bin/python -m pytest tests/rag/evaluate`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import rag.evaluate
from rag.documents.load import load_document
from rag.evaluate.adapters import load_set
from rag.evaluate.required import has, has_all
from rag.evaluate.sets import Question

QUESTIONS = Path(rag.evaluate.__file__).parent / "questions" / "knowledge.jsonl"
KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
TOPICS = {"保险", "理财", "基金", "股票", "贷款", "信用卡", "社保"}
AT_LEAST = {
    "fact": 60, "number": 60, "table": 50, "list": 30, "yes_no": 25, "compare": 15, "follow_up": 25,
    "arithmetic": 15, "ambiguous": 30, "unanswerable": 55, "conduct": 15, "injection": 15,
}


def tight(text: str) -> str:
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def stands(word: str, text: str) -> bool:
    """Whether `text` holds `word`, and not as a part of a longer figure."""
    word = tight(word)
    before = r"(?<![\d.])" if word[0].isdigit() else ""
    after = r"(?!\d|\.\d|%)" if word[-1].isdigit() else ""
    return re.search(before + re.escape(word) + after, text) is not None


def alternatives(item: str | tuple[str, ...]) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else item


@pytest.fixture(scope="module")
def questions(tmp_path_factory) -> tuple[Question, ...]:
    return load_set(QUESTIONS, tmp_path_factory.mktemp("eval")).questions


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    files = [path for path in KNOWLEDGE.rglob("*") if path.is_file()]
    assert files
    return {
        source: tight("\n".join(page.text for page in load_document(path, source).pages))
        for path in files
        for source in [path.relative_to(KNOWLEDGE).as_posix()]
    }


def test_every_kind_and_topic_is_asked_about(questions):
    kinds = Counter(q.kind for q in questions)
    assert kinds.keys() == AT_LEAST.keys()
    assert {kind: count for kind, count in kinds.items() if count < AT_LEAST[kind]} == {}
    topics = Counter(q.topic for q in questions)
    assert topics.keys() == TOPICS and min(topics.values()) >= 45
    unanswerable = Counter(q.topic for q in questions if q.kind == "unanswerable")
    assert unanswerable.keys() == TOPICS and min(unanswerable.values()) >= 7


def test_every_document_answers_a_question(questions, texts):
    """Every file, hence every format; no source that is not there."""
    asked = {source for q in questions for source in q.gold_sources}
    assert asked == set(texts)
    assert {Path(q.source).suffix for q in questions if q.source} == {Path(source).suffix for source in texts}


def test_rows_hold_what_their_kind_needs(questions):
    for q in questions:
        if q.answerable:
            assert q.must and q.source, q.id
            assert q.source.split("/")[0] == q.topic, q.id
        else:
            assert q.kind in {"unanswerable", "conduct", "injection"}, q.id
            assert not q.must and not q.has_gold, q.id
        assert [turn.role for turn in q.history] == (["user", "assistant"] if q.kind == "follow_up" else []), q.id
    for kind in ("conduct", "injection"):
        assert {q.answerable for q in questions if q.kind == kind} == {True, False}
    assert not any(q.answerable for q in questions if q.kind == "unanswerable")


def test_no_question_twice_and_none_gives_its_answer_away(questions):
    asked = Counter((q.question, *(turn.content for turn in q.history)) for q in questions)
    assert [question for question, count in asked.items() if count > 1] == []
    given = [(q.id, word) for q in questions for item in q.must for word in alternatives(item) if has(word, q.question)]
    assert given == []
    in_history = [q.id for q in questions if q.history and has_all(q.must, q.history[-1].content)]
    assert in_history == []


def test_what_an_answer_must_say_stands_in_the_documents(questions, texts):
    """In each gold document; a comparison, and products that answer differently, may take a part from each. Computed
    figures stand in none."""
    missing = []
    for q in questions:
        if q.kind == "arithmetic":
            continue
        sources = [texts[source] for source in q.gold_sources]
        places = ["\n".join(sources)] if q.kind in ("compare", "ambiguous") else sources
        for item in q.must:
            if not all(any(stands(word, place) for word in alternatives(item)) for place in places):
                missing.append((q.id, item))
    assert missing == []


def test_a_superseded_document_is_gold_only_where_its_time_is_asked_about(questions):
    old = [q for q in questions if q.source and re.search("已停用|已废止", q.source)]
    assert len(old) >= 3
    assert [q.question for q in old if not re.search("202[45]", q.question)] == []
