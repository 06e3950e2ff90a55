"""The pinned embedder gives the vectors it was pinned for."""

import numpy as np
import pytest

from rag.errors import OdfinError
from rag.models.embedder import Embedder, own_tokenizer


def test_questions_are_near_what_answers_them(settings, embedder_model):
    embedder = Embedder(settings)
    found = np.array(embedder.embed_documents(["基金申购费率为1.5%。", "本公司注册于1998年，法定代表人为董事长。"]))
    asked = np.array(embedder.embed_query("买基金要多少手续费"))
    assert found.shape == (2, 384)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    assert found[0] @ asked > found[1] @ asked


def test_vectors_do_not_depend_on_what_is_embedded_beside(settings, embedder_model):
    embedder = Embedder(settings)
    alone = np.array(embedder.embed_documents(["等待期为90日。"]))[0]
    beside = np.array(embedder.embed_documents(["等待期为90日。", "本合同由保险条款、保险单、批单组成。" * 10]))[0]
    assert alone @ beside > 0.9999


def test_an_embedder_that_is_not_there_is_one_clear_line(settings):
    with pytest.raises(OdfinError, match="ODFIN_EMBEDDER"):
        Embedder(settings.model_copy(update={"embedder": "/nowhere/model"})).embed_query("年费")


def test_a_tokenizer_of_ones_own_reads_the_same_and_cuts_for_itself(settings, embedder_model):
    first = Embedder(settings).bare().tokenizer
    second = own_tokenizer(first)
    texts = ["query: 等待期为９０日， <mask> 合同</s>", "", "  LPR 3.1%、000001.SZ  ", "本合同由保险条款、保险单组成。" * 8]
    assert second(texts)["input_ids"] == first(texts)["input_ids"]
    second(texts, truncation=True, max_length=5)
    whole = first(texts, truncation=True, max_length=60)["input_ids"]
    assert max(map(len, whole)) == 60 and second.backend_tokenizer.truncation["max_length"] == 5
    assert second.pad_token_id == first.pad_token_id and len(second) == len(first)
