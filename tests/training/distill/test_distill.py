"""Whole distillations between tiny models. Run: pytest tests/training/distill/test_distill.py"""

from __future__ import annotations

import json
import logging

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from rag.errors import OdfinError
from rag.settings import load_settings
from tests.fixtures.tiny_pair import chatml, checkpoint, dies_at, killed, sentencepiece, talks, trimmed
from training.causal import open_model
from training.chat import encode
from training.distill.run import distill, fill_cache
from training.distill.teacher_cache import TeacherCache
from training.recipe import DistillRecipe, checked
from training.run_log import RunLog, read

ALL = {"ce": 1.0, "logit": 1.0, "block": 1.0, "mlp": 1.0, "embed": 1.0}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Checkpoints by name, and the data."""
    folder = tmp_path_factory.mktemp("made")
    small = trimmed(folder / "small")
    return {
        "teacher": checkpoint(folder / "teacher", chatml(), blocks=5, width=48, seed=2, tied=False),
        "same": checkpoint(folder / "same", chatml()), "trimmed": checkpoint(folder / "trimmed", small),
        "different": checkpoint(folder / "different", sentencepiece(), "llama", tied=False),
        "train": talks(folder), "validation": talks(folder, 3, first=100)}


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", _env_file=None, threads=1)


def recipe(made, student="same", weights=ALL, method="lora", cache=None, **changes) -> DistillRecipe:
    training = {"epochs": 2, "batch": 4, "micro_batch": 2, "precision": "fp32", "learning_rate": 1e-2,
                "evaluate_every": 2, "save_every": 2} | changes.pop("training", {})
    return checked({
        "stage": "distill", "teacher": {"model": str(made["teacher"])}, "student": {"model": str(made[student])},
        "method": method, "data": {"train": str(made["train"]), "validation": str(made["validation"])},
        "lora": {"rank": 4, "alpha": 8, "dropout": 0.1}, "loss": {"weights": weights} | changes.pop("loss", {}),
        "cache": {"folder": str(cache) if cache else None, "top_k": 460}, "training": training}, DistillRecipe, "test")


def course(folder, *names):
    return [[row[name] for name in names] for row in read(folder) if row["part"] == "train"]


@pytest.mark.parametrize(("student", "method", "loss"), [
    ("same", "lora", {"balance": "dynamic", "positions": "all"}),
    ("same", "full", {"kind": "jsd", "temperature": 2.0, "distance": "mse", "map_every": 2}),
    ("trimmed", "full", {"kind": "reverse_kl"}), ("different", "lora", {"balance": "dynamic"}),
    ("different", "full", {"across_tokenizers": "uld"})])
def test_a_student_nears_its_teacher_whatever_its_vocabulary(made, settings, tmp_path, student, method, loss):
    weights = ALL | {"ce": 0.0}  # the teacher alone
    wanted = recipe(made, student, weights, method, loss=loss, training={"epochs": 6, "evaluate_every": 9, "patience": 9})
    best = distill(wanted, settings, tmp_path / "out", logging.info)
    rows = [row for row in read(tmp_path / "out") if row["part"] == "validation"]
    assert best["loss"] == min(row["loss"] for row in rows) < rows[0]["loss"] and best["logit"] > 0
    assert set(ALL) <= set(best) and list((tmp_path / "out" / "tensorboard").iterdir())
    # What was written is the student that was validated.
    folder = tmp_path / "out" / "best"
    written = (PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(made[student], dtype=torch.float32), folder)
               if method == "lora" else AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)).eval()
    assert mean_ce(written, AutoTokenizer.from_pretrained(folder), made["validation"]) == pytest.approx(
        next(row["ce"] for row in rows if row["loss"] == best["loss"]), rel=1e-5 if method == "lora" else 5e-3)


def mean_ce(model, tokenizer, data, used=None) -> float:
    """transformers' own loss, over the tokens of all conversations; `used`: the ids that are possible at all."""
    outside = torch.ones(len(tokenizer), dtype=torch.bool)
    outside[used or range(len(tokenizer))] = False
    total = count = 0
    for line in data.read_text(encoding="utf-8").splitlines():
        one = encode(json.loads(line)["messages"], tokenizer)
        ids, labels = torch.tensor([one.input_ids]), torch.tensor(one.labels[1:])
        with torch.no_grad():
            log_p = model(input_ids=ids).logits[0, :-1, : len(tokenizer)].masked_fill(outside, -torch.inf).log_softmax(-1)
        learnt = labels >= 0
        total -= log_p[learnt].gather(1, labels[learnt, None]).sum().item()
        count += int(learnt.sum())
    return total / count


