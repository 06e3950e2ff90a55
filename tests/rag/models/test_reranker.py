"""The shipped reranker tells what answers from what is only near."""

import numpy as np
import pytest

from rag.errors import OdfinError
from rag.models.embedder import Embedder
from rag.models.reranker import BATCH, Reranker, _batches, open_reranker
from rag.models.token_reader import states_of, token_ids


@pytest.mark.parametrize(("question", "right", "wrong"), [
    ("提前还贷要罚钱吗", "提前还款的，贷款发放满1年后不收违约金。", "逾期的，罚息利率在合同利率基础上上浮40%。"),
    ("买了后悔几天内能全退", "自您签收本合同之日起有15日的犹豫期，犹豫期内解除合同的，我们退还全部已交保险费。",
     "到期未交纳保险费的，自次日起60日为宽限期。"),
    ("白金卡一年年费多少", "项目：年费（元/年）；普卡：0；金卡：200；白金卡：600", "项目：取现手续费；普卡：1%；金卡：1%；白金卡：0.5%"),
])
def test_what_answers_stands_above_what_is_near(settings, embedder_model, question, right, wrong):
    scores = Reranker(Embedder(settings)).scores(question, [wrong, right, "本合同由保险条款、保险单组成。"])
    assert scores.dtype == np.float32 and scores.shape == (3,) and int(scores.argmax()) == 1


def test_scores_do_not_depend_on_what_is_read_beside(settings, embedder_model):
    reranker = Reranker(Embedder(settings))
    alone = reranker.scores("等待期多久", ["等待期为90日。"])
    beside = reranker.scores("等待期多久", ["等待期为90日。", "本合同由保险条款、保险单、批单组成。" * 8])
    assert alone[0] == pytest.approx(beside[0], abs=0.3)
    assert len(reranker.scores("等待期多久", [])) == 0


def test_what_was_read_is_kept_and_scored_alike(settings, embedder_model, monkeypatch):
    texts = [f"等待期为{days}日。" for days in range(30, 40)]
    fresh, kept = Reranker(Embedder(settings)), Reranker(Embedder(settings))
    model, _ = kept.load()
    first = kept.scores("等待期多久", texts)
    read, counted = model.read, []
    monkeypatch.setattr(model, "read", lambda ids: counted.append(len(ids)) or read(ids))
    assert np.array_equal(kept.scores("等待期多久", texts), first) and counted == [], "all is known"
    assert kept.scores("等待期有多长", texts).shape == first.shape and counted == [1], "the question alone was read"
    assert np.allclose(fresh.scores("等待期是几天", texts[:3]), kept.scores("等待期是几天", texts[:3]), atol=0.3)
    monkeypatch.setattr("rag.models.reranker.KEPT", 4)
    assert len(kept.scores("犹豫期多久", texts)) == 10 and len(kept._known) == 4


def test_lists_of_unlike_length_are_read_as_each_alone(settings, embedder_model):
    import torch

    model, tokenizer = Reranker(Embedder(settings)).load()
    rows = token_ids(tokenizer, "passage: ", ["免赔额一万元。", "本合同由保险条款、保险单、批单组成。" * 8, "等待期为90日。" * 3])
    with torch.inference_mode():
        for row, states in zip(rows, states_of(model.bert, rows), strict=True):
            alone = model.bert(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row))).last_hidden_state[0]
            assert states.shape == alone.shape
            assert torch.nn.functional.cosine_similarity(states.float(), alone.float()).min() > 0.999


def test_texts_are_read_in_batches_of_few_tokens_each_once():
    texts = [tuple(range(n)) for n in (150, 20, BATCH + 9, 180, 90)]
    batches = list(_batches(texts))
    assert sorted(text for batch in batches for text in batch) == sorted(texts) and list(_batches([])) == []
    assert all(len(batch) == 1 or sum(map(len, batch)) <= BATCH for batch in batches) and len(batches) == 3


def test_it_may_be_off_and_a_folder_without_it_is_one_clear_line(settings, embedder_model):
    off = settings.model_copy(update={"reranker": "off"})
    assert open_reranker(off, Embedder(off)) is None
    away = settings.model_copy(update={"reranker": "/nowhere"})
    with pytest.raises(OdfinError, match="ODFIN_RERANKER"):
        open_reranker(away, Embedder(away)).scores("问", ["答"])
