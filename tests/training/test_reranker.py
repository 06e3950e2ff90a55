"""The reranker is taught on lists of the assistant's own search. Run: pytest tests/training/test_reranker.py"""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from rag.answer.prompt import NO_ANSWER
from rag.errors import OdfinError
from rag.index.search import Searcher
from rag.models.embedder import Embedder
from rag.models.joint_reader import JointReader, joint_reading
from rag.models.reranker import JOINT, SHIPPED, Reranker, late_interaction
from rag.models.token_reader import base_of
from training.adapters import parted
from training.data.record import Record
from training.reranker import JOINT_RECIPE, Recipe, _logits, evaluate, train
from training.reranker_data import OWN_SET, Ranked, build_reading, ranked_list, reading_list

WAITING = {"id": "a", "kind": "number", "question": "重疾险买了多久以后生病才赔", "source": "保险/澄安重疾险条款.txt",
           "evidence": ["自本合同生效之日起90日为等待期。"], "answer": "等待期90日。"}
RATE = {"id": "b", "kind": "table", "question": "安居贷5年以上二套利率多少", "source": "贷款/安居贷产品手册.md",
        "evidence": ["| 期限 | 首套 | 二套 |", "| 5年以上 | 3.25 | 3.65 |"], "answer": "3.65"}
ABSENT = {"id": "c", "kind": "refusal", "question": "安居贷可以用来装修吗", "source": "贷款/安居贷产品手册.md",
          "evidence": ["提前还款的，贷款发放满1年后不收违约金"], "answer": "资料未提及"}
# Against all sense the last text is right: only what is learnt can say so.
LISTS = [Ranked(f"{name}的期限多久", (f"{name}为{days}日。", "本合同由保险条款组成。", "费用由双方承担。"), (2,), name)
         for name, days in zip(("犹豫期", "等待期", "宽限期", "保证续保期", "观察期", "复核期"), (15, 90, 60, 180, 30, 7), strict=True)]


@pytest.fixture(scope="module")
def embedder(indexed) -> Embedder:
    return Embedder(indexed)


@pytest.fixture(scope="module")
def searcher(indexed) -> Searcher:
    return Searcher(indexed)


@pytest.mark.parametrize(("item", "words"), [(WAITING, "90日为等待期"), (RATE, "3.65")])
def test_a_list_holds_what_answers_and_what_tempts(searcher, item, words):
    found = ranked_list(item, searcher, random.Random(0))
    assert found.right and all(words in found.texts[place] for place in found.right)
    assert len(found.texts) > len(found.right) and len(set(found.texts)) == len(found.texts)


def test_a_refusal_has_nothing_that_answers(searcher):
    found = ranked_list(ABSENT, searcher, random.Random(0))
    assert found.right == () and found.texts


TABLE = "[1]《安居贷利率表》二、利率\n| 期限 | 首套 | 二套 |\n| --- | --- | --- |\n| 1年 | 3.00 | 3.40 |\n| 5年以上 | 3.25 | 3.65 |\n[2]《安居贷产品手册》五、还款\n逾期罚息上浮40%。"


def reading(question: str, answer: str, evidence: tuple[str, ...], task: str = "reading", source: str = "reading-laws") -> Record:
    messages = ({"role": "system", "content": "规则"}, {"role": "user", "content": f"【资料】\n{TABLE}\n【问题】{question}"},
                {"role": "assistant", "content": answer})
    return Record(messages, task, source, "own", "安居贷利率表", evidence=evidence)


def test_a_reading_item_brings_its_own_list():
    row = "| 期限 | 首套 | 二套 |\n| --- | --- | --- |\n| 5年以上 | 3.25 | 3.65 |"
    found = reading_list(reading("5年以上二套利率多少", "3.65", (row,)), random.Random(0))
    assert [found.texts[place] for place in found.right] == ["安居贷利率表 二、利率\n期限：5年以上；首套：3.25；二套：3.65"]
    assert sorted(set(found.texts) - {found.texts[found.right[0]]}) == [
        "安居贷产品手册 五、还款\n逾期罚息上浮40%。", "安居贷利率表 二、利率\n期限：1年；首套：3.00；二套：3.40"]
    absent = reading("10年以上公寓利率多少", NO_ANSWER, (), "refusal")
    assert reading_list(absent, random.Random(0)).right == () and len(reading_list(absent, random.Random(0)).texts) == 3
    assert reading_list(reading("问", "答", ("不在资料里的话。",)), random.Random(0)) is None
    others = [absent, reading("问", NO_ANSWER, (), "topic"), reading("问", NO_ANSWER, (), "refusal", OWN_SET)]
    assert [one.question for one in build_reading(others)] == [absent.question]


