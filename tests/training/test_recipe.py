"""Every shipped recipe is valid, and a wrong one is refused in one line. Run: pytest tests/training/test_recipe.py"""

from __future__ import annotations

import pytest
import yaml

from rag.errors import OdfinError
from tests.fixtures.command_line import commands_in, understood
from training.recipe import CONFIGS, STAGES, DistillRecipe, TeacherRecipe, checked, load_recipe

FILES = sorted(CONFIGS.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_recipe_is_valid_and_says_how_it_is_run(file):
    text = file.read_text(encoding="utf-8")
    values = yaml.safe_load(text)
    recipe = load_recipe(file.stem, values["stage"])
    assert recipe.training.batch % recipe.training.micro_batch == 0 and recipe.data.max_length == 512
    launched = [understood(command) for command in commands_in(text)]
    own = [given for name, given in launched if name == values["stage"]]
    assert own and all(given["recipe"] == file.stem and given["data"] and given["validation"] for given in own)
    # Nothing is written that is not meant: every key of the file arrives.
    said = recipe.model_dump(mode="json")
    for part, value in values.items():
        assert said[part] == value if not isinstance(value, dict) else _holds(said[part], value)


@pytest.mark.parametrize("file", [file for file in FILES if "student" in file.stem], ids=lambda file: file.stem)
def test_the_teacher_of_a_student_is_what_its_familys_teacher_recipe_makes(file):
    """Run in order, the recipes fit: the same base, an adapter from a LoRA run and a checkpoint from a full one; a
    student that is no published model is pruned by a command of the head, from the teacher's base."""
    recipe = load_recipe(file.stem, "distill")
    family = file.stem.split("-student")[0]
    tutor = load_recipe(f"{family}-teacher", "teacher")
    (out,) = {given["out"] for name, given in _launched(f"{family}-teacher") if name == "teacher"}
    made = {"model": tutor.model, "adapter": out / "best"} if tutor.method != "full" else {"model": str(out / "best"), "adapter": None}
    assert recipe.teacher.model_dump() == made | {"four_bit": tutor.method == "qlora"}
    pruned = [given for name, given in _launched(file.stem) if name == "prune"]
    assert [str(given["out"]) for given in pruned] == [recipe.student.model] * recipe.student.model.startswith("runs/")
    assert all(given["model"] == tutor.model and given["blocks"] for given in pruned)


def test_no_two_students_of_a_family_are_written_to_one_folder():
    outs = [(file.stem.split("-")[0], given["out"]) for file in FILES
            for given in dict(_launched(file.stem)).values() if "recipe" in given and "out" in given]
    assert len(outs) == len(set(outs))


@pytest.mark.parametrize("family", ["four4090", "multinode"])
def test_more_than_one_gpu_is_launched_by_torchrun_or_accelerate(family):
    for file in FILES:
        if file.stem.startswith(family):
            text = file.read_text(encoding="utf-8")
            assert f"accelerate launch --multi_gpu --num_{'machines' if family == 'multinode' else 'processes'} " in text
            assert "torchrun --n" in text


def _launched(name: str) -> list[tuple[str, dict]]:
    return [understood(command) for command in commands_in((CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))]


def _holds(whole: dict, part: dict) -> bool:
    return all(_holds(whole[name], value) if isinstance(value, dict) else whole[name] == value
               for name, value in part.items())


def test_the_published_recipes_are_there():
    assert {"laptop", "gpu24", "four4090", "multinode"} == {file.stem.split("-")[0] for file in FILES}
    for stage, kind in (("teacher", TeacherRecipe), ("distill", DistillRecipe)):
        assert STAGES[stage] is kind
    pruned, other = (load_recipe(f"four4090-student-{name}", "distill") for name in ("pruned", "llama2"))
    assert pruned.training.epochs == other.training.epochs == 10
    assert other.student.model.endswith("Llama-2-7b-chat-hf") and "Llama-3.1-8B" in other.teacher.model


@pytest.mark.parametrize(("change", "said"), [
    ("loss.weights.blok=1", r"loss.weights.blok.*block"), ("trainig.epochs=1", r"trainig.*training"),
    ("loss.temperature=0", "loss.temperature"), ("method=lola", "method"), ("training.epochs", "键=值"),
    ("loss.weights={ce: 0, logit: 0}", "全是 0"), ("student.four_bit=true", "4 位"), ("method.a=1", "没有别的设置"),
])
def test_a_wrong_value_is_refused_in_one_line_that_names_it(change, said):
    with pytest.raises(OdfinError, match=said) as caught:
        load_recipe("laptop-student", "distill", [change])
    assert "\n" not in str(caught.value)


def test_changes_are_made_and_other_stages_refused(tmp_path):
    recipe = load_recipe("laptop-student", "distill", ["loss.weights.mlp=0", "cache.folder=null"])
    assert recipe.loss.weights.mlp == 0 and recipe.cache.folder is None and recipe.loss.weights.block > 0
    with pytest.raises(OdfinError, match="stage"):
        load_recipe("laptop-student", "teacher")
    with pytest.raises(OdfinError, match="laptop-student"):
        load_recipe("no-such", "distill")
    (tmp_path / "bad.yaml").write_text("stage: [", encoding="utf-8")
    with pytest.raises(OdfinError, match="YAML"):
        load_recipe(str(tmp_path / "bad.yaml"), "distill")
    with pytest.raises(OdfinError, match="内容"):
        checked({"stage": "distill", "loss": {"weights": dict.fromkeys(("ce", "logit"), 0)}}, DistillRecipe, "x")
