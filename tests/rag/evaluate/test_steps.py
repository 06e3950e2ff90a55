"""Steps switched off in turn: each setting really leaves its step out, and worth is the whole less the variant."""

from __future__ import annotations

import pytest

from rag.evaluate.evaluation import run_eval
from rag.evaluate.steps import SPEAKING, STEPS, STUDENT_STEPS, WHOLE, summarise, to_markdown
from rag.index.search import Searcher
from rag.models.embedder import Embedder
from rag.settings import Settings

ROWS = [
    {"id": "a", "question": "澄安重大疾病保险的等待期多少天？", "must": ["90日"], "source": "保险/澄安重疾险条款.txt"},
    {"id": "b", "question": "火星基金的托管人是谁？", "answerable": False},
]


@pytest.fixture(scope="module")
def embedder(indexed) -> Embedder:
    return Embedder(indexed)


def found(indexed, embedder, **without):
    return Searcher(indexed.model_copy(update=without), embedder).search("澄安重大疾病保险的宽限期多少天")


def test_every_step_is_left_out_by_settings_there_are():
    every = (*STEPS, *STUDENT_STEPS)
    assert WHOLE.without == SPEAKING.without == {} and len({step.name for step in every}) == len(every)
    assert {"choices", "rewrite", "second_opinion", "embedder_adapter", "lexicon_for", "fetch_rows", "complete_lists", "notices",
            "editions"} <= {name for step in every for name in step.without}
    for step in (*STEPS[1:], *STUDENT_STEPS[1:]):
        changed = Settings(_env_file=None).model_copy(update=step.without)
        assert step.without.keys() <= Settings.model_fields.keys() and changed != Settings(_env_file=None), step


def test_what_is_off_is_off(indexed, embedder):
    whole = found(indexed, embedder)
    assert max(hit.parts["title"] for hit in whole) > 0 and any(hit.parts["heading"] > hit.parts["dense"] for hit in whole)
    assert {hit.parts["title"] for hit in found(indexed, embedder, search_names=False)} == {0.0}
    assert all(hit.parts["heading"] == hit.parts["dense"] for hit in found(indexed, embedder, search_headings=False))
    alone = found(indexed, embedder, passage_chars=100)
    assert all(len(section.text) <= len(hit.piece) for hit in alone for section in hit.read if section.found)
    assert sum(len(hit.text) for hit in alone) < sum(len(hit.text) for hit in whole)


def test_a_run_of_all_steps(indexed, tmp_path, write):
    result = run_eval(indexed, [write(tmp_path / "steps.jsonl", ROWS)], parts=["steps"], systems=[])
    assert [score.step for score in result.steps] == [step.name for step in STEPS]
    whole = result.steps[0]
    assert whole.count == 2 and whole.shares == {"r1": 1.0, "r5": 1.0, "holds": 1.0, "right": 1.0} and whole.worth == {}
    assert all(score.total_s > 0 and set(score.worth) == {"r1", "r5", "holds", "right"} for score in result.steps[1:])
    assert "| steps | （无） | 2 | 100.0 |" in result.to_markdown()
    assert "<h2>每一步的价值与代价</h2>" in (result.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.model
def test_a_run_of_the_steps_that_take_the_students_word(indexed, student_model, tmp_path, write):
    result = run_eval(indexed, [write(tmp_path / "spoken.jsonl", ROWS[:1])], parts=["student_steps"], systems=[])
    assert [score.step for score in result.steps] == [step.name for step in STUDENT_STEPS]
    assert result.steps[0].worth == {} and set(result.steps[1].worth) == {"r1", "r5", "holds", "right"}
    assert "（无；学生作答）" in result.to_markdown()


def test_an_index_too_large_to_be_embedded_again_is_said(indexed, tmp_path, write, monkeypatch):
    monkeypatch.setattr("rag.evaluate.steps.SMALL", 1)
    monkeypatch.setattr("rag.evaluate.steps.STEPS", tuple(step for step in STEPS if step.again or step is WHOLE))
    result = run_eval(indexed, [write(tmp_path / "large.jsonl", ROWS[:1])], parts=["steps"], systems=[])
    assert [score.step for score in result.steps] == [WHOLE.name]
    assert any("ODFIN_EMBEDDER_ADAPTER=off" in note for note in result.notes)


def test_a_student_is_compared_with_the_whole_that_speaks():
    base = {"part": "steps", "set": "s", "r1": None, "r5": None, "holds": None, "search_s": 0.1, "id": "1"}
    told = [(WHOLE, False, 0.2), (SPEAKING, True, 2.0), (STUDENT_STEPS[1], False, 1.5)]
    rows = [base | {"system": step.name, "right": right, "total_s": seconds} for step, right, seconds in told]
    scores = summarise(rows)
    assert scores[1].worth == {} and scores[2].worth["right"][0] == 1.0
    assert "| +0.50 |" in to_markdown(scores)


def test_worth_by_hand():
    base = {"part": "steps", "set": "s", "r1": None, "holds": None, "search_s": 0.1}
    rows = [base | {"system": system, "id": str(i), "r5": r5, "right": right, "total_s": seconds}
            for system, marks, seconds in ((WHOLE.name, [(True, True), (True, True), (False, False)], 0.5),
                                           ("重排", [(True, False), (True, True), (True, False)], 0.2))
            for i, (r5, right) in enumerate(marks)]
    _, off = summarise(rows)
    assert off.worth["r5"][0] == pytest.approx(-1 / 3) and off.worth["right"][0] == pytest.approx(1 / 3) and off.p == 1.0
    assert off.shares["r1"] is None and "r1" not in off.worth
    assert "| s | 重排 | 3 | — | 100.0 | — | 33.3 | 0.10 | 0.20 |" in to_markdown([*summarise(rows)]) and "| +0.30 |" in to_markdown(summarise(rows))
