"""Models side by side. Run: python -m pytest tests/training/test_table.py"""

from __future__ import annotations

import json
import math

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.settings import load_settings
from tests.fixtures.tiny_models import CORPUS, write_checkpoint
from training.table.choices import Choice, answer_choices, read_choices
from training.table.contestants import Contestant
from training.table.dialogues import judged
from training.table.run import Asked, Marks, compare
from training.table.table import differences, write
from training.table.text import foretell


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_checkpoint("qwen2", tmp_path_factory.mktemp("models") / "base", tied=True, blocks=2, initializer_range=0.05)


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", threads=1, _env_file=None)


def test_a_choice_is_the_likeliest_letter_among_its_options(base):
    model, tokenizer = (kind.from_pretrained(base) for kind in (AutoModelForCausalLM, AutoTokenizer))
    one = Choice("年费多少？", {"A": "100元", "B": "200元", "C": "300元"}, "B")
    ids = tokenizer.apply_chat_template(one.messages(), add_generation_prompt=True, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        logits = model(ids).logits[0, -1]
    best = max("ABC", key=lambda letter: logits[tokenizer.encode(letter)[0]].item())
    assert answer_choices(model, tokenizer, [Choice(one.question, one.options, letter) for letter in "ABC"]) == [
        letter == best for letter in "ABC"]


def test_choices_are_read_and_drawn(tmp_path):
    file = tmp_path / "choices.jsonl"
    rows = [{"context": "文章" if n else None, "question": f"问{n}", "A": "甲", "B": "乙", "C": "", "answer": "B"} for n in range(5)]
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    found = read_choices(file)
    assert (found[0].question, found[1].question, list(found[0].options)) == ("问0", "文章\n问1", ["A", "B"])
    assert read_choices(file, 2, 1) == read_choices(file, 2, 1) and len(read_choices(file, 2)) == 2
    file.write_text('{"question": "问", "A": "甲", "B": "乙", "answer": "D"}\n', encoding="utf-8")
    with pytest.raises(OdfinError, match="第 1 行"):
        read_choices(file)


def test_bits_a_character_follow_from_the_loss(base):
    model, tokenizer = (kind.from_pretrained(base) for kind in (AutoModelForCausalLM, AutoTokenizer))
    found = foretell(model, tokenizer, CORPUS[:1], 512, 1)
    ids = torch.tensor([tokenizer.encode(CORPUS[0])])
    with torch.inference_mode():
        nll = model(ids, labels=ids).loss.item() * (ids.shape[1] - 1)
    assert found.perplexity == pytest.approx(math.exp(nll / found.tokens), rel=1e-4)
    assert found.bits == pytest.approx(nll / math.log(2) / len(tokenizer.decode(ids[0, 1:])), rel=1e-4)


@pytest.mark.parametrize("said, reference, right", [
    ("年费200元。", "普卡年费为200元", True), ("年费20元。", "年费200元", False), ("资料未提及", "年费200元", False),
    ("资料未提及。", "资料未提及", True), ("年费200元", "资料未提及", False)])
def test_an_answer_is_right_by_its_figures_and_refusals(said, reference, right):
    assert judged(said, reference).right is right


def test_models_are_compared_kept_and_paired(base, settings, tmp_path):
    from tests.training.export.test_lora import adapter

    adapter(base, tmp_path / "lora")
    (tmp_path / "text.txt").write_text("\n".join(CORPUS), encoding="utf-8")
    choices = [{"question": f"问题{n}", "A": "甲", "B": "乙", "C": "丙", "answer": "ABC"[n % 3]} for n in range(6)]
    (tmp_path / "choices.jsonl").write_text("\n".join(map(json.dumps, choices)), encoding="utf-8")
    talks = [{"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "年费200元"}]} for text in CORPUS[:2]]
    (tmp_path / "talks.jsonl").write_text("\n".join(map(json.dumps, talks)), encoding="utf-8")
    asked = Asked((tmp_path / "text.txt",), tmp_path / "choices.jsonl", tmp_path / "talks.jsonl", length=64)
    both = [Contestant.read(f"base={base}"), Contestant.read(f"tuned={base}+{tmp_path / 'lora'}")]
    marks = compare(both, asked, settings, tmp_path / "out", lambda _: None)
    assert marks[0].figures["perplexity"] != marks[1].figures["perplexity"] and len(marks[0].rows["choices"]) == 6
    text = write(marks, tmp_path / "out")
    assert "| base |" in text and "McNemar" in text and "| 选择题 | base | tuned | 6 |" in text
    assert (tmp_path / "out" / "table.png").read_bytes().startswith(b"\x89PNG")
    said: list[str] = []
    assert compare(both, asked, settings, tmp_path / "out", said.append) == marks and all("不再重做" in line for line in said)
    with pytest.raises(OdfinError, match="另一次比较"):
        compare(both, Asked((tmp_path / "text.txt",), length=32), settings, tmp_path / "out", said.append)


def test_pairs_are_tested_over_the_questions_both_were_asked():
    one = Marks("one", {}, {"choices": {str(n): float(n < 4) for n in range(12)}, "overlap": {"0": 0.25, "1": 0.5}})
    other = Marks("other", {}, {"choices": {str(n): 1.0 for n in range(10)}, "overlap": {"0": 0.75, "1": 1.0}})
    found = {d.mark: d for d in differences([one, other])}
    assert (found["choices"].count, found["choices"].difference) == (10, pytest.approx(0.6))
    assert found["choices"].p == pytest.approx(2 / 2**6) and found["overlap"].p is None


def test_a_gguf_base_runs_as_a_device_would(base, settings, tmp_path):
    from tests.training.export.test_lora import adapter
    from training.export.model_file import write_model

    model, tokenizer = (kind.from_pretrained(base) for kind in (AutoModelForCausalLM, AutoTokenizer))
    write_model(model, tokenizer, tmp_path / "base.gguf", "q8_0", "base")
    adapter(base, tmp_path / "lora")
    own = Contestant("a", str(tmp_path / "base.gguf"), tmp_path / "lora").as_student(settings, tmp_path / "work")
    assert (own.runtime, own.student, own.adapter) == ("llamacpp", str(tmp_path / "base.gguf"), str(tmp_path / "work" / "a.gguf"))
    assert (tmp_path / "work" / "a.gguf").is_file()
    plain = Contestant("b", str(base)).as_student(settings, tmp_path / "work")
    assert (plain.runtime, plain.adapter) == ("transformers", "off")
    with pytest.raises(OdfinError, match="名字=模型"):
        Contestant.read("student")
