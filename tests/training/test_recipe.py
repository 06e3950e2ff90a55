"""Every shipped recipe is valid, and a wrong one is refused in one line. Run: pytest tests/training/test_recipe.py"""

from __future__ import annotations

import pytest
import yaml

from rag.errors import OdfinError
from training.recipe import CONFIGS, STAGES, DistillRecipe, TeacherRecipe, checked, load_recipe

FILES = sorted(CONFIGS.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_recipe_is_valid_and_says_how_it_is_run(file):
    text = file.read_text(encoding="utf-8")
    values = yaml.safe_load(text)
    recipe = load_recipe(file.stem, values["stage"])
    assert recipe.training.batch % recipe.training.micro_batch == 0 and recipe.data.max_length == 512
    assert f"train {values['stage']} {file.stem} " in text
    # Nothing is written that is not meant: every key of the file arrives.
    said = recipe.model_dump(mode="json")
    for part, value in values.items():
        assert said[part] == value if not isinstance(value, dict) else _holds(said[part], value)


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