@pytest.mark.parametrize(("student", "method"), [("same", "lora"), ("trimmed", "full")])
def test_a_softmax_over_the_ids_in_use_is_that_of_the_whole_logits_cut_to_them(made, settings, tmp_path, student, method):
    said = []
    wanted = recipe(made, student, method=method, loss={"vocabulary": "used"})
    best = distill(wanted, settings, tmp_path / "out", said.append)
    folder = tmp_path / "out" / "best"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    used = sorted({token for name in ("train", "validation") for line in made[name].read_text(encoding="utf-8").splitlines()
                   for token in encode(json.loads(line)["messages"], tokenizer).input_ids})
    assert len(used) < 0.8 * len(tokenizer) and any(str(len(used)) in line for line in said)
    base = made[student] if method == "lora" else folder
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = (PeftModel.from_pretrained(model, folder) if method == "lora" else model).eval()
    assert model.get_output_embeddings().weight.shape[0] > len(tokenizer)  # nothing was cut off the model
    assert best["ce"] == pytest.approx(mean_ce(model, tokenizer, made["validation"], used), rel=1e-4 if method == "lora" else 5e-3)
    assert best["ce"] < mean_ce(model, tokenizer, made["validation"])
    with pytest.raises(OdfinError, match="used"):
        recipe(made, loss={"vocabulary": "used"}, cache=tmp_path / "cache")
    with pytest.raises(OdfinError, match="used"):
        distill(recipe(made, "different", loss={"vocabulary": "used"}), settings, tmp_path / "no", said.append)


def test_without_the_teachers_terms_it_is_plain_fine_tuning_and_no_teacher_is_opened(made, settings, tmp_path):
    alone = made | {"teacher": tmp_path / "nothing"}
    best = distill(recipe(alone, weights={"ce": 1.0, "logit": 0.0}), settings, tmp_path / "out", logging.info)
    assert set(best) == {"loss", "ce", "step"} and best["loss"] == best["ce"]


def test_the_cached_teacher_teaches_as_the_online_one_and_one_cache_serves_ablations(made, settings, tmp_path):
    cache, said = tmp_path / "cache", []
    distill(recipe(made), settings, tmp_path / "online", said.append)
    distill(recipe(made, cache=cache), settings, tmp_path / "cached", said.append)
    online, cached = (course(tmp_path / name, *ALL) for name in ("online", "cached"))
    assert torch.allclose(torch.tensor(online), torch.tensor(cached), rtol=0.02)  # 8-bit hidden states, half-width logits
    asked = len([line for line in said if line.startswith("教师缓存")])
    distill(recipe(made, cache=cache, weights=ALL | {"mlp": 0.0}), settings, tmp_path / "less", said.append)
    assert asked == len([line for line in said if line.startswith("教师缓存")])
    for changes, about in (({"loss": {"temperature": 2.0}}, "temperature"), ({"loss": {"positions": "all"}}, "positions"),
                           ({"loss": {"keep": [0, 1, 2]}}, "block")):
        with pytest.raises(OdfinError, match=about):
            fill_cache(recipe(made, cache=cache, **changes), settings, said.append)