def test_documents_are_not_parted_between_training_and_validation():
    parts = parted([Ranked("问", ("答",), (0,), f"文档{n % 9}") for n in range(90)], 0.4)
    groups = [{one.group for one in part} for part in parts]
    assert all(groups) and not groups[0] & groups[1]


def test_training_lowers_the_loss_and_what_is_saved_says_the_same(embedder, tmp_path):
    before = evaluate(late_interaction(base_of(embedder.bare())), embedder.bare().tokenizer, LISTS)
    said: list[str] = []
    recipe = Recipe(epochs=4, batch=3, absent=0.0, validation=0.3, learning_rate=5e-4, warmup=0.01)
    train(LISTS, embedder, tmp_path / "out", recipe, said.append)
    model, tokenizer = Reranker(embedder, tmp_path / "out").load()
    assert evaluate(model, tokenizer, LISTS).loss < before.loss
    assert json.loads((tmp_path / "out" / "recipe.json").read_text())["lists"] == len(parted(LISTS, recipe.validation)[0])
    scores = Reranker(embedder, tmp_path / "out").scores(LISTS[0].question, LISTS[0].texts)
    trained = _logits(model, tokenizer, LISTS[:1]).detach().float().numpy()
    assert np.allclose(scores, trained, atol=0.3)  # bfloat16 on the way
    assert any("loss" in line or "epoch" in line for line in said)

    gone_on = train(LISTS, embedder, tmp_path / "on", replace(recipe, epochs=1, learning_rate=1e-9), lambda _: None, tmp_path / "out")
    assert gone_on.loss == pytest.approx(json.loads((tmp_path / "out" / "recipe.json").read_text())["validation"]["loss"], abs=0.2)
    with pytest.raises(OdfinError, match="适配器用不了"):
        train(LISTS, embedder, tmp_path / "no", recipe, lambda _: None, tmp_path / "nowhere")


def test_the_joint_reader_is_taught_on_the_same_lists(embedder, tmp_path):
    tokenizer = embedder.bare().tokenizer
    before = evaluate(joint_reading(base_of(embedder.bare())), tokenizer, LISTS)
    recipe = replace(JOINT_RECIPE, epochs=4, batch=3, absent=0.0, validation=0.3, learning_rate=5e-4, warmup=0.01, many=1)
    lists = LISTS + [replace(one, many=True) for one in LISTS]
    train(lists, embedder, tmp_path / "joint", recipe, lambda _: None)
    joint = JointReader(embedder, tmp_path / "joint")
    scores = joint.scores(LISTS[0].question, LISTS[0].texts, 160)
    trained = _logits(joint.load()[0], tokenizer, LISTS[:1]).detach().float().numpy()
    assert np.allclose(scores, trained, atol=0.4)
    assert evaluate(joint.load()[0], tokenizer, LISTS).loss < before.loss
    assert json.loads((tmp_path / "joint" / "recipe.json").read_text())["recipe"]["joint"] is True


def test_a_list_holds_as_many_tempting_texts_as_are_asked_for(searcher):
    few, many = (ranked_list(WAITING, searcher, random.Random(0), tempting) for tempting in (2, 9))
    assert len(few.texts) - len(few.right) <= 2 < len(many.texts) - len(many.right)
    assert few.texts[: len(few.right) + 1] == many.texts[: len(many.right) + 1], "the most tempting come first"


@pytest.mark.parametrize(("recipe", "folder"), [(Recipe(), SHIPPED), (JOINT_RECIPE, SHIPPED / JOINT)])
def test_the_shipped_adapters_can_be_gone_on_from(embedder, tmp_path, recipe, folder):
    recipe = replace(recipe, epochs=1, batch=6, absent=0.0, validation=0.3, learning_rate=1e-9)
    train(LISTS, embedder, tmp_path, recipe, lambda _: None, folder)
    assert (tmp_path / "adapter_model.safetensors").stat().st_size == (folder / "adapter_model.safetensors").stat().st_size
