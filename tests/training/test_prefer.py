"""Learning from feedback. Run: python -m pytest tests/training/test_prefer.py"""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.answer import prompt
from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Answer, Citation
from rag.errors import OdfinError
from rag.journal import Journal
from rag.models.gguf_adapter import to_peft
from rag.models.pins import PINS, Pin
from rag.models.store import sha256_of
from rag.settings import load_settings
from rag.student import adapter as shipping
from rag.student.chat_model import to_messages
from tests.fixtures.tiny_models import write_checkpoint
from tests.training.export.test_lora import adapter as random_adapter
from training.export.card import write_card
from training.export.lora import Lora, write_adapter
from training.export.model_file import write_model
from training.export.run import Shown, export_adapter
from training.prefer import DATA, Recipe, prefer
from training.preferences import gather

FEE = Citation(1, "卡/收费.md", "收费标准", "普卡年费200元，刷卡满6次免次年年费。", headings=("一、年费",))


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", threads=1, _env_file=None)


def keep(journal: Journal, text: str, *, thumb: int = 0, correction: str = "", question: str = "年费多少", kind="answer",
         refused: bool = False, citations=(FEE,)) -> str:
    made = journal.record(Answer(question, text, refused, citations, kind=kind, standalone=question), "telegram", "u")
    if thumb:
        journal.feedback(made, thumb)
    if correction:
        journal.correct(made, correction)
    return made


def test_the_prompt_is_the_assistants_and_the_answer_the_students_own(settings):
    journal = Journal(settings)
    keep(journal, "普卡年费200元[1]。\n原文：普卡年费200元，刷卡满6次免次年年费。[1]", thumb=1)
    (single,) = gather(journal.judged(), 640).singles
    assert list(single.prompt) == to_messages(prompt.build("年费多少", [FEE]))
    assert (single.answer, single.wanted) == ("普卡年费200元。", True)


def test_pairs_come_from_corrections_and_from_two_opinions_on_one_prompt(settings):
    journal = Journal(settings)
    keep(journal, "普卡年费20元[1]。", thumb=-1, correction="普卡年费200元。")
    keep(journal, "资料没有答案", refused=True, kind="refusal", correction="刷卡满6次免次年年费。", question="怎样免年费")
    keep(journal, "满6次即可免[1]。", thumb=1, question="几次免年费")
    keep(journal, "满5次即可免[1]。", thumb=-1, question="几次免年费")
    found = gather(journal.judged(), 640)
    assert {(pair.chosen, pair.rejected) for pair in found.pairs} == {
        ("普卡年费200元。", "普卡年费20元。"), ("刷卡满6次免次年年费。", NO_ANSWER), ("满6次即可免。", "满5次即可免。")}
    assert sum(one.wanted for one in found.singles) == 3 == sum(not one.wanted for one in found.singles)


def test_what_would_teach_wrong_things_is_left_out_and_counted(settings):
    journal = Journal(settings)
    keep(journal, "普卡年费20元[1]。", correction="普卡年费300元。")  # a figure from nowhere
    keep(journal, "原文一句", thumb=-1, kind="quote")
    keep(journal, "没有答案", thumb=-1, refused=True, kind="refusal", question="明天天气")
    keep(journal, "一句话", thumb=1, citations=())
    found = gather(journal.judged(), 640)
    assert found.pairs == () and found.singles == () and found.left_out.total() == 5


def test_personal_data_stays_masked(settings):
    journal = Journal(settings)
    keep(journal, "请致电13812345678[1]。", thumb=-1, correction="年费200元，我的身份证11010519491231002X",
         question="我叫什么，手机13812345678")
    kept = json.dumps([(pair.prompt, pair.chosen, pair.rejected) for pair in gather(journal.judged(), 640).pairs])
    kept += json.dumps([(one.prompt, one.answer) for one in gather(journal.judged(), 640).singles])
    assert "13812345678" not in kept and "11010519491231002X" not in kept


