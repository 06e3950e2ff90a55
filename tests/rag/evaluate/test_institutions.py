"""The papers and questions of the invented institutions fit together. Run: pytest tests/rag/evaluate/test_institutions.py"""

from __future__ import annotations

from pathlib import Path

import pytest

import rag.evaluate
from rag.documents.load import load_document
from rag.evaluate.sets import parse_questions, read_rows

FOLDERS = sorted(path.parent for path in (Path(rag.evaluate.__file__).parent / "institutions").glob("*/questions.jsonl"))


def test_there_are_twenty_five():
    assert len(FOLDERS) == 25


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_paper_can_be_read_and_states_what_its_questions_ask(folder):
    text = {}
    for path in (folder / "documents").iterdir():
        document = load_document(path, path.name)
        assert document.title and not document.warnings, path.name
        text[path.name] = "".join("".join(page.text for page in document.pages).split())
    path = folder / "questions.jsonl"
    questions = parse_questions(path, list(read_rows(path)))
    assert len(questions) == 70 and sum(not one.answerable for one in questions) == 22
    for one in questions:
        assert set(one.gold_sources) <= text.keys() and bool(one.gold_sources) is bool(one.must) is one.answerable, one.id
        stated = "".join(text[source] for source in one.gold_sources)
        for alternatives in one.must:
            any_of = (alternatives,) if isinstance(alternatives, str) else alternatives
            assert one.kind == "yes_no" or any("".join(word.split()) in stated for word in any_of), (one.id, any_of)
