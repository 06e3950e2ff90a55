"""GGUF files that llama.cpp reads as transformers reads the checkpoint. Run: python -m pytest tests/training/export"""

from __future__ import annotations

from collections import Counter

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.models.gguf_checkpoint import convert
from rag.settings import load_settings
from tests.fixtures.tiny_models import CORPUS, STRANGE, random_model, write_checkpoint
from training.export.formats import Type, packed, type_of
from training.export.loss import measure
from training.export.model_file import write_model
from training.export.read_out import ReadOut
from training.prune.run import Recipe, prune

LLAMA3 = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
          "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load_settings(home=tmp_path_factory.mktemp("home"), threads=1, _env_file=None)


def differences(model, tokenizer, file, settings, **how) -> tuple[float, list[int]]:
    """(greatest difference of logits, ids of the text) between transformers and llama.cpp."""
    ids = tokenizer.encode(CORPUS[1] + "\n" + CORPUS[3])
    with ReadOut(file, settings, longest=256, **how) as read, torch.inference_mode():
        return float((read.logits(ids) - model(torch.tensor([ids])).logits[0]).abs().max()), ids


@pytest.mark.parametrize("family, scheme, tied, others", [
    ("qwen2", "qwen2", True, {}), ("qwen2", "qwen2", False, {"head_dim": 32}),
    ("llama", "llama", False, {}), ("llama", "qwen2", True, {"rope_parameters": LLAMA3, "attention_bias": True}),
    ("llama", "llama", True, {"head_dim": 32}),
])
@pytest.mark.parametrize("form, most", [("f32", 1e-3), ("f16", 1e-1)])
def test_logits_are_those_of_transformers(family, scheme, tied, others, form, most, settings, tmp_path):
    folder = write_checkpoint(family, tmp_path / "model", tied=tied, scheme=scheme, **others)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    write_model(model, tokenizer, tmp_path / "model.gguf", form, "tiny")
    assert differences(model, tokenizer, tmp_path / "model.gguf", settings, exact=True)[0] < most


@pytest.mark.parametrize("family", ["qwen2", "llama"])
def test_a_pruned_checkpoint_is_exported_like_any_other(family, settings, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("\n".join(CORPUS), encoding="utf-8")
    write_checkpoint(family, tmp_path / "whole", tied=family == "qwen2")
    prune(tmp_path / "whole", tmp_path / "small", [text], Recipe(3, "cosine", 64, 1, True, length=64), lambda _: None)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "small")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "small")
    write_model(model, tokenizer, tmp_path / "small.gguf", "f32", "small")
    assert differences(model, tokenizer, tmp_path / "small.gguf", settings, exact=True)[0] < 1e-3


@pytest.mark.parametrize("family", ["qwen2", "llama"])
def test_llama_cpp_reads_text_as_the_tokenizer_does(family, settings, tmp_path):
    folder = write_checkpoint(family, tmp_path / "model", tied=True)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    write_model(model, tokenizer, tmp_path / "model.gguf", "f16", "tiny")
    with ReadOut(tmp_path / "model.gguf", settings, longest=256) as read:
        for text in [*CORPUS, *STRANGE]:
            if "\0" not in text and "e\u0301" not in text:  # llama.cpp ends a text at NUL and does not compose accents
                assert read.encode(text) == tokenizer.encode(text), text


def test_what_was_exported_comes_back_as_it_was(settings, tmp_path):
    folder = write_checkpoint("llama", tmp_path / "model", tied=False, scheme="qwen2",
                              rope_parameters=LLAMA3, hidden=64)
    model = AutoModelForCausalLM.from_pretrained(folder)
    write_model(model, AutoTokenizer.from_pretrained(folder), tmp_path / "model.gguf", "f32", "tiny")
    back = AutoModelForCausalLM.from_pretrained(convert(tmp_path / "model.gguf", tmp_path / "back"))
    assert back.config.rope_parameters["factor"] == 8.0
    for name, weight in model.state_dict().items():
        assert torch.equal(weight.to(torch.bfloat16), back.state_dict()[name]), name


