"""The embedder learns customers' words for clauses. Run: python -m pytest tests/training/test_embedder.py"""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from rag.index.search import Searcher
from rag.models.embedder import E5_QUERY, Embedder
from rag.models.token_reader import base_of
from training.adapters import parted
from training.embedder import Recipe, _Reader, batch_loss, remember_questions, train
from training.embedder_data import Pair, from_items, from_passages, read, write

WAITING = {"id": "a", "kind": "number", "question": "重疾险买了多久以后生病才赔", "source": "保险/澄安重疾险条款.txt",
           "evidence": ["自本合同生效之日起90日为等待期。"], "answer": "等待期90日。"}
ABSENT = {"id": "c", "kind": "refusal", "question": "安居贷可以用来装修吗", "source": "贷款/安居贷产品手册.md",
          "evidence": ["提前还款的，贷款发放满1年后不收违约金"], "answer": "资料未提及"}
# Words that mean nothing to the base: only what is learnt can bring them together.
PAIRS = [Pair(f"{asked}怎么弄", f"{meant}的办理规定。", (f"{other}的办理规定。",), asked) for asked, meant, other in (
    ("飞飞", "解除合同", "保单复效"), ("嘟嘟", "保单复效", "解除合同"), ("咪咪", "提前还款", "账户注销"), ("啾啾", "账户注销", "提前还款"))]


@pytest.fixture(scope="module")
def bare(indexed) -> Embedder:
    return Embedder(indexed.model_copy(update={"embedder_adapter": "off"}))


def test_a_pair_holds_the_piece_with_the_evidence_and_pieces_without(indexed):
    pair, = from_items([WAITING, ABSENT], Searcher(indexed))
    assert "90日为等待期" in pair.right and pair.group == WAITING["source"]
    assert pair.wrong and all("90日为等待期" not in text for text in pair.wrong)


def test_contracts_left_out_share_no_clause_with_those_taken(tmp_path):
    shared = "投保人在犹豫期内解除合同的，保险人无息退还全部保险费。"
    own = ["等待期为九十日", "免赔额一万元", "住院津贴每日百元", "身故给付三倍保额", "意外伤残按等级给付", "续保不审核健康",
           "受益人可以变更", "保单贷款利率另定", "年金每年领取", "重疾分组赔付", "酒后驾驶不赔", "索赔需诊断证明"]
    rows = [{"doc": f"合同{n}", "passage": text, "question": f"问题{n}"} for n, text in enumerate([shared] * 4 + own)]
    file = tmp_path / "clauses.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    pairs, questions = from_passages(file, 0.5, seed=1)
    taken = {pair.group for pair in pairs}
    assert 4 <= len(taken) <= 8 and len(questions) == len(pairs)
    assert all(pair.right != shared for pair in pairs)  # of its four contracts, some are left out with this seed
    assert all(pair.right not in pair.wrong for pair in pairs)


def test_pairs_are_read_back_as_written(tmp_path):
    assert write(PAIRS, tmp_path / "pairs.jsonl") == len(PAIRS)
    assert read(tmp_path / "pairs.jsonl") == PAIRS


def test_the_loss_is_the_mean_cross_entropy_of_both_directions(bare):
    reader = _Reader(base_of(bare.bare()), bare.bare().tokenizer, 64)
    recipe = Recipe(temperature=0.1, tempting=1)
    twice = [*PAIRS[:2], Pair("另一个问法", PAIRS[0].right, (), "x")]
    with torch.inference_mode():
        found = batch_loss(reader, twice, recipe, random.Random(0)).item()
        asked = reader([E5_QUERY + one.question for one in twice]).numpy().astype("float64")
        texts = [one.right for one in twice] + [one.wrong[0] for one in PAIRS[:2]]
        pieces = reader(["passage: " + text for text in texts]).numpy().astype("float64")
    logits = asked @ pieces.T / 0.1
    logits[0, 2] = logits[2, 0] = -np.inf  # the same words are no negative
    logits[0, 4] = -np.inf  # …nor as another's tempting piece
    logits[2, 4] = -np.inf
    logits[1, 3] = -np.inf
    rows = -np.mean([logits[i, i] - np.log(np.exp(logits[i]).sum()) for i in range(3)])
    columns = -np.mean([logits[i, i] - np.log(np.exp(logits[:3, i]).sum()) for i in range(3)])
    assert found == pytest.approx((rows + columns) / 2, abs=0.02)


def test_documents_are_not_parted_between_training_and_validation():
    parts = parted([Pair("问", "答", (), f"文档{n % 9}") for n in range(90)], 0.4)
    groups = [{one.group for one in part} for part in parts]
    assert all(groups) and not groups[0] & groups[1]


def test_what_is_learnt_is_saved_and_used(bare, indexed, tmp_path):
    said: list[str] = []
    folder = tmp_path / "out"
    train(PAIRS, bare, folder, Recipe(epochs=12, batch=4, learning_rate=2e-3, validation=0.0, warmup=0.01, keep=1.0), said.append)
    remember_questions(folder, ["飞飞怎么弄"])
    taught = Embedder(indexed.model_copy(update={"embedder_adapter": str(folder)}))
    assert taught.version != bare.version and bare.version in taught.version

    def right(embedder: Embedder) -> int:
        asked = np.array(embedder.embed_questions([one.question for one in PAIRS]))
        pieces = np.array(embedder.embed_documents([one.right for one in PAIRS]))
        return int(((asked @ pieces.T).argmax(1) == range(len(PAIRS))).sum())

    assert right(taught) == len(PAIRS) > right(bare)
    assert (folder / "adapter_model.safetensors").stat().st_size < 5e6
    assert str(tmp_path) not in (folder / "adapter_config.json").read_text()


def test_only_a_share_of_what_was_learnt_is_kept(bare, tmp_path):
    folders = [tmp_path / "whole", tmp_path / "half"]
    for folder, keep in zip(folders, (1.0, 0.5), strict=True):
        train(PAIRS, bare, folder, Recipe(epochs=1, batch=4, validation=0.0, keep=keep), lambda _: None)
    whole, half = (load_file(folder / "adapter_model.safetensors") for folder in folders)
    learnt = [name for name in whole if "lora_B" in name]
    assert learnt and any(whole[name].any() for name in learnt)
    for name in whole:
        factor = 0.5 if name in learnt else 1.0
        assert torch.allclose(half[name].float(), factor * whole[name].float(), atol=1e-4), name
