"""A language model is told only what may be learnt, and what it writes is cleaned like the rest. Run: pytest tests/training/data/test_asked_last.py"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.settings import load_settings
from tests.training.data import papers
from tests.training.data.api_server import KEY, serving
from training.data import build
from training.data.build import Builder, Built
from training.data.config import load_config

RECIPE = """
own: false
knowledge: k
evaluation: [exam.jsonl]
reading: {knowledge: 12, laws: 0, synthetic: 12, documents: 4}
tasks: {}
imports:
  - {path: pool.jsonl, licences: {lecoqa: MIT, cflue: CC BY-NC 4.0}}
augment: {url: "URL", model: big-model, paraphrases: 400, questions: 6, price_prompt: 1.0}
"""
NEAR, CLOSED, PHONE = "两融账户开户前二十个交易日的日均资产要多少", "创业板股票单日涨跌幅限制是百分之几", "13812345678"
ALSO = "保单贷款能借多长时间呀"
ROWS = [
    {"source": "lecoqa", "passage": f"客户可致电{PHONE}报案。报案应当在48小时内提出。", "question": f"出险了多久之内要报案，我的电话{PHONE}", "answer": "48小时内提出。"},
    {"source": "lecoqa", "passage": "开户前二十个交易日日均证券类资产不低于50万元。", "question": f"{NEAR}呢", "answer": "不低于50万元。"},
    {"source": "lecoqa", "passage": "保单贷款的期限不超过6个月。", "question": "保单贷款最长可以借多久", "answer": "不超过6个月。"},
    {"source": "lecoqa", "passage": "身故保险金的受益人由被保险人指定。", "question": "身故受益人由谁来指定", "answer": "由被保险人指定。"},
    {"source": "cflue", "passage": "创业板股票单日涨跌幅限制为20%。", "question": CLOSED, "answer": "20%。"}]


def says(asked: str) -> str:
    question = asked.rsplit("问题：", 1)[-1]
    if "JSON" in asked:
        return "我不知道"
    if "保单贷款" in question:
        return ALSO  # an examination's question out of its own head
    return f"我是张小明律师，电话13900001111，{question}" if "受益人" in question else f"麻烦帮我看看，{question}，谢谢啦"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Built, list[str]]:
    home = tmp_path_factory.mktemp("asked")
    papers.knowledge(home / "k")
    exam = "\n".join(json.dumps({"question": question}, ensure_ascii=False) for question in (NEAR, ALSO))
    (home / "exam.jsonl").write_text(exam, encoding="utf-8")
    (home / "pool.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    (home / "papers").mkdir()
    with serving(says) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "PAPERS", home / "papers")  # the shipped ones would take a minute to read
        (home / "recipe.yaml").write_text(RECIPE.replace("URL", server.url), encoding="utf-8")
        settings = load_settings(_env_file=None, home=home, server_key=KEY)
        built = Builder(load_config(home / "recipe.yaml"), home / "out", settings).run()
        return home, built, list(server.asked)


def test_the_model_is_told_only_what_may_be_learnt(made):
    _, _, asked = made
    everything = "\n".join(asked)
    assert "多久之内要报案" in everything and "身故受益人" in everything
    assert not [words for words in (PHONE, NEAR, CLOSED) if words in everything]


def test_what_it_writes_is_cleaned_as_the_rest_is(made):
    _, built, _ = made
    written = [record for record in built.records if record.source == "augmented"]
    assert any("多久之内要报案" in record.question for record in written)
    assert not [record for record in built.records if NEAR in record.question or record.question == ALSO or "13900001111" in record.question]
    assert built.overlap.removed["exam"] == 2 and any("个人信息" in why for why in built.dropped)


def test_no_file_of_the_build_holds_personal_data(made):
    home, built, _ = made
    files = [path for path in (home / "out").rglob("*.json*") if path.name != "requests.jsonl"]
    assert any(path.name == "import-1.jsonl" for path in files)
    assert not [path.name for path in files if PHONE in path.read_text(encoding="utf-8") or "13900001111" in path.read_text(encoding="utf-8")]
    assert PHONE not in (home / "out" / "report.md").read_text(encoding="utf-8") and built.masked == 1
