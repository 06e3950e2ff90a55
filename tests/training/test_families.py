"""Any causal model is tuned, not only those made like LLaMA. Run: pytest tests/training/test_families.py"""

from __future__ import annotations

import logging

import pytest
import torch
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM,
    CohereConfig,
    FalconConfig,
    Gemma2Config,
    GPT2Config,
    Qwen2Config,
)

from rag.errors import OdfinError
from rag.settings import load_settings
from tests.fixtures.tiny_pair import chatml, talks
from training import causal
from training.chat import encode
from training.distill.run import distill
from training.examples import read_conversations
from training.recipe import DistillRecipe, Lora, TeacherRecipe, checked
from training.teacher import tune

CONFIGS = {
    "gpt2": (GPT2Config, {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512}),
    "falcon": (FalconConfig, {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}),
    "gemma2": (Gemma2Config, {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
                              "num_key_value_heads": 2, "head_dim": 8, "final_logit_softcapping": 2.0}),
    "cohere": (CohereConfig, {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
                              "num_key_value_heads": 2, "logit_scale": 0.25}),
    "qwen2": (Qwen2Config, {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
                            "num_key_value_heads": 2}),
}
PLAIN = {"gpt2", "falcon", "qwen2"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Checkpoints of random weights by family, and the data."""
    folder, tokenizer = tmp_path_factory.mktemp("made"), chatml()
    found = {"train": talks(folder), "validation": talks(folder, 3, first=100)}
    for family, (config, values) in CONFIGS.items():
        torch.manual_seed(3)
        model = AutoModelForCausalLM.from_config(config(
            vocab_size=len(tokenizer), bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id, initializer_range=0.2, **values))
        model.save_pretrained(folder / family)
        tokenizer.save_pretrained(folder / family)
        found[family] = folder / family
    return found


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", _env_file=None, threads=1)


def test_a_model_that_does_more_than_multiply_is_known(made):
    for family in CONFIGS:
        model = AutoModelForCausalLM.from_pretrained(made[family])
        assert causal.is_plain(model) == (family in PLAIN), family
        assert not model.training and len(causal.layers(model)) == 2


@pytest.mark.parametrize("family", ["gpt2", "falcon", "gemma2", "cohere"])
def test_the_loss_is_that_of_the_models_own_logits(made, settings, tmp_path, family):
    recipe = checked({
        "stage": "teacher", "model": str(made[family]), "data": {"train": str(made["train"]), "validation": str(made["validation"])},
        "lora": {"rank": 4}, "training": {"epochs": 2, "batch": 4, "micro_batch": 2, "precision": "fp32", "evaluate_every": 3,
                                          "learning_rate": 1e-2}}, TeacherRecipe, "test")
    best = tune(recipe, settings, tmp_path / "out", logging.info)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(made[family]), tmp_path / "out" / "best").eval()
    total = count = 0
    for messages in read_conversations(made["validation"]):
        one = encode(messages, chatml())
        with torch.no_grad():
            said = model(input_ids=torch.tensor([one.input_ids]), labels=torch.tensor([one.labels]))
        total, count = total + said.loss.item() * one.learnt, count + one.learnt
    assert best["loss"] == pytest.approx(total / count, rel=1e-4)


@pytest.mark.parametrize("family", ["gpt2", "gemma2"])
def test_distillation_takes_other_layouts_and_refuses_what_it_would_compute_wrongly(made, settings, tmp_path, family):
    recipe = checked({
        "stage": "distill", "teacher": {"model": str(made["qwen2"])}, "student": {"model": str(made[family])},
        "data": {"train": str(made["train"]), "validation": str(made["validation"])}, "lora": {"rank": 4},
        "loss": {"weights": dict.fromkeys(("ce", "logit", "block", "mlp", "embed"), 1.0)},
        "training": {"epochs": 4, "batch": 4, "micro_batch": 4, "precision": "fp32", "evaluate_every": 3,
                     "learning_rate": 1e-2}}, DistillRecipe, "test")
    if family in PLAIN:
        assert distill(recipe, settings, tmp_path / "out", logging.info)["step"] == 12
    else:
        with pytest.raises(OdfinError, match="软上限"):
            distill(recipe, settings, tmp_path / "out", logging.info)


def test_layers_a_recipe_names_and_the_model_has_not_are_refused(made):
    model = AutoModelForCausalLM.from_pretrained(made["gpt2"])
    assert causal.lora_config(Lora(), model).target_modules == "all-linear"
    with pytest.raises(OdfinError, match=r"lora\.targets"):
        causal.lora_config(Lora(targets=["query"]), model)
