"""Smaller models out of larger ones. Run: python -m pytest tests/training/prune"""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.settings import load_settings
from tests.fixtures.tiny_models import CORPUS, STRANGE, qwen_tokenizer, random_model, write_checkpoint
from training.causal import checkpoint_of
from training.plain_text import windows
from training.prune.depth import choose_blocks, keep_blocks
from training.prune.importance import block_influence, loss_without, mean_loss, skipped, span_distance
from training.prune.run import PICTURE, RECORD, Recipe, count, prune
from training.prune.width import keep_groups, keep_neurons, measure

FAMILIES = pytest.mark.parametrize("family", ["qwen2", "llama"])


@pytest.fixture(scope="module")
def tokenizer():
    return qwen_tokenizer()


@pytest.fixture(scope="module")
def shown(tokenizer):
    return windows(CORPUS, tokenizer, 64)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    file = tmp_path_factory.mktemp("text") / "corpus.txt"
    file.write_text("\n".join(CORPUS), encoding="utf-8")
    return file


def quieten(model, block: int) -> None:
    """Make a block add nothing."""
    with torch.no_grad():
        model.model.layers[block].self_attn.o_proj.weight.zero_()
        model.model.layers[block].mlp.down_proj.weight.zero_()


@FAMILIES
@pytest.mark.parametrize("by", ["cosine", "loss", "span"])
def test_blocks_that_do_nothing_go_and_the_model_says_the_same(family, by, tokenizer, shown):
    model = random_model(family, tokenizer, tied=True, blocks=5)
    quieten(model, 2)
    quieten(model, 3)
    ids = torch.tensor([shown[0]])
    with torch.inference_mode():
        before = model(ids).logits
    kept, scores = choose_blocks(model, shown, 3, by)
    if by == "loss":  # others of a random model may well do harm, and go first
        assert scores[2:4] == pytest.approx(0, abs=1e-6) and np.abs(scores[[0, 1, 4]]).min() > 1e-3
        assert kept == sorted(np.argsort(-scores, kind="stable")[:3])
        kept = [0, 1, 4]
    assert kept == [0, 1, 4] and scores.min() <= 1e-5
    keep_blocks(model, kept)
    with torch.inference_mode():
        assert torch.allclose(model(ids).logits, before, atol=1e-5)
        step = model(ids[:, :-1], use_cache=True)  # and with a cache, whose places are numbered by block
        last = model(ids[:, -1:], past_key_values=step.past_key_values).logits
    assert torch.allclose(last[0, -1], before[0, -1], atol=1e-4)


def test_influence_is_what_its_formula_says(tokenizer, shown):
    model = random_model("qwen2", tokenizer, tied=True)
    states, total = [], 0
    for window in shown:
        with torch.inference_mode():
            hidden = model(torch.tensor([window]), output_hidden_states=True).hidden_states
        # the last state is normalised: every block but the last can be checked
        states.append([(1 - torch.cosine_similarity(a[0], b[0], dim=-1)).sum().item()
                       for a, b in pairwise(hidden[:-1])])
        total += len(window)
    assert block_influence(model, shown)[:-1] == pytest.approx(np.sum(states, axis=0) / total, abs=1e-6)
    one = np.arccos(np.clip(torch.cosine_similarity(hidden[1][0], hidden[3][0], dim=-1).numpy(), -1, 1)) / np.pi
    assert span_distance(model, [shown[-1]], 2)[1] == pytest.approx(one.mean(), abs=1e-5)


def test_loss_without_a_block_is_the_loss_of_the_model_that_lacks_it(tokenizer, shown):
    model = random_model("llama", tokenizer, tied=False)
    rises, whole = loss_without(model, shown), mean_loss(model, shown)
    with skipped(model, [1]):
        assert mean_loss(model, shown) == pytest.approx(whole + rises[1], abs=1e-6)
    assert mean_loss(model, shown) == whole
    keep_blocks(model, [0, 2, 3])
    assert mean_loss(model, shown) == pytest.approx(whole + rises[1], abs=1e-5)


@FAMILIES
def test_silent_neurons_and_groups_go_and_the_model_says_the_same(family, tokenizer, shown):
    model = random_model(family, tokenizer, tied=True)
    with torch.no_grad():
        for number, block in enumerate(model.model.layers):
            silent = [(number + step) % 96 for step in range(0, 64, 2)]
            block.mlp.gate_proj.weight[silent] = 0
            block.self_attn.v_proj.weight[(number % 2) * 16 : (number % 2) * 16 + 16] = 0
            if block.self_attn.v_proj.bias is not None:
                block.self_attn.v_proj.bias[(number % 2) * 16 : (number % 2) * 16 + 16] = 0
    ids = torch.tensor([shown[0]])
    with torch.inference_mode():
        before = model(ids).logits
    neurons, groups = measure(model, shown)
    assert neurons.shape == (4, 96) and groups.shape == (4, 2)
    kept = keep_neurons(model, neurons, 64)
    assert all(len(rows) == 64 for rows in kept) and kept[0] != kept[1]
    assert keep_groups(model, groups, 1) == [[1], [0], [1], [0]]
    assert (model.config.num_attention_heads, model.config.num_key_value_heads, model.config.head_dim) == (2, 1, 16)
    with torch.inference_mode():
        assert torch.allclose(model(ids).logits, before, atol=1e-4)