def test_too_few_are_said_so(settings, tmp_path):
    journal = Journal(settings)
    keep(journal, "普卡年费200元[1]。", thumb=1)
    with pytest.raises(OdfinError, match="只有 1 条评价（想要的 1，不想要的 0），至少要 50"):
        prefer(settings, tmp_path / "out", Recipe(), lambda _: None)
    with pytest.raises(OdfinError, match="都要有"):
        prefer(settings, tmp_path / "out", Recipe(least=1), lambda _: None)
    with pytest.raises(OdfinError, match="0 对答案"):
        prefer(settings, tmp_path / "out", Recipe(method="dpo"), lambda _: None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_the_student_comes_to_prefer_what_was_preferred(method, settings, tmp_path):
    from peft import PeftModel

    base = write_checkpoint("qwen2", tmp_path / "base", tied=True, blocks=2, initializer_range=0.05)
    journal = Journal(settings)
    for number in range(4):
        keep(journal, "普卡年费20元[1]。", thumb=-1, correction="普卡年费200元。", question=f"年费多少{number}？")
    recipe = Recipe(method, str(base), learning_rate=2e-2, epochs=4, batch=4, accumulate=1, rank=4, least=4, precision="fp32")
    said: list[str] = []
    prefer(settings, tmp_path / "out", recipe, said.append)
    rows = (tmp_path / "out" / DATA).read_text(encoding="utf-8").splitlines()
    assert len(rows) == (4 if method == "dpo" else 8)
    tokenizer = AutoTokenizer.from_pretrained(base)
    before = AutoModelForCausalLM.from_pretrained(base)
    asked = tokenizer.apply_chat_template(to_messages(prompt.build("年费多少0？", [FEE])), tokenize=False,
                                          add_generation_prompt=True)
    margins = [_log_p(before, tokenizer, asked, "普卡年费200元。") - _log_p(before, tokenizer, asked, "普卡年费20元。")]
    after = PeftModel.from_pretrained(before, tmp_path / "out" / "best")
    margins.append(_log_p(after, tokenizer, asked, "普卡年费200元。") - _log_p(after, tokenizer, asked, "普卡年费20元。"))
    assert margins[1] > margins[0] + 0.5
    further = Recipe(method, str(base), tmp_path / "out" / "best", epochs=1, batch=4, accumulate=1, least=4, precision="fp32")
    prefer(settings, tmp_path / "further", further, said.append)
    assert (tmp_path / "further" / "best" / "adapter_config.json").is_file()


def test_it_goes_on_from_the_adapter_that_said_what_was_judged(settings, tmp_path, monkeypatch):
    """The base a pinned student, an adapter shipped for it: what is exported in the end holds both teachings."""
    base = write_checkpoint("qwen2", tmp_path / "base", tied=True, blocks=2, initializer_range=0.05)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(base), AutoTokenizer.from_pretrained(base)
    file = settings.models_dir / "tiny.gguf"
    file.parent.mkdir(parents=True)
    write_model(model, tokenizer, file, "f32", "tiny")
    monkeypatch.setitem(PINS, "tiny", Pin("tiny", file.name, sha256_of(file), file.stat().st_size, "", "", None, None))
    monkeypatch.setattr(shipping, "SHIPPED", tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()
    shipped = tmp_path / "shipped" / "tiny.gguf"
    write_adapter(random_adapter(base, tmp_path / "lora"), model.config, shipped, "tiny", "tiny", "f32")
    settings = settings.model_copy(update={"student": "tiny"})
    journal = Journal(settings)
    for number in range(4):
        keep(journal, "普卡年费20元[1]。", thumb=-1, correction="普卡年费200元。", question=f"年费多少{number}？")

    def learnt(out: str, rate: float, **more) -> tuple[dict, str]:
        recipe = Recipe(learning_rate=rate, epochs=4, accumulate=1, least=4, precision="fp32", **more)
        prefer(settings, tmp_path / out, recipe, lambda _: None)
        done = export_adapter(tmp_path / out / "best", "tiny", tmp_path / f"{out}-made", "f32", Shown([]), settings,
                              lambda _: None)
        back = to_peft(tmp_path / f"{out}-made" / done.files[0].name, base, tmp_path / f"{out}-back")
        card = write_card(done, tmp_path / out / "best", tmp_path / f"{out}-made").read_text(encoding="utf-8")
        return {name: b @ a for name, (a, b) in Lora.read(back).pairs.items()}, card

    before = {name: b @ a for name, (a, b) in Lora.read(to_peft(shipped, base, tmp_path / "before")).pairs.items()}
    same, card = learnt("still", 0.0)
    assert same.keys() == before.keys() and all(np.allclose(same[name], before[name], atol=1e-5) for name in before)
    assert sha256_of(shipped) in card and "odfin train prefer" in card
    after, _ = learnt("on", 1e-3)
    moved = [np.linalg.norm(after[name] - before[name]) / np.linalg.norm(before[name]) for name in before]
    assert max(moved) > 1e-3 and max(moved) < 0.5  # what it had learnt is still there, and something more
    alone, card = learnt("bare", 0.0, adapter="off")
    assert not any(matrix.any() for matrix in alone.values()) and sha256_of(shipped) not in card


def _log_p(model, tokenizer, asked: str, answer: str) -> float:
    head, tail = tokenizer.encode(asked), tokenizer.encode(answer + "<|im_end|>")
    with torch.inference_mode():
        logs = torch.log_softmax(model(torch.tensor([head + tail])).logits[0], -1)
    return float(sum(logs[len(head) - 1 + place, token] for place, token in enumerate(tail)))
