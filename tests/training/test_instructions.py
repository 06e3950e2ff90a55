"""The instruction set says what its documents say. Run: pytest tests/training/test_instructions.py"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import cache

import pytest

from rag.answer.follow_up import standalone
from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Turn
from rag.documents.load import load_document
from rag.errors import OdfinError
from rag.evaluate.sets import Question
from rag.settings import PROJECT
from rag.text.figures import unsupported
from training.data.config import DataConfig
from training.data.consultation import items as consultations
from training.data.overlap import Examined, question_files
from training.instructions import FOLDER, KINDS, PAPERS, articles, read_items, resolve

FILES = sorted(FOLDER.glob("*.jsonl"))
ITEMS = list(read_items(FILES))
ALL = [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]
LAWS = PROJECT.parent / "shared" / "data" / "corpus" / "laws"


def tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


@cache
def text_of(source: str) -> str:
    folder = PAPERS if (PAPERS / source).is_file() else PROJECT / "knowledge"
    return tight("".join(page.text for page in load_document(folder / source, source).pages))


def supported(item: dict) -> bool:
    """Every figure of the answer stands in its evidence, read string by string or as one (a row under its header).

    Where the evidence is a table, it stands in the row and the column that the answer and the question name.
    """
    table = any(line.lstrip().startswith("|") for line in item["evidence"])
    return any(not unsupported(item["answer"], sources, item["question"], strict=False, places=table)
               for sources in (item["evidence"], ["\n".join(item["evidence"])]))


def test_it_is_as_large_and_as_mixed_as_it_says():
    topics, kinds = Counter(item["topic"] for item in ALL), Counter(item["kind"] for item in ALL)
    assert len(ALL) >= 1400 and len(topics) == 7 and min(topics.values()) >= 150
    assert kinds["refusal"] >= 250 and kinds["table"] + kinds["number"] >= 250 and kinds.keys() <= KINDS
    assert len({item["id"] for item in ALL}) == len(ALL)


def test_evidence_stands_word_for_word_in_its_document():
    wrong = [item["id"] for item in ITEMS for words in item["evidence"] if tight(words) not in text_of(item["source"])]
    assert ITEMS and wrong == []


def test_consultations_quote_their_documents_word_for_word():
    wrong = [item["id"] for item in consultations.read() for place in item["places"] for words in place["evidence"]
             if tight(words) not in text_of(place["source"]).replace("**", "")]  # Markdown's emphasis is no word
    assert wrong == []


def test_every_figure_of_an_answer_stands_in_its_evidence():
    wrong = {item["id"]: item["answer"] for item in ITEMS if item["kind"] != "refusal" and not supported(item)}
    assert wrong == {}


@pytest.mark.parametrize(("answer", "right"), [("金卡主卡年费为300元。", True), ("金卡主卡年费为100元。", False), ("普卡主卡年费为300元。", False)])
def test_a_figure_of_another_row_or_column_does_not_pass(answer, right):
    table = ["| 卡种 | 主卡年费（元） | 附属卡年费（元） |", "| 普卡 | 80 | 40 |", "| 金卡 | 300 | 100 |"]
    assert supported({"question": "年费多少", "evidence": table, "answer": answer}) is right


def test_refusals_and_only_they_decline():
    assert all((item["kind"] == "refusal") == (item["answer"] == NO_ANSWER) for item in ALL)
    assert all(item.get("history") for item in ALL if item["kind"] == "follow_up")


EXAMINATIONS = [file for path in DataConfig().evaluation for file in question_files(path)]


def test_every_examination_is_looked_at():
    names = {file.parent.name if file.stem == "questions" else file.stem for file in EXAMINATIONS}
    houses = {path.name for path in (PROJECT / "rag" / "evaluate" / "institutions").iterdir() if path.is_dir()}
    assert names == {"knowledge", "corpus", "corpus_b", "corpus_c", "talk"} | houses and len(houses) >= 25


def test_no_question_of_the_examinations_is_among_them():
    asked = {Question.model_validate_json(line).question for file in EXAMINATIONS for line in file.read_text(encoding="utf-8").splitlines()}
    pairs = lambda text: {text[i : i + 2] for i in range(len(text) - 1)}  # noqa: E731
    known = {item["id"]: pairs(item["question"]) for item in ALL if not item.get("history")}
    by_pair = defaultdict(set)
    for one, held in known.items():
        for pair in held:
            by_pair[pair].add(one)
    alike = []
    for question in (one for one in asked if len(one) >= 8):
        held = pairs(question)
        # what shares three quarters of the pairs shares one of the rarest quarter
        rare = sorted(held, key=lambda pair: len(by_pair.get(pair, ())))[: len(held) // 4 + 1]
        for one in set().union(*(by_pair.get(pair, ()) for pair in rare)):
            if len(held & known[one]) > 0.75 * len(held | known[one]):
                alike.append((question, one))
    assert alike == []


def test_what_the_build_would_remove_as_too_near_is_not_shipped_either():
    """The embedder and the reranker learn from the set as it lies here, without the build's filter."""
    examined = Examined(DataConfig().evaluation)
    near = {item["id"]: examined.nearest(whole_question(item)) for item in [*ALL, *consultations.read()]}
    assert len(examined) > 3500 and {one: found for one, found in near.items() if found[0]} == {}


def whole_question(item: dict) -> str:
    history = [Turn(turn["role"], turn["content"]) for turn in item.get("history", ())]
    return standalone(item["question"], history) if history else item["question"]


@pytest.mark.corpus
def test_what_laws_say_is_found_where_the_items_point():
    if not LAWS.is_dir():
        pytest.skip("../shared/data/corpus/laws is not here")
    items = [item for item in read_items(FILES, LAWS) if item.get("law")]
    assert len(items) >= 400 and all(all(item["evidence"]) for item in items)
    assert [item["id"] for item in items if item["kind"] != "refusal" and not supported(item)] == []


def test_a_law_is_read_by_its_articles(tmp_path):
    (tmp_path / "某条例.md").write_text("# 某条例\n\n## 第一章 总则\n\n第一条 为了示例，\n制定本条例。\n\n第二条 期限为30日。\n", encoding="utf-8")
    assert articles(tmp_path / "某条例.md") == {"第一条": "第一条为了示例，制定本条例。", "第二条": "第二条期限为30日。"}
    item = {"id": "x", "source": "某条例.md", "spans": [["第二条", 3, 10]], "question": "几日", "answer": "30日"}
    assert resolve(item, tmp_path)["evidence"] == ["期限为30日。"]
    with pytest.raises(OdfinError, match="第九条"):
        resolve(item | {"spans": [["第九条", 0, 3]]}, tmp_path)


def test_a_bad_line_is_named(tmp_path):
    file = tmp_path / "items.jsonl"
    file.write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(OdfinError, match="第 1 行"):
        list(read_items([file]))