@FAMILIES
def test_everything_at_once_is_an_ordinary_checkpoint(family, text, tmp_path):
    source = write_checkpoint(family, tmp_path / "whole", tied=family == "qwen2")
    said: list[str] = []
    recipe = Recipe(blocks=3, by="loss", neurons=64, groups=1, vocabulary=True, length=64)
    result = prune(source, tmp_path / "small", [text], recipe, said.append)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "small")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "small")
    record = json.loads((tmp_path / "small" / RECORD).read_text())
    assert len(record["depth"]["kept"]) == 3 == model.config.num_hidden_layers
    assert count(model) == result.weights_after < result.weights_before
    assert model.config.vocab_size == len(tokenizer) == len(record["vocabulary"]["kept"])
    assert (tmp_path / "small" / PICTURE).read_bytes().startswith(b"\x89PNG")
    assert mean_loss(model, windows(["\n".join(CORPUS)], tokenizer, 64, 32)) == pytest.approx(result.loss_after, abs=1e-4)
    out = model.generate(**tokenizer("年费", return_tensors="pt"), max_new_tokens=4, do_sample=False)
    assert out.shape[1] > 4
    with pytest.raises(OdfinError, match="已经有文件"):
        prune(source, tmp_path / "small", [text], recipe, said.append)


@FAMILIES
def test_a_smaller_vocabulary_reads_its_corpus_as_before_and_everything_else_whole(family, text, tmp_path):
    source = write_checkpoint(family, tmp_path / "whole", tied=family == "qwen2")
    one = tmp_path / "one.txt"
    one.write_text(CORPUS[0], encoding="utf-8")
    prune(source, tmp_path / "small", [one], Recipe(vocabulary=True), lambda _: None)
    before, after = AutoTokenizer.from_pretrained(source), AutoTokenizer.from_pretrained(tmp_path / "small")
    kept = json.loads((tmp_path / "small" / RECORD).read_text())["vocabulary"]["kept"]
    assert len(after) == len(kept) < len(before)
    assert [kept[i] for i in after.encode(CORPUS[0])] == before.encode(CORPUS[0])
    for strange in [*CORPUS, *STRANGE]:
        assert after.decode(after.encode(strange, add_special_tokens=False)) == \
            before.decode(before.encode(strange, add_special_tokens=False)), strange
    rng = np.random.default_rng(5)
    points = [p for p in rng.integers(1, 0x2FFFF, 3000).tolist() if not 0xD800 <= p < 0xE000]
    for start in range(0, len(points), 50):  # arbitrary Unicode comes back
        piece = before.backend_tokenizer.normalizer.normalize_str("".join(map(chr, points[start : start + 50])))
        piece = piece.removeprefix("▁").replace("▁", " ")
        assert after.decode(after.encode(piece, add_special_tokens=False)) == piece
    assert after.eos_token == before.eos_token and after.chat_template == before.chat_template
    assert after.convert_ids_to_tokens(after.encode("a"))[0] == before.convert_ids_to_tokens(before.encode("a"))[0]


@FAMILIES
def test_logits_of_the_kept_tokens_do_not_change(family, text, tmp_path):
    source = write_checkpoint(family, tmp_path / "whole", tied=False)
    prune(source, tmp_path / "small", [text], Recipe(vocabulary=True, least=2), lambda _: None)
    kept = json.loads((tmp_path / "small" / RECORD).read_text())["vocabulary"]["kept"]
    old, new = (AutoModelForCausalLM.from_pretrained(folder) for folder in (source, tmp_path / "small"))
    ids = torch.arange(0, len(kept), 7)[None, :60]
    with torch.inference_mode():
        assert torch.allclose(new(ids).logits, old(torch.tensor(kept)[ids]).logits[..., kept], atol=1e-5)
    eos = new.generation_config.eos_token_id
    assert kept[eos] == old.generation_config.eos_token_id
    assert AutoTokenizer.from_pretrained(tmp_path / "small").eos_token_id == eos


def test_numbers_that_do_not_fit_are_named(tokenizer, shown, text, tmp_path):
    model = random_model("qwen2", tokenizer, tied=True)
    with pytest.raises(OdfinError, match="4 层"):
        choose_blocks(model, shown, 4, "cosine")
    neurons, groups = measure(model, shown[:1])
    with pytest.raises(OdfinError, match="96 个神经元"):
        keep_neurons(model, neurons, 96)
    with pytest.raises(OdfinError, match="2 组"):
        keep_groups(model, groups, 2)
    with pytest.raises(OdfinError, match="检查点文件夹"):
        checkpoint_of(str(tmp_path / "nothing"), load_settings(home=tmp_path, _env_file=None))
