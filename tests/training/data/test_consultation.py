"""Consultations say what their places say, sentence by sentence, and become conversations. Run: pytest tests/training/data/test_consultation.py"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from rag.answer.prompt import SYSTEM
from rag.errors import OdfinError
from rag.settings import PROJECT, Settings
from tests.training.data import papers
from training.chat import MAX_LENGTH
from training.data.build import Builder
from training.data.config import DataConfig
from training.data.consultation.checks import fault
from training.data.consultation.items import FOLDER, read
from training.data.consultation.records import records
from training.data.duplicates import unlike
from training.data.filters import reason
from training.data.licences import OFFICIAL, OWN
from training.data.overlap import Examined, Overlap, without
from training.data.reading.material import Material, read_folder
from training.data.report import length
from training.data.split import HELD_OUT, TRAIN, VALIDATION, Shares, part_of, place
from training.data.topics import TOPICS
from training.instructions import PAPERS

LAWS = PROJECT.parent / "shared" / "data" / "corpus" / "laws"
ROWS = [json.loads(line) for file in sorted(FOLDER.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
LOAN = {"source": "贷款/安居贷.md", "evidence": ["借款人提前还款应当提前15日书面申请。"]}
RATES = {"source": "贷款/安居贷.md", "evidence": ["| 贷款期限 | 首套住房 | 二套住房 |", "| 5年以上 | 3.25% | 3.65% |"]}
EARLY = {"id": "c1", "topic": "贷款", "settled": "whole", "question": "年底想把第二套房的贷款还掉一些，五年以上利率高不高，要先跟银行说吗", "places": [LOAN, RATES],
         "answer": "5年以上的贷款，二套住房是3.65%[2]。借款人提前还款应当提前15日书面申请[1]。还要带什么请问经办网点。"}


def tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def documents() -> Material:
    made = Material()
    for folder in (PROJECT / "knowledge", PAPERS):
        for grids, clauses in read_folder(folder, OWN):
            made.add(grids, clauses)
    return made


def test_it_is_as_large_and_as_mixed_as_it_says():
    topics, settled = Counter(row["topic"] for row in ROWS), Counter(row["settled"] for row in ROWS)
    assert len(ROWS) >= 210 and set(topics) == set(TOPICS) and min(topics.values()) >= 30
    assert settled["part"] + settled["none"] >= 28 and settled["none"] >= 8
    assert len({row["id"] for row in ROWS}) == len({row["question"] for row in ROWS}) == len(ROWS)
    sources = [len({place["source"] for place in row["places"]}) for row in ROWS]
    assert sum(count >= 2 for count in sources) >= 0.4 * len(ROWS), "over several documents, not only several places"


def test_every_item_passes_its_checks(documents):
    dropped = Counter()
    found = list(records(read(), documents, 7, dropped))
    assert dropped == Counter() and len(found) >= 150
    assert [one.answer for one in found if reason(one)] == []
    assert list(unlike(found, {})) == found
    examined, overlap = Examined(DataConfig().evaluation), Overlap()
    assert list(without(found, examined, overlap)) == found and len(examined) > 0


def test_a_conversation_holds_its_evidence_among_passages_that_do_not_help(documents):
    found = list(records(read(), documents, 7, Counter()))
    beside = 0
    for one in found:
        assert one.messages[0]["content"] == SYSTEM and one.task == "consultation" and one.passages
        shown = [tight(passage) for passage in one.passages]
        assert all(tight(line) in "".join(shown) for line in one.evidence), one.question
        cited = {int(mark) for mark in re.findall(r"\[(\d+)\]", one.answer)}
        assert max(cited) <= len(shown)
        beside += len(shown) > len(cited)
    assert beside >= 0.85 * len(found)
    assert sum(length(one) <= MAX_LENGTH for one in found) >= 0.85 * len(found), "they fit the shipped recipes"


@pytest.mark.corpus
def test_what_laws_say_is_found_where_the_items_point():
    if not LAWS.is_dir():
        pytest.skip("../shared/data/corpus/laws is not here")
    items = list(read(laws=LAWS))
    assert len(items) == len(ROWS)
    assert {item["id"]: why for item in items if (why := fault(item))} == {}


@pytest.mark.parametrize(("change", "why"), [
    ({"answer": EARLY["answer"].replace("3.65%", "3.85%")}, "数字没有依据"),
    ({"answer": EARLY["answer"].replace("3.65%", "3.25%")}, "数字没有依据"),
    ({"answer": "5年以上的贷款，二套住房是3.65%[2]。借款人提前还款应当提前15日书面申请。还要带什么请问经办网点。"}, "引用与依据对不上"),
    ({"answer": "5年以上的贷款，二套住房是3.65%[2]。借款人提前还款应当提前15日书面申请[1]。逾期会被起诉。"}, "有话没有注明出处"),
    ({"answer": "5年以上的贷款，二套住房是3.65%[1]。借款人提前还款应当提前15日书面申请[2]。还要带什么请问经办网点。"}, "数字没有依据"),
    ({"answer": "5年以上的贷款，二套住房是3.65%[2]。借款人提前还款应当提前15日书面申请[1]。建议您现在买房。"}, "荐买荐卖或许诺"),
    ({"answer": "5年以上的贷款，二套住房是3.65%[2]。借款人提前还款应当提前15日书面申请[1]。带什么材料请在20日内问网点。"}, "没有出处的数字"),
    ({"settled": "part"}, "没写明资料解决了多少"),
    ({"places": [LOAN], "answer": "应当提前15日书面申请[1]。别的请问网点。也可以问客服。"}, "只有一处依据"),
])
def test_a_sentence_that_does_not_stand_on_what_it_cites_is_found(change, why):
    assert fault(EARLY) == ""
    assert fault(EARLY | change) == why


def test_marks_name_the_passages_as_they_are_numbered_there(material):
    for seed in range(6):
        dropped = Counter()
        one, = records([EARLY], material, seed, dropped)
        first, second = (int(mark) for mark in re.findall(r"\[(\d+)\]", one.answer))
        assert "| 5年以上 | 3.25% | 3.65% |" in one.passages[first - 1] and "提前15日书面申请" in one.passages[second - 1]
        assert one.document == "贷款/安居贷.md" and one.licence == OWN and one.kind == "whole" and one.evidence[0] in LOAN["evidence"]
        assert one.question.startswith(EARLY["question"]) and "编号" in one.question


def test_the_builder_takes_them_as_a_stage_of_their_own(tmp_path):
    builder = Builder(DataConfig(), tmp_path, Settings(home=tmp_path))
    dropped = Counter()
    made = list(builder._consultation(dropped, {}))
    assert Counter(one.task for one in made) == {"consultation": len(made)} and len(made) >= 150 and not dropped
    parts = Counter(part_of(one, Shares()) for one in made)
    assert parts[TRAIN] >= 0.6 * len(made) and parts[VALIDATION] + parts[HELD_OUT] > 0
    held = {item["id"] for item in read() if any(place(one["source"]) < Shares().held_out for one in item["places"])}
    assert len(held) == parts[HELD_OUT], "whatever cites a document that is held out is held out"


def test_an_item_over_laws_needs_their_folder(tmp_path):
    papers.laws(tmp_path / "laws")
    row = EARLY | {"places": [{"source": "河湾存款条例.md", "spans": [["第二条", 3, 25]]}, RATES]}
    file = tmp_path / "items.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    assert list(read([file])) == []
    item, = read([file], tmp_path / "laws")
    assert item["places"][0]["evidence"] == ["存款人申请销户的，银行应当在3个工作日内办理"] and item["places"][0]["law"]


@pytest.mark.parametrize("row", ['{"id": "a"}', json.dumps(EARLY | {"settled": "maybe"}), json.dumps(EARLY | {"places": [{"source": "x"}]}), "["])
def test_a_line_that_is_no_item_is_named(tmp_path: Path, row: str):
    (tmp_path / "a.jsonl").write_text(row, encoding="utf-8")
    with pytest.raises(OdfinError, match=r"a\.jsonl 第 1 行"):
        list(read([tmp_path / "a.jsonl"]))


def test_official_texts_alone_are_official(tmp_path):
    made = Material()
    for grids, clauses in read_folder(papers.laws(tmp_path / "laws"), OFFICIAL):
        made.add(grids, clauses)
    row = EARLY | {"topic": "其他", "question": "我想把河湾的户头销了，银行老拖着，能要求几天办好，查自己的账还给查吗",
                   "places": [{"source": "河湾存款条例.md", "evidence": ["存款人申请销户的，银行应当在3个工作日内办理"], "law": True},
                              {"source": "河湾存款条例.md", "evidence": ["银行不得拒绝存款人查询本人账户"], "law": True}],
                   "answer": "存款人申请销户的，银行应当在3个工作日内办理[1]。银行不得拒绝存款人查询本人账户[2]。再拖着不办，请向监管部门投诉。"}
    one, = records([row], made, 1, Counter())
    assert one.licence == OFFICIAL and one.document == "河湾存款条例.md"
