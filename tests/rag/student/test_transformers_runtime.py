"""What only the transformers runtime has. Run: python -m pytest tests/rag/student/test_transformers_runtime.py"""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from rag.errors import ModelMissingError
from rag.student import StudentError, open_student
from tests.fixtures.tiny_student import TALKS


def test_a_gguf_file_is_made_into_a_checkpoint_once(settings_for, tiny):
    settings = settings_for("transformers", student=str(tiny.gguf))
    for _ in range(2):
        student = open_student(settings)
        assert student.invoke("年费是多少？").content == TALKS["年费是多少？"]
        student.close()
    assert student.model_name == "tiny-student"
    made = [entry.name for entry in settings.models_dir.iterdir() if entry.name.endswith("-checkpoint")]
    assert made == ["tiny-student-checkpoint"]


def test_a_peft_adapter_is_applied(settings_for, tiny, tmp_path):
    torch.manual_seed(5)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(tiny.checkpoint), LoraConfig(
        r=4, target_modules=["v_proj"], init_lora_weights=False, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=1.0)
    model.save_pretrained(tmp_path / "loud")
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.zero_()
    model.save_pretrained(tmp_path / "still")
    said = {}
    for name in ("still", "loud"):
        student = open_student(settings_for("transformers", adapter=tmp_path / name))
        said[name] = student.invoke("年费是多少？").content
        student.close()
    assert said["still"] == TALKS["年费是多少？"]
    assert said["loud"] != TALKS["年费是多少？"]


def test_a_missing_or_broken_folder_is_named(settings_for, tmp_path):
    with pytest.raises(ModelMissingError, match="nowhere"):
        open_student(settings_for("transformers", student=str(tmp_path / "nowhere"))).warm()
    with pytest.raises(ModelMissingError, match="adapter_config"):
        open_student(settings_for("transformers", adapter=tmp_path)).warm()
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudentError, match="无法载入"):
        open_student(settings_for("transformers", student=str(tmp_path / "empty"))).warm()


def test_a_checkpoint_without_a_chat_template_still_talks(settings_for, tiny, tmp_path):
    from transformers import AutoTokenizer

    bare = tmp_path / "bare"
    AutoModelForCausalLM.from_pretrained(tiny.checkpoint).save_pretrained(bare)
    tokenizer = AutoTokenizer.from_pretrained(tiny.checkpoint)
    tokenizer.chat_template = None
    tokenizer.save_pretrained(bare)
    student = open_student(settings_for("transformers", student=str(bare)))
    assert student.invoke("你好").content == TALKS["你好"]
    student.close()