def test_a_killed_cache_is_filled_from_where_it_stopped(made, settings, tmp_path, monkeypatch):
    fill_cache(recipe(made, cache=tmp_path / "whole"), settings, logging.info)
    wanted = recipe(made, cache=tmp_path / "cut").model_copy(update={"cache": recipe(
        made, cache=tmp_path / "cut").cache.model_copy(update={"batch": 2})})
    with monkeypatch.context() as patch:
        dies_at(patch, TeacherCache, "write", lambda conversations, *rest: 3 in conversations)
        killed(lambda: fill_cache(wanted, settings, logging.info))
    done = (tmp_path / "cut" / "done.u8").read_bytes()
    assert 0 < sum(done) < len(done)
    asked = []
    monkeypatch.setattr(TeacherCache, "write", lambda self, conversations, *rest, usual=TeacherCache.write: (
        asked.extend(conversations), usual(self, conversations, *rest)))
    fill_cache(wanted, settings, logging.info)
    assert sorted(asked) == [number for number, byte in enumerate(done) if not byte]
    torch.testing.assert_close(*(torch.frombuffer(bytearray((tmp_path / name / "log_probs.f16").read_bytes()),
                                                  dtype=torch.float16) for name in ("whole", "cut")), atol=1e-3, rtol=1e-2)


def test_a_killed_run_goes_on_to_the_very_losses_of_an_unbroken_one(made, settings, tmp_path, monkeypatch):
    wanted = recipe(made, loss={"balance": "dynamic"}, training={"epochs": 3})
    whole = distill(wanted, settings, tmp_path / "whole", logging.info)
    with monkeypatch.context() as patch:
        dies_at(patch, RunLog, "row", lambda step, *rest: step == 5)
        killed(lambda: distill(wanted, settings, tmp_path / "cut", logging.info))
    (tmp_path / "cut" / "checkpoints" / "building").write_bytes(b"half a checkpoint")
    assert [row["step"] for row in read(tmp_path / "cut") if row["part"] == "train"] == [1, 2, 3, 4, 5]
    assert distill(wanted, settings, tmp_path / "cut", logging.info) == whole
    assert course(tmp_path / "cut", "step", "loss", *ALL) == course(tmp_path / "whole", "step", "loss", *ALL)
    with pytest.raises(OdfinError, match="另一份配方"):
        distill(recipe(made, training={"seed": 8}), settings, tmp_path / "cut", logging.info)


def test_it_stops_where_validation_no_longer_improves(made, settings, tmp_path):
    wanted = recipe(made, method="full", weights={"ce": 1.0, "logit": 0.0}, training={
        "epochs": 60, "learning_rate": 0.5, "evaluate_every": 1, "save_every": 100, "patience": 2, "clip": 1e3})
    best = distill(wanted, settings, tmp_path / "out", logging.info)
    last = max(row["step"] for row in read(tmp_path / "out"))
    assert last < 60 * 3 and last >= best["step"] + 2
    assert distill(wanted, settings, tmp_path / "out", logging.info) == best  # done is done


@pytest.mark.parametrize(("change", "said"), [
    ({"teacher": {"four_bit": True, "model": "x/y"}}, "CUDA"), ({"lora": {"lowest_layer": 3}}, "lowest_layer"),
    ({"student": {"model": "nowhere"}}, "找不到模型"), ({"data": {"max_length": 16}}, "max_length")])
def test_what_cannot_be_done_is_said_in_one_line(made, settings, tmp_path, change, said):
    values = recipe(made).model_dump(mode="json")
    for part, new in change.items():
        values[part] |= new
    if "teacher" in change:
        values["teacher"]["model"] = str(made["teacher"])
    with pytest.raises(OdfinError, match=said) as caught:
        distill(checked(values, DistillRecipe, "test"), settings, tmp_path / "out", logging.info)
    assert "\n" not in str(caught.value)


def test_no_training_goes_through_cudnn_attention(made):
    torch.backends.cuda.enable_cudnn_sdp(True)
    open_model(str(made["same"]), "fp32")
    assert not torch.backends.cuda.cudnn_sdp_enabled()
