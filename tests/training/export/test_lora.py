"""peft adapters as GGUF adapters over a quantised base. Run: python -m pytest tests/training/export/test_lora.py"""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.models.gguf_checkpoint import convert
from rag.settings import load_settings
from tests.fixtures.tiny_models import CORPUS, write_checkpoint
from training.export.lora import Lora, write_adapter
from training.export.model_file import write_model
from training.export.read_out import ReadOut

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load_settings(home=tmp_path_factory.mktemp("home"), threads=1, _env_file=None)


def adapter(checkpoint, folder, **others):
    """A random LoRA over every linear layer."""
    torch.manual_seed(3)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(checkpoint), LoraConfig(**{
        "r": 4, "lora_alpha": 6, "target_modules": ALL} | others))
    for name, weight in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=0.2)
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("family", ["qwen2", "llama"])
def test_over_a_quantised_base_the_adapter_says_what_peft_says(family, settings, tmp_path):
    write_checkpoint(family, tmp_path / "whole", tied=True, hidden=64, initializer_range=0.1)
    whole = AutoModelForCausalLM.from_pretrained(tmp_path / "whole")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "whole")
    write_model(whole, tokenizer, tmp_path / "base.gguf", "q8_0", "base")
    # The reference: the quantised base, dequantised, under peft in float32. What is left is llama.cpp's rounding of activations.
    base = AutoModelForCausalLM.from_pretrained(convert(tmp_path / "base.gguf", tmp_path / "base"), dtype=torch.float32)
    folder = adapter(tmp_path / "whole", tmp_path / "lora")
    size = write_adapter(folder, whole.config, tmp_path / "lora.gguf", "tiny", "base")
    assert size == (tmp_path / "lora.gguf").stat().st_size
    ids = tokenizer.encode(CORPUS[1])
    with torch.inference_mode():
        plain = base(torch.tensor([ids])).logits[0]
        tuned = PeftModel.from_pretrained(base, folder)(torch.tensor([ids])).logits[0]
    with ReadOut(tmp_path / "base.gguf", settings, tmp_path / "lora.gguf", longest=64, exact=True) as read:
        found = read.logits(ids)
    spread = tuned.std()
    assert (plain - tuned).abs().max() > spread  # the adapter speaks
    assert (found - tuned).abs().max() < 0.25 * spread and (found - tuned).abs().mean() < 0.03 * spread


@pytest.mark.parametrize("family, others", [
    ("llama", {"target_modules": ["q_proj", "k_proj", "down_proj"]}),
    ("qwen2", {"use_rslora": True, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"v_proj": 3}}),
])
def test_over_an_unquantised_base_the_logits_are_equal(family, others, settings, tmp_path):
    write_checkpoint(family, tmp_path / "whole", tied=False)
    model, tokenizer = (kind.from_pretrained(tmp_path / "whole") for kind in (AutoModelForCausalLM, AutoTokenizer))
    write_model(model, tokenizer, tmp_path / "base.gguf", "f32", "base")
    folder = adapter(tmp_path / "whole", tmp_path / "lora", **others)
    write_adapter(folder, model.config, tmp_path / "lora.gguf", "tiny", "base")
    ids = tokenizer.encode(CORPUS[0])
    with ReadOut(tmp_path / "base.gguf", settings, tmp_path / "lora.gguf", longest=64, exact=True) as read, \
            torch.inference_mode():
        found, tuned = read.logits(ids), PeftModel.from_pretrained(model, folder)(torch.tensor([ids])).logits[0]
    assert (found - tuned).abs().max() < 0.01 * tuned.std()  # float16 matrices


def test_q8_0_halves_an_adapter_and_changes_little(settings, tmp_path):
    write_checkpoint("qwen2", tmp_path / "whole", tied=True, initializer_range=0.1)
    model, tokenizer = (kind.from_pretrained(tmp_path / "whole") for kind in (AutoModelForCausalLM, AutoTokenizer))
    write_model(model, tokenizer, tmp_path / "base.gguf", "f32", "base")
    folder = adapter(tmp_path / "whole", tmp_path / "lora", r=32, lora_alpha=8)
    found, sizes, ids = [], [], tokenizer.encode(CORPUS[0])
    for form in ("f16", "q8_0"):
        sizes.append(write_adapter(folder, model.config, tmp_path / f"{form}.gguf", "tiny", "base", form))
        with ReadOut(tmp_path / "base.gguf", settings, tmp_path / f"{form}.gguf", longest=64, exact=True) as read:
            found.append(read.logits(ids))
    assert sizes[1] < 0.6 * sizes[0]
    assert (found[0] - found[1]).abs().mean() < 0.05 * found[0].std()


def test_bfloat16_adapters_are_read(tmp_path):
    from safetensors.torch import load_file, save_file

    write_checkpoint("qwen2", tmp_path / "whole", tied=True)
    folder = adapter(tmp_path / "whole", tmp_path / "lora", target_modules=["v_proj"])
    file = folder / "adapter_model.safetensors"
    save_file({name: tensor.bfloat16() for name, tensor in load_file(file).items()}, file)
    pairs = Lora.read(folder).pairs
    assert len(pairs) == 4 and all(a.shape == (4, 64) and b.shape == (32, 4) for a, b in pairs.values())


@pytest.mark.parametrize("others", [{"use_dora": True}, {"modules_to_save": ["lm_head"]}, {"bias": "all"},
                                    {"target_modules": ["q_proj", "embed_tokens"]}])
def test_what_llama_cpp_cannot_lay_over_is_refused(others, tmp_path):
    write_checkpoint("qwen2", tmp_path / "whole", tied=False)
    folder = adapter(tmp_path / "whole", tmp_path / "lora", **others)
    config = AutoModelForCausalLM.from_pretrained(tmp_path / "whole").config
    with pytest.raises(OdfinError, match="合并"):
        write_adapter(folder, config, tmp_path / "lora.gguf", "tiny", "base")
    assert not (tmp_path / "lora.gguf").exists()
