"""The whole build: parts, report, manifest, and nothing made twice. Run: pytest tests/training/data/test_build.py"""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from typer.testing import CliRunner

from odfin.main import app
from rag.answer.prompt import NO_ANSWER
from rag.errors import OdfinError
from tests.training.data import papers
from training.data import own_set, stages
from training.data.config import load_config
from training.data.record import read_records
from training.data.tasks import over_tables
from training.data.tasks.make import make

RECIPE = """
own: false
knowledge: k
laws: l
evaluation: [exam.jsonl]
reading: {knowledge: 60, laws: 15, synthetic: 60, documents: 20}
tasks: {extraction: 5, summary: 3, multiple_choice: 5, calculator: 4, cited_reading: 5, sentiment: 5}
validation: 0.15
held_out: 0.15
imports:
  - {path: pool.jsonl, licences: {lecoqa: MIT, cflue: CC BY-NC 4.0}}
"""
POOL = [{"source": "lecoqa", "instruction": f"离职后第{n}个月社保还能用吗", "output": f"第{n}个月停保后不能报销，欠费期间待遇暂停。"} for n in ("一", "二")] + [
    {"source": "cflue", "instruction": "资产负债表反映什么", "output": "反映某一时点的财务状况。"},
    {"source": "lecoqa", "instruction": "律师您好，工资拖欠怎么维权", "output": "可以向劳动监察部门投诉，电话13812345678。"}]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A finished build, by the command line: (folder, what it printed)."""
    home = tmp_path_factory.mktemp("build")
    papers.knowledge(home / "k")
    papers.laws(home / "l")
    (home / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    (home / "exam.jsonl").write_text(json.dumps({"question": "存款人申请销户的银行应当在几个工作日内办理"}, ensure_ascii=False), encoding="utf-8")
    (home / "pool.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in POOL), encoding="utf-8")
    result = CliRunner().invoke(app, ["train", "data", str(home / "out"), "--config", str(home / "recipe.yaml")], catch_exceptions=False)
    assert result.exit_code == 0
    return home, result.output


def test_parts_are_written_as_the_trainer_reads_them(built):
    home, printed = built
    parts = {name: list(read_records(home / "out" / f"{name}.jsonl")) for name in ("train", "validation", "held_out")}
    assert all(parts.values()) and f"训练 {len(parts['train'])} 条" in printed
    documents = {name: {r.document for r in records if not r.shape.startswith("synthetic:")} for name, records in parts.items()}
    assert not documents["train"] & (documents["validation"] | documents["held_out"])
    for record in parts["train"]:
        assert record.messages[-1]["role"] == "assistant" and record.source and record.licence and record.topic
    assert {"reading", "refusal", "consultation", "calculator", "multiple_choice"} <= {r.task for records in parts.values() for r in records}


def test_licences_persons_and_evaluation_are_kept_out(built):
    home, _ = built
    everything = "".join((home / "out" / f"{name}.jsonl").read_text(encoding="utf-8") for name in ("train", "validation", "held_out"))
    assert "资产负债表" not in everything and "13812345678" not in everything and "劳动监察" in everything
    report = (home / "out" / "report.md").read_text(encoding="utf-8")
    assert "许可证不许随产品分发（cc-by-nc-4.0）" in report and "遮住个人信息 1 处" in report and "与 1 道评测题比对" in report
    reading = [record for name in ("train", "validation", "held_out") for record in read_records(home / "out" / f"{name}.jsonl") if record.source.startswith("reading-")]
    assert f"阅读题 {len(reading)} 条" in report and len(reading) > 50
    assert (home / "out" / "counts.png").stat().st_size > 5000 and (home / "out" / "lengths.png").is_file()


def test_a_second_run_makes_nothing_again_and_writes_the_same(built):
    home, _ = built
    before = {path.name: path.read_bytes() for path in (home / "out").glob("*.json*")}
    marks = {path.name: path.stat().st_mtime_ns for path in (home / "out" / "stages").glob("*.jsonl")}
    CliRunner().invoke(app, ["train", "data", str(home / "out"), "--config", str(home / "recipe.yaml")], catch_exceptions=False)
    assert {path.name: path.read_bytes() for path in (home / "out").glob("*.json*")} == before
    assert {path.name: path.stat().st_mtime_ns for path in (home / "out" / "stages").glob("*.jsonl")} == marks


def test_the_manifest_names_inputs_and_outputs_and_no_folder_of_this_machine(built):
    home, _ = built
    text = (home / "out" / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest["inputs"]["laws/河湾存款条例.md"] == stages.file_hash(home / "l" / "河湾存款条例.md")
    assert manifest["outputs"]["train.jsonl"] == stages.file_hash(home / "out" / "train.jsonl") and str(home) not in text


def test_a_stage_is_made_again_only_where_what_it_is_made_from_changes(tmp_path):
    asked = []

    def maker(dropped: Counter, facts: dict):
        asked.append(1)
        return []

    for made_from in ("a", "a", "b"):
        stages.stage(tmp_path, "s", made_from, maker)
    assert len(asked) == 2


def test_a_missing_recipe_is_one_line(tmp_path):
    with pytest.raises(OdfinError, match="读不到配置"):
        load_config(tmp_path / "none.yaml")


def test_the_own_set_gets_passages_that_hold_its_evidence(material):
    items = [
        {"id": "1", "kind": "table", "topic": "贷款", "source": "贷款/安居贷.md", "question": "5年以上二套多少", "answer": "二套住房为3.65%。",
         "evidence": ["| 贷款期限 | 首套住房 | 二套住房 |", "| 5年以上 | 3.25% | 3.65% |"]},
        {"id": "2", "kind": "number", "topic": "贷款", "source": "贷款/安居贷.md", "question": "早还要提前几天说", "answer": "提前15日书面申请。",
         "evidence": ["应当提前15日书面申请"]},
        {"id": "3", "kind": "follow_up", "topic": "贷款", "source": "贷款/安居贷.md", "question": "那逾期呢", "answer": "罚息利率为合同利率上浮50%。",
         "history": [{"role": "user", "content": "安居贷提前还款收违约金吗"}, {"role": "assistant", "content": "不收。"}], "evidence": ["罚息利率为合同利率上浮50%"]},
        {"id": "4", "kind": "refusal", "topic": "贷款", "source": "贷款/安居贷.md", "question": "能装修吗", "answer": NO_ANSWER, "evidence": ["连续逾期超过90日的"]},
        {"id": "5", "kind": "number", "topic": "贷款", "source": "贷款/安居贷.md", "question": "早还要提前几天说", "answer": "提前40日书面申请。",
         "evidence": ["应当提前15日书面申请"]}]
    dropped = Counter()
    table, number, follow, refusal = own_set.records(items, material, 1, dropped)
    assert "| 5年以上 | 3.25% | 3.65% |" in table.messages[1]["content"] and "《河湾银行安居贷产品手册》" in number.messages[1]["content"]
    assert "安居贷" in follow.question and follow.question.endswith("逾期呢") and refusal.task == "refusal" and refusal.evidence == ()
    assert dropped.total() == 1


def test_the_other_tasks_say_what_their_table_says(material):
    chance = random.Random(3)
    grid = next(g for g in material.grids if "每10万元" in g.caption)
    for _ in range(20):
        chosen = over_tables.choice(grid, chance)
        letter = chosen.answer[-1]
        value = chosen.question.split(f"\n{letter}. ")[1].split("\n")[0]
        assert f"为{value}。" in chosen.answer
        row = json.loads(over_tables.extraction(grid, chance).answer)
        assert set(row) <= {"投保年龄（周岁）", "投保年龄", "男性", "女性"} and all(value.endswith("元") for name, value in row.items() if name in ("男性", "女性"))


def test_tasks_come_in_the_numbers_asked_for(material):
    counts = {"extraction": 4, "multiple_choice": 6, "classification": 3, "sentiment": 5}
    asked = [(f"信用卡年费怎么收{n}", "信用卡", "d", "own") for n in range(9)]
    made = Counter(r.task for r in make(counts, [material], [], asked, 1))
    assert made == counts


def test_a_cited_answer_names_the_passage_it_stands_on(built):
    home, _ = built
    cited = [r for name in ("train", "validation", "held_out") for r in read_records(home / "out" / f"{name}.jsonl") if r.task == "cited_reading"]
    for record in cited:
        number = int(record.answer[-2])
        passage = record.messages[-2]["content"].split(f"[{number}]《")[1].split("\n[")[0]
        assert all(unit.split("\n")[-1] in passage for unit in record.evidence)
    assert cited
