"""Names that the evidence does not say. Run: python -m pytest -s tests/rag/answer/test_names.py"""

from __future__ import annotations

import json
import runpy
import time
from pathlib import Path

import pytest

from rag.answer.grounding import faults
from rag.answer.names import unknown_names

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NAMES = runpy.run_path(str(FIXTURES / "name_check.py"))
FIRST = [json.loads(line) for line in (FIXTURES / "number_check.jsonl").read_text(encoding="utf-8").splitlines()]
SECOND = runpy.run_path(str(FIXTURES / "number_check_second.py"))["rows"]()


def strange(row: dict) -> list[str]:
    return unknown_names(row["answer"], [row["passage"]], row["question"])


def measured(rows: list[dict], rejected) -> tuple[float, float, list[str]]:
    """(precision, recall, right sentences rejected)"""
    caught = sum(bool(rejected(row)) for row in rows if not row["supported"])
    alarms = [row["answer"] for row in rows if row["supported"] and rejected(row)]
    return caught / max(1, caught + len(alarms)), caught / sum(not row["supported"] for row in rows), alarms


@pytest.mark.parametrize("rows", [NAMES["rows"](), NAMES["later"]()], ids=["rows", "later"])
def test_precision_and_recall_of_the_names(rows: list[dict]) -> None:
    """`later` was written before the check had been changed by it: precision 1.000, recall .762 then."""
    for what, rejected in (("names", strange), ("grounding", lambda row: faults(row["answer"], [row["passage"]], row["question"]))):
        precision, recall, alarms = measured(rows, rejected)
        print(f"\n{what}: {len(rows)} sentences, precision {precision:.3f}, recall {recall:.3f}, right ones rejected: {alarms}")
    precision, recall, _ = measured(rows, strange)
    assert precision >= 0.98
    assert recall >= 0.9


def test_the_set_is_large_enough() -> None:
    rows = NAMES["rows"]()
    assert sum(row["error"] == "wrong name" for row in rows) >= 40
    assert sum(row["supported"] for row in rows) >= 60


def test_sentences_about_figures_are_let_through() -> None:
    right = [row for row in (*FIRST, *SECOND) if row["supported"]]
    assert sum(bool(strange(row)) for row in right) <= 0.01 * len(right)


def test_it_is_quick() -> None:
    rows = NAMES["rows"]()
    for row in rows:
        strange(row)
    started = time.process_time()
    for row in rows:
        strange(row)
    assert (time.process_time() - started) / len(rows) < 0.002  # 0.3 ms on an idle machine


LOAN = "澄湖银行澄e贷产品说明\n澄e贷额度最高30万元，由澄湖银行审批，客服热线95733，受益人李明在广州开户。"


@pytest.mark.parametrize(("draft", "names"), [
    ("澄薪贷额度最高30万元。", ["澄薪贷"]),
    ("由建设银行审批。", ["建设银行"]),
    ("受益人是王强。", ["王强"]),
    ("在深圳开户。", ["深圳"]),
    ("客服热线95588。", ["95588"]),
    ("依据《贷款通则》审批。", ["贷款通则"]),
    ("请登录www.bank.com办理。", ["www.bank.com"]),
])
def test_a_name_that_is_not_there(draft: str, names: list[str]) -> None:
    assert unknown_names(draft, [LOAN], "") == names
    assert unknown_names(draft, [LOAN], "、".join(names)) == []  # the question said it


@pytest.mark.parametrize("draft", [
    "e贷额度最高30万元。", "由澄湖银行审批。", "由我行审批。", "本行客服中心电话95733。", "由银行按合同审批。", "在广州市开户。", "李明先生在广州开户。", "集中行使权利，施工行为另定。",
])
def test_short_forms_and_ordinary_words_are_no_strange_names(draft: str) -> None:
    assert unknown_names(draft, [LOAN], "") == []


def test_regulators_count_only_where_they_are_stated() -> None:
    assert unknown_names("可向银保监会反映。", ["可向国家金融监督管理总局反映。"], "") == ["银保监会"]
    assert unknown_names("可向金融监管总局反映。", ["可向国家金融监督管理总局反映。"], "") == []
    assert unknown_names("由证监会监管。", ["由中国证券监督管理委员会监管。"], "") == []


def test_a_name_beside_the_evidence_supports_and_one_of_another_citation_does_not() -> None:
    unit = "额度说明\n额度最高30万元。"
    draft = "由澄湖银行审批，额度最高30万元。"
    around = "额度最高30万元。由澄湖银行审批。"
    assert not any("名称" in fault for fault in faults(draft, [unit], "谁审批，额度多少", [around]))
    assert any("名称" in fault for fault in faults(draft, [unit], "谁审批，额度多少", ["由澄湖银行审批。"]))
