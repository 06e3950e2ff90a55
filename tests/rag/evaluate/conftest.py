"""Small question sets of the known shapes, and a way to write one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CLAUSES = [
    {"id": 7, "doc": "澄湖安心医疗保险条款", "passage": "第五条 等待期 自本合同生效之日起30日为等待期。", "question": "等待期多长？",
     "answer": "30日。"},
    {"id": 8, "doc": "澄湖安心医疗保险条款", "passage": "第六条 犹豫期 签收后15日内可以无损退保。", "question": "犹豫期多长？", "answer": "15日。"},
    {"id": 9, "doc": "《澄湖康乐意外险》/2024", "passage": "第五条 等待期 自本合同生效之日起30日为等待期。", "question": "有等待期吗？",
     "answer": "有，30日。"},
]
FAQ = [
    {"question": "卡丢了怎么办？", "label": "卡丢了怎么办？", "answer": "请立即拨打客服电话挂失。", "subject": "挂失", "answer_id": "1"},
    {"question": "银行卡找不到了", "label": "卡丢了怎么办？", "answer": "请立即拨打客服电话挂失。", "subject": "挂失", "answer_id": "1"},
    {"question": "卡被偷了", "label": "卡被盗怎么办？", "answer": "请立即拨打客服电话挂失！", "subject": "被盗", "answer_id": "1"},
    {"question": "年费多少", "label": "年费怎么收？", "answer": "普卡免年费，金卡每年200元。", "subject": "挂失", "answer_id": "2"},
]


def _write(path: Path, rows: list) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows),
                    encoding="utf-8")
    return path


@pytest.fixture
def write():
    """`write(path, rows)` writes JSONL (a string row as it is) and returns the path."""
    return _write


@pytest.fixture
def clauses() -> list[dict]:
    return CLAUSES


@pytest.fixture
def faq() -> list[dict]:
    return FAQ
