"""GGUF files become checkpoints that say the same. Run: python -m pytest tests/rag/models/test_gguf_checkpoint.py"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import gguf
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.models.gguf_checkpoint import convert
from rag.settings import load_settings
from rag.student import open_student
from tests.fixtures.tiny_student import CONTEXT, TALKS, tiny_student, untaught_llama


@pytest.fixture(scope="module")
def tiny(request):
    return tiny_student(request.config.cache.mkdir("tiny-student"))


def test_qwen2_weights_and_tokens_come_back(tiny, tmp_path):
    folder = convert(tiny.gguf, tmp_path / "out")
    before = AutoModelForCausalLM.from_pretrained(tiny.checkpoint, dtype=torch.float32)
    after = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    state = after.state_dict()
    assert after.config.tie_word_embeddings
    for name, weight in before.state_dict().items():
        assert torch.equal(weight.to(torch.bfloat16), state[name]), name
    old, new = AutoTokenizer.from_pretrained(tiny.checkpoint), AutoTokenizer.from_pretrained(folder)
    for text in [*TALKS.values(), "ABC 123.5％  \n\n新行 don't 😀", "<|im_start|>user\n你好<|im_end|>"]:
        assert old.encode(text) == new.encode(text)
    assert new.chat_template == old.chat_template
    assert new.eos_token_id in after.generation_config.eos_token_id


def test_llama_weights_come_back_and_llama_cpp_reads_the_same_file(tiny, tmp_path):
    llama = untaught_llama(tiny, tmp_path)
    original = AutoModelForCausalLM.from_pretrained(llama.checkpoint, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(llama.checkpoint)

    # What llama.cpp makes of the file is what the model says, so the file's order of rotary rows is llama.cpp's ...
    student = open_student(load_settings(runtime="llamacpp", student=str(llama.gguf), home=tmp_path, threads=1,
                                         context_tokens=CONTEXT))
    seen = student.first_token_logprobs("年费是多少？", top_n=40)
    student.close()
    ids = tokenizer.apply_chat_template([{"role": "user", "content": "年费是多少？"}], add_generation_prompt=True,
                                        return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        logprobs = torch.log_softmax(original(ids).logits[0, -1], -1)
    own = {tokenizer.decode([token]): logprobs[token].item() for token in range(len(tokenizer))}
    assert len(seen) > 10
    for token, logprob in seen.items():  # a fragment of a character must not pass for the characters before it
        assert own[token] == pytest.approx(logprob, abs=0.03)

    # ... and out of that order the very weights come back, rounded to bfloat16.
    after = AutoModelForCausalLM.from_pretrained(convert(llama.gguf, tmp_path / "out"), dtype=torch.bfloat16)
    assert not after.config.tie_word_embeddings
    state = after.state_dict()
    for name, weight in original.state_dict().items():
        assert torch.equal(weight.to(torch.bfloat16), state[name]), name


def test_a_changed_file_is_converted_again(tiny, tmp_path):
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(tiny.gguf.read_bytes())
    folder = convert(copy, tmp_path / "out")
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert (convert(copy, folder) / "model.safetensors").stat().st_mtime_ns == written
    copy.touch()
    assert (convert(copy, folder) / "model.safetensors").stat().st_mtime_ns != written


def test_what_it_cannot_convert_is_said(tmp_path):
    other = tmp_path / "other.gguf"
    writer = gguf.GGUFWriter(other, "mamba")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(OdfinError, match="mamba"):
        convert(other, tmp_path / "out")
    other.write_bytes(b"not a GGUF file at all, but long enough to be looked at")
    with pytest.raises(OdfinError, match="GGUF"):
        convert(other, tmp_path / "out")


def test_two_that_start_at_once_on_a_new_machine_get_one_whole_checkpoint(tiny, tmp_path):
    with ThreadPoolExecutor(3) as starting:
        folders = list(starting.map(lambda _: convert(tiny.gguf, tmp_path / "out"), range(3)))
    assert set(folders) == {tmp_path / "out"}
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "out").config.num_hidden_layers
