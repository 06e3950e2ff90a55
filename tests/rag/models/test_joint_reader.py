"""The best texts are read again together with the question. Run: pytest tests/rag/models/test_joint_reader.py"""

import shutil

import numpy as np
import pytest

from rag.models.embedder import Embedder
from rag.models.joint_reader import JointReader
from rag.models.reranker import AGAIN, JOINT, SHIPPED, TOGETHER, Reranker, open_reranker

TEXTS = ["提前还款的，贷款发放满1年后不收违约金。", "逾期的，罚息利率在合同利率基础上上浮40%。", "本合同由保险条款、保险单组成。",
         "贷款发放不满1年提前还款的，按还款本金的1%收违约金。", "提前还款应提前10个工作日申请。", "还款日遇节假日不顺延。", "卡片年费每年200元。"]
QUESTION = "提前还贷要罚钱吗"


@pytest.fixture(scope="module")
def embedder(indexed) -> Embedder:
    return Embedder(indexed)


def test_question_and_text_are_read_together(embedder):
    joint = JointReader(embedder, SHIPPED / JOINT)
    scores = joint.scores(QUESTION, TEXTS, 160)
    assert scores.dtype == np.float32 and scores.shape == (len(TEXTS),) and int(scores.argmax()) in (0, 3)
    alone = [joint.scores(QUESTION, [text], 160)[0] for text in TEXTS]
    assert np.allclose(scores, alone, atol=0.4), "padding changes nothing but bfloat16's last digits"
    assert joint.scores("卡片年费多少", TEXTS, 160).argmax() == 6, "the question decides"
    assert len(joint.scores(QUESTION, [], 160)) == 0


def test_only_the_best_texts_are_read_again_and_both_readings_count(embedder):
    once, twice = Reranker(embedder, again=0), Reranker(embedder)
    first = twice.scores(QUESTION, TEXTS)
    both = twice.read_again(QUESTION, TEXTS, first)
    assert np.array_equal(once.read_again(QUESTION, TEXTS, first), first)
    moved = np.flatnonzero(~np.isclose(first, both, atol=1e-6))
    assert 0 < len(moved) <= AGAIN and set(moved) <= set(np.argsort(-first)[:AGAIN])
    joint = JointReader(embedder, SHIPPED / JOINT).scores(QUESTION, [TEXTS[i] for i in moved], 160)
    assert np.allclose(both[moved], first[moved] + TOGETHER * (joint - first[moved]), atol=0.4)
    assert once.joint is None and twice.joint._model is not None
    fresh = Reranker(embedder)
    fresh.scores(QUESTION, TEXTS[:1])
    assert fresh.joint._model is not None, "loaded with the reranker, so that no first question waits for it"


def test_a_folder_without_joint_reader_and_the_setting_off_read_once(settings, embedder_model, tmp_path):
    for name in ("adapter_config.json", "adapter_model.safetensors", "head.safetensors"):
        shutil.copy(SHIPPED / name, tmp_path)
    assert Reranker(Embedder(settings), tmp_path).joint is None
    off = settings.model_copy(update={"read_again": 0})
    assert open_reranker(off, Embedder(off)).joint is None and open_reranker(settings, Embedder(settings)).joint is not None