@pytest.mark.parametrize("form, most", [("q8_0", 0.01), ("q4_k_m", 0.3)])
@pytest.mark.parametrize("hidden", [256, 96])
def test_quantised_files_run_and_lose_little(form, most, hidden, settings, tmp_path):
    folder = write_checkpoint("qwen2", tmp_path / "model", tied=True, hidden=hidden, ffn=512, blocks=2,
                              initializer_range=0.05)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    sizes = [write_model(model, tokenizer, tmp_path / f"{f}.gguf", f, "tiny") for f in ("f16", form)]
    assert sizes[1] < 0.7 * sizes[0]
    windows = [tokenizer.encode(text) for text in CORPUS]
    with ReadOut(tmp_path / "f16.gguf", settings) as whole, ReadOut(tmp_path / f"{form}.gguf", settings) as small:
        loss, own = measure(small.logits, windows, whole.logits), measure(whole.logits, windows, whole.logits)
    assert own.divergence == pytest.approx(0, abs=1e-9) and own.agreement == 1
    assert 0 < loss.divergence < most


@pytest.mark.parametrize("kind, most", [(Type.Q4_K, 0.1), (Type.Q6_K, 0.03), (Type.Q8_0, 0.01)])
def test_packed_weights_are_near(kind, most):
    array = np.random.default_rng(1).normal(size=(3000, 512)).astype(np.float32)
    back = gguf.dequantize(packed(array, kind), kind)
    assert back.shape == array.shape
    assert np.sqrt(((back - array) ** 2).mean()) < most


def test_measured_loss_is_what_its_formulas_say():
    torch.manual_seed(0)
    one, other = torch.randn(5, 11), torch.randn(5, 11)
    window = [3, 1, 4, 1, 5]
    loss = measure(lambda ids: one, [window], lambda ids: other)
    p, q = torch.softmax(other[:4].double(), -1), torch.softmax(one[:4].double(), -1)
    following = torch.tensor(window[1:])
    assert loss.perplexity == pytest.approx(float(torch.exp(-q[torch.arange(4), following].log().mean())))
    assert loss.divergence == pytest.approx(float((p * (p / q).log()).sum(-1).mean()))
    assert loss.agreement == pytest.approx(float((p.argmax(-1) == q.argmax(-1)).double().mean()))


def test_what_llama_cpp_would_read_otherwise_is_refused(tmp_path):
    folder = write_checkpoint("qwen2", tmp_path / "model", tied=True)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = random_model("qwen2", tokenizer, tied=True, rope_parameters={
        "rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0})
    with pytest.raises(OdfinError, match="linear"):
        write_model(model, tokenizer, tmp_path / "model.gguf", "f16", "tiny")
    assert not (tmp_path / "model.gguf").exists()


@pytest.mark.parametrize("blocks, hidden, ffn, few, many", [
    (24, 896, 4864, ("Q5_0", "Q8_0"), ("Q4_K", "Q6_K")), (28, 1536, 8960, ("Q4_K", "Q6_K"), ("Q4_K", "Q6_K"))])
def test_the_mix_is_that_of_the_published_files(blocks, hidden, ffn, few, many):
    """As counted in the pinned Qwen2.5-Coder GGUF files of 0.5B and 1.5B, which store the output matrix apart."""
    widths = {"attn_q": hidden, "attn_k": hidden, "attn_v": hidden, "attn_output": hidden, "ffn_gate": hidden,
              "ffn_up": hidden, "ffn_down": ffn}
    names = {f"blk.{block}.{part}.weight": width for block in range(blocks) for part, width in widths.items()}
    names |= {"token_embd.weight": hidden, "output.weight": hidden}
    found = Counter((name.split(".")[-2], type_of(name, (64, width), "q4_k_m", blocks, False).name)
                    for name, width in names.items())
    low, high = few
    assert found == Counter({
        **{(part, low): blocks for part in ("attn_q", "attn_k", "attn_output", "ffn_gate", "ffn_up")},
        ("attn_v", low): blocks // 2, ("attn_v", high): blocks // 2,
        ("ffn_down", many[0]): blocks // 2, ("ffn_down", many[1]): blocks // 2,
        ("token_embd", low): 1, ("output", high): 1})
    assert type_of("token_embd.weight", (64, hidden), "q4_k_m", blocks, True).name == high
    assert type_of("blk.0.attn_norm.weight", (hidden,), "q4_k_m", blocks, False).name == "F32"
