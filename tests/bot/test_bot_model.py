"""The whole way: a document on disk, the index, the student, the bot, a customer's phone."""

from __future__ import annotations

import re

import pytest

from rag.errors import OdfinError
from rag.models.store import ModelStore
from rag.settings import load_settings

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

TERMS = """# 安心住院医疗保险条款（样本）

## 第一章 保险责任

第一条 等待期 自本合同生效之日起三十日为等待期。因意外伤害住院的，没有等待期。

第二条 免赔额 每一保单年度的免赔额为人民币八千元。

第三条 给付限额 每一保单年度累计给付以人民币二百万元为限。

## 第二章 合同解除

第四条 犹豫期 您签收本合同后有十五日的犹豫期，犹豫期内解除合同的，本公司退还全部保险费。
"""


@pytest.fixture
def real(settings, tmp_path):
    """The real assistant over one document, its home apart, the models those of this machine."""
    from rag.answer.assistant import Assistant
    from rag.index.build import Indexer

    models = load_settings().models_dir
    try:
        if ModelStore(load_settings()).find("student") is None:
            pytest.skip(f"the student's weights are not in {models}")
    except OdfinError as error:
        pytest.skip(str(error))
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "models").symlink_to(models)
    folder = tmp_path / "documents" / "保险"
    folder.mkdir(parents=True)
    (folder / "安心住院.md").write_text(TERMS, encoding="utf-8")
    assert Indexer(settings).run(tmp_path / "documents").documents == 1
    return Assistant.open(settings)


async def test_customer_gets_a_grounded_answer_with_the_exact_words(start, server, wang, real):
    await start(assistant=real)
    answer = await wang.hear_after("安心住院医疗保险的犹豫期有多少天？", 120)
    assert re.search("十五|15", answer["text"]) and "安心住院" in answer["text"]
    assert server.state.drafts[wang.id], "nothing was streamed"
    await wang.press(answer, "查看来源")
    assert "十五日的犹豫期" in (await wang.hear())["text"]
    assert "谢谢" in (await wang.press(answer, "👍"))["answer"]["text"]
