"""Which adapter the student gets. Run: python -m pytest tests/rag/student/test_adapter.py"""

from __future__ import annotations

import json

import pytest
import torch
from transformers import AutoModelForCausalLM

from rag.errors import ModelMissingError, OdfinError
from rag.evaluate.runs import describe_settings
from rag.models.gguf_adapter import to_peft
from rag.models.pins import PINS, Pin
from rag.models.store import sha256_of
from rag.settings import load_settings
from rag.student import adapter as shipping
from rag.student import open_student
from rag.student.adapter import SHIPPED, adapter_of
from tests.fixtures.tiny_student import TALKS, untaught_llama, write_gguf_adapter

MOST_BYTES = 25_000_000


def test_the_shipped_adapter_is_used_where_it_lies_and_nothing_where_not(tiny, tmp_path):
    settings = load_settings(home=tmp_path, _env_file=None)
    assert settings.adapter == "shipped"
    assert adapter_of(settings, tmp_path) is None
    file = write_gguf_adapter(tiny, tmp_path / "student.gguf", scale=1.0)
    assert adapter_of(settings, tmp_path) == file
    assert adapter_of(settings.model_copy(update={"student": "teacher"}), tmp_path) is None
    for off in (None, "off", ""):
        assert adapter_of(load_settings(home=tmp_path, adapter=off, _env_file=None), tmp_path) is None
    named = load_settings(home=tmp_path, adapter=tmp_path / "student.gguf", student="teacher", _env_file=None)
    assert adapter_of(named, tmp_path / "none") == file
    with pytest.raises(ModelMissingError, match="nowhere"):
        adapter_of(load_settings(home=tmp_path, adapter=tmp_path / "nowhere.gguf", _env_file=None))


def test_dropping_the_file_in_changes_what_the_student_says(tiny, tmp_path, monkeypatch):
    """A pinned student of the test's own: the tiny one, by its real hash."""
    settings = load_settings(home=tmp_path / "home", student="tiny", threads=1, context_tokens=512, _env_file=None)
    settings.models_dir.mkdir(parents=True)
    copy = settings.models_dir / "tiny-student.gguf"
    copy.write_bytes(tiny.gguf.read_bytes())
    monkeypatch.setitem(PINS, "tiny", Pin("tiny", copy.name, sha256_of(copy), copy.stat().st_size, "", "", None, None))
    monkeypatch.setattr(shipping, "SHIPPED", tmp_path / "shipped")
    assert said(settings) == TALKS["年费是多少？"] and describe_settings(settings)["adapter"] == "off"
    (tmp_path / "shipped").mkdir()
    write_gguf_adapter(tiny, tmp_path / "shipped" / "tiny.gguf", scale=1.0)
    assert said(settings) != TALKS["年费是多少？"]
    assert describe_settings(settings)["adapter"].startswith("tiny.gguf ")
    assert said(settings.model_copy(update={"adapter": "off"})) == TALKS["年费是多少？"]


def said(settings) -> str:
    student = open_student(settings)
    try:
        return student.invoke("年费是多少？").content
    finally:
        student.close()


def test_what_is_shipped_is_small_and_has_its_card():
    files = sorted(SHIPPED.glob("*.gguf"))
    assert all(file.stat().st_size < MOST_BYTES for file in files)
    assert not files or "sha256" in (SHIPPED / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("family", ["qwen2", "llama"])
def test_transformers_reads_the_same_gguf_adapter(family, settings_for, tiny, tmp_path):
    from peft import LoraConfig, PeftModel, get_peft_model

    from training.export.lora import write_adapter

    checkpoint = tiny.checkpoint if family == "qwen2" else untaught_llama(tiny, tmp_path).checkpoint
    torch.manual_seed(5)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(checkpoint), LoraConfig(
        r=4, lora_alpha=6, target_modules=["q_proj", "k_proj", "down_proj"], rank_pattern={"q_proj": 2}))
    for name, weight in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(tmp_path / "peft")
    write_adapter(tmp_path / "peft", model.config, tmp_path / "a.gguf", "a", "base", "f32")
    folder = to_peft(tmp_path / "a.gguf", checkpoint, tmp_path / "back")
    assert json.loads((folder / "adapter_config.json").read_text())["rank_pattern"]
    ids = torch.arange(20)[None]
    with torch.inference_mode():
        want, got = (PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(checkpoint), at)(ids).logits
                     for at in (tmp_path / "peft", folder))
    assert torch.allclose(want, got, atol=1e-4)
    written = (folder / "converted_from.json").stat().st_mtime_ns
    assert (to_peft(tmp_path / "a.gguf", checkpoint, folder) / "converted_from.json").stat().st_mtime_ns == written
    if family == "qwen2":
        student = open_student(settings_for("transformers", adapter=tmp_path / "a.gguf"))
        assert student.invoke("年费是多少？").content != TALKS["年费是多少？"]
        student.close()
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but not really, and long enough")
    with pytest.raises(OdfinError, match="GGUF"):
        to_peft(tmp_path / "broken.gguf", checkpoint, tmp_path / "never")
