"""Sets by name, sets that bring their documents, and what is asked where documents are missing."""

from __future__ import annotations

import json

import pytest

from rag.errors import OdfinError
from rag.evaluate.adapters import load_set
from rag.evaluate.built_in import QUESTIONS, built_in, find_set
from rag.evaluate.covered import covered
from rag.evaluate.evaluation import run_eval
from rag.evaluate.sets import Question, QuestionSet
from tests.conftest import write_documents

ASKED = [
    {"id": "here", "question": "澄安重大疾病保险的等待期多少天？", "must": ["90日"], "source": "保险/澄安重疾险条款.txt"},
    {"id": "gone", "question": "白鹭年金的犹豫期多少天？", "must": ["20日"], "source": "保险/白鹭年金条款.pdf"},
    {"id": "either", "question": "等待期多少天？", "must": ["90日"], "source": "保险/白鹭年金条款.pdf", "sources": ["澄安重疾险条款.txt"]},
    {"id": "both", "kind": "compare", "question": "两款的等待期哪个长？", "must": ["90日"], "sources": ["澄安重疾险条款.txt", "白鹭年金条款.pdf"]},
    {"id": "no", "question": "火星基金的托管人是谁？", "answerable": False},
]


def test_every_name_is_a_set_that_can_be_read(tmp_path):
    assert {"knowledge", "talk", "corpus", "corpus_b", "city_bank"} <= set(built_in())
    for one in built_in().values():
        loaded = load_set(one.name, tmp_path)
        assert (loaded.name, len(loaded.questions)) == (one.name, one.count()) and bool(loaded.corpus) is not bool(one.documents)


def test_a_file_comes_before_a_name(tmp_path, write, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "knowledge").mkdir()  # the folder of documents is no set
    assert find_set("knowledge") == QUESTIONS / "knowledge.jsonl"
    write(tmp_path / "talk", ASKED)
    assert find_set("talk") == tmp_path / "talk"
    assert find_set("talk.jsonl", beside=tmp_path) == tmp_path / "talk.jsonl"  # whoever reads it says that it is not there
    with pytest.raises(OdfinError, match="没有名为 nothing 的内置题集"):
        find_set("nothing")


def test_a_folder_with_documents_is_indexed_for_itself(settings, embedder_model, tmp_path, write):
    folder = tmp_path / "house"
    write_documents(folder / "documents")
    write(folder / "questions.jsonl", ASKED[:1] + ASKED[4:])
    before = sorted(folder.rglob("*"))
    done = run_eval(settings, [folder], parts=["retrieval"], systems=["hybrid"])
    assert done.retrieval[0].questions == "house" and done.retrieval[0].recall[5] == 1.0
    assert sorted(folder.rglob("*")) == before and not (settings.home / "catalogue.db").exists()
    assert len(list((settings.home / "eval").glob("house-*/home/catalogue.db"))) == 1


def test_what_is_not_indexed_is_left_out_and_named():
    questions = QuestionSet("corpus", tuple(Question(**row) for row in ASKED))
    whole = covered(questions, ["保险/澄安重疾险条款.txt", "保险/白鹭年金条款.pdf"])
    assert whole is questions
    some = covered(questions, ["保险/澄安重疾险条款.txt"])
    assert [one.id for one in some.questions] == ["here", "either", "no"]
    [note] = some.notes
    assert "题集 corpus 用到的 4 份文档，索引里有 2 份" in note and "2 题没有问" in note and "shared/data/corpus" in note and "\n" not in note
    with pytest.raises(OdfinError, match=r"索引里有 0 份，没有可问的题；缺 .*请先索引"):
        covered(questions, ["别的.md"])
    nothing = QuestionSet("own", (Question(question="？", answerable=False),))
    assert covered(nothing, []) is nothing


def test_a_run_never_scores_what_it_cannot_answer(indexed, tmp_path, write):
    told = []
    done = run_eval(indexed, [write(tmp_path / "partly.jsonl", ASKED)], parts=["answers"], systems=["quote"], say=told.append)
    rows = [json.loads(line) for line in (done.folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["here", "either", "no"]
    assert len(told) == 1 and "2 题没有问" in told[0] and told[0] in done.to_markdown()
    with pytest.raises(OdfinError, match=r"题集 corpus 用到的 .* 份文档，索引里有 0 份"):
        run_eval(indexed, ["corpus"], parts=["answers"], systems=["quote"])
