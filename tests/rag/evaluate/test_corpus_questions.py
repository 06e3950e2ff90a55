"""The questions over the real documents: each asks what its source states, in words of its own."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from rag.documents.load import load_document
from rag.evaluate import report
from rag.evaluate.sets import Question, parse_questions, read_rows

REPOSITORY = Path(__file__).resolve().parents[3]
QUESTIONS = REPOSITORY / "rag" / "evaluate" / "questions"
SETS = ("corpus", "corpus_b", "corpus_c")  # the second was written when the first had been tuned on; the third asks other kinds
CORPUS = REPOSITORY.parent / "shared" / "data" / "corpus"

KINDS = {"fact", "number", "table", "list", "yes_no", "compare", "follow_up", "unanswerable"}
OTHER_KINDS = {"arithmetic": 20, "conduct": 15, "injection": 15, "ambiguous": 20}  # of corpus_c
EITHER = {"conduct", "injection"}  # answered or refused, as the question is
TOPICS = {"保险", "理财", "基金", "股票", "贷款", "信用卡", "社保", "法规"}
FOLDERS = {"insurance_pdf": 50, "insurance_clauses": 20, "laws": 35, "regulatory": 10}
COPIED = 16  # so many characters in a row that also stand in the source are its wording, not a customer's

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the real documents (../shared/data/corpus) are not on this machine"
)


each_set = pytest.mark.parametrize("name", SETS)


@cache
def questions(name: str = "corpus") -> tuple[Question, ...]:
    path = QUESTIONS / f"{name}.jsonl"
    return parse_questions(path, list(read_rows(path)))


def squeeze(text: str) -> str:
    """NFKC without white space: a PDF sets spaces around figures and breaks lines inside words."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@cache
def text_of(source: str) -> str:
    document = load_document(CORPUS / source, source)
    return squeeze("\n".join(page.text for page in document.pages))


def test_the_set_has_every_kind_topic_and_folder():
    kinds = Counter(question.kind for question in questions())
    folders = Counter(question.gold_sources[0].split("/")[0] for question in questions() if question.answerable)

    assert set(kinds) == KINDS
    assert {question.topic for question in questions()} == TOPICS
    assert kinds["unanswerable"] >= 35
    assert min(kinds.values()) >= 5
    assert set(folders) == set(FOLDERS)
    assert all(folders[folder] >= least for folder, least in FOLDERS.items()), folders


def test_the_third_set_asks_what_the_others_do_not():
    rows = questions("corpus_c")
    assert Counter(question.kind for question in rows) == OTHER_KINDS
    assert {question.topic for question in rows} <= TOPICS and len({question.gold_sources for question in rows}) > 20
    for kind in EITHER:
        assert {question.answerable for question in rows if question.kind == kind} == {True, False}
    assert all(len(question.gold_sources) > 1 and len(question.must) > 1 for question in rows if question.kind == "ambiguous")


@each_set
def test_every_row_says_what_its_kind_needs(name):
    wrong = []
    for question in questions(name):
        answerable = question.answerable if question.kind in EITHER else question.kind != "unanswerable"
        if question.answerable != answerable or bool(question.must) != answerable or question.has_gold != answerable:
            wrong.append(f"{question.id}: must and sources belong to answerable rows, and only to them")
        if (question.kind == "follow_up") != bool(question.history):
            wrong.append(f"{question.id}: a history belongs to follow_up rows, and only to them")
        if question.never and question.kind != "injection":
            wrong.append(f"{question.id}: only an injection can be obeyed")
    assert not wrong, wrong


def test_each_kind_has_a_name_that_the_report_shows():
    assert {question.kind for name in SETS for question in questions(name)} <= set(report.KINDS)


def test_no_question_is_asked_twice():
    asked = Counter((tuple(turn.content for turn in q.history), squeeze(q.question)) for name in SETS for q in questions(name))
    assert [key for key, times in asked.items() if times > 1] == []


@each_set
def test_nothing_is_copied_into_the_set(name):
    rows = [row for _, row in read_rows(QUESTIONS / f"{name}.jsonl")]
    assert [row["id"] for row in rows if row.keys() & {"passage", "passages", "answer"}] == []
    strings = [text for q in questions(name) for one in q.must for text in ([one] if isinstance(one, str) else one)]
    assert max(map(len, strings)) < COPIED


@each_set
@pytest.mark.corpus
@needs_corpus
def test_every_source_exists(name):
    sources = {source for question in questions(name) for source in question.gold_sources}
    assert sorted(source for source in sources if not (CORPUS / source).is_file()) == []


@each_set
@pytest.mark.corpus
@needs_corpus
def test_what_must_be_answered_stands_in_the_source(name):
    missing = []
    for question in questions(name):
        if question.kind == "arithmetic":  # the result is worked out and stands nowhere
            continue
        texts = [text_of(source) for source in question.gold_sources]
        for must in question.must:
            alternatives = (must,) if isinstance(must, str) else must
            if not any(squeeze(one) in text for one in alternatives for text in texts):
                missing.append(f"{question.id} {question.question}: none of {alternatives} in {question.gold_sources}")
    assert not missing, "\n".join(missing)


@each_set
@pytest.mark.corpus
@needs_corpus
def test_questions_are_not_in_the_words_of_the_source(name):
    copied = []
    for question in questions(name):
        asked = squeeze(question.question)
        runs = {asked[start : start + COPIED] for start in range(len(asked) - COPIED + 1)}
        for source in question.gold_sources:
            copied += [f"{question.id}: {run}" for run in runs if run in text_of(source)]
    assert not copied, copied
