"""What a training run is made of, read from a YAML file: every value has a meaning, a range, and unknown keys are refused.

The files in `configs/` are such recipes. Paths in them are relative to where the command is run.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rag.errors import OdfinError
from training.losses.balance import Balance
from training.losses.hidden import Distance
from training.losses.logits import Kind

CONFIGS = Path(__file__).parent / "configs"
ATTENTION_AND_MLP = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(Part):
    train: Path | None = Field(None, description="JSONL of conversations, one {\"messages\": …} a line")
    validation: Path | None = Field(None, description="the same, for early stopping and choosing the checkpoint")
    max_length: int = Field(512, ge=16, le=131072, description="longer conversations are left out")
    limit: int | None = Field(None, ge=1, description="only so many conversations are read")
    share: bool = Field(True, description="distillation: conversations over the same passages read these once")
    pack: bool = Field(False, description="rows filled up to max_length with whole conversations that do not see each other")


class Lora(Part):
    rank: int = Field(16, ge=1, le=1024)
    alpha: float = Field(32, gt=0)
    dropout: float = Field(0.0, ge=0, lt=1)
    targets: list[str] = Field(ATTENTION_AND_MLP, min_length=1, description="names of the linear layers that get one")
    lowest_layer: int = Field(0, ge=0, description="blocks below stay as they are, and backward stops there")


class Training(Part):
    epochs: float = Field(3, gt=0)
    max_steps: int | None = Field(None, ge=1, description="stops earlier than the epochs would")
    batch: int = Field(16, ge=1, description="rows a step (conversations, where not packed or shared), over all processes")
    micro_batch: int = Field(4, ge=1, description="rows at once in one process")
    learning_rate: float = Field(2e-4, gt=0, lt=1)
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps")
    lowest_rate: float = Field(0.1, ge=0, le=1, description="the cosine ends at this share of the learning rate")
    weight_decay: float = Field(0.0, ge=0, lt=1)
    clip: float = Field(1.0, gt=0, description="largest norm of the gradient")
    precision: Literal["bf16", "fp32"] = "bf16"
    gradient_checkpointing: bool = False
    evaluate_every: int = Field(50, ge=1, description="steps between validations")
    save_every: int = Field(50, ge=1, description="steps between checkpoints")
    patience: int = Field(3, ge=1, description="stops after so many validations without a better one")
    seed: int = 7
    threads: int = Field(0, ge=0, description="CPU threads; 0: what the machine offers")


class Source(Part):
    model: str = Field(description="name in the model store, GGUF file, checkpoint folder, or owner/name on the hub")
    adapter: Path | None = Field(None, description="a peft folder or GGUF adapter on top of it")
    four_bit: bool = Field(False, description="weights in 4 bits (NF4) by bitsandbytes; needs CUDA")


class TeacherRecipe(Part):
    """`odfin train teacher`: instruction tuning."""

    stage: Literal["teacher"]
    model: str = Field("teacher", description="as in Source.model")
    method: Literal["lora", "qlora", "full"] = "lora"
    data: Data = Data()
    lora: Lora = Lora()
    training: Training = Training()


class Weights(Part):
    ce: float = Field(1.0, ge=0)
    logit: float = Field(1.0, ge=0)
    block: float = Field(0.0, ge=0)
    mlp: float = Field(0.0, ge=0)
    embed: float = Field(0.0, ge=0)


class Loss(Part):
    weights: Weights = Weights()
    balance: Balance = "fixed"
    kind: Kind = "forward_kl"
    temperature: float = Field(1.0, gt=0, le=100)
    beta: float = Field(0.5, gt=0, lt=1, description="of the Jensen-Shannon divergence")
    distance: Distance = "cosine"
    positions: Literal["answers", "all"] = Field("answers", description="where hidden states are compared")
    keep: list[int] | None = Field(None, description="the teacher's blocks a pruned student is made of; else uniform")
    map_every: int = Field(1, ge=1, description="only each n-th of the student's blocks, counted from the last")
    across_tokenizers: Literal["likelihood", "uld"] = "likelihood"
    likelihood_temperature: float = Field(100.0, gt=0)
    vocabulary: Literal["all", "used"] = Field("all", description="softmax over every id of the tokenizer, or only over "
                                               "those that occur in the data: cheaper, and the weights stay whole")
    vocabulary_chunk: int = Field(128, ge=1, description="positions whose logits exist at once")


class Cache(Part):
    folder: Path | None = Field(None, description="the teacher is asked once and its answers kept here; else online")
    top_k: int = Field(32, ge=1, le=4096, description="logits kept a position")
    batch: int = Field(8, ge=1, description="conversations the teacher reads at once")


class DistillRecipe(Part):
    """`odfin train distill`."""

    stage: Literal["distill"]
    teacher: Source = Source(model="teacher")
    student: Source = Source(model="student")
    method: Literal["lora", "full"] = "lora"
    data: Data = Data()
    lora: Lora = Lora()
    training: Training = Training()
    loss: Loss = Loss()
    cache: Cache = Cache()
    projection_rate: float = Field(1e-3, gt=0, lt=1, description="learning rate of the projections between widths")

    @model_validator(mode="after")
    def _fits(self) -> DistillRecipe:
        if not any(self.loss.weights.model_dump().values()):
            raise ValueError("loss.weights 全是 0，没有可学的")
        if self.student.four_bit:
            raise ValueError("学生不能是 4 位的（student.four_bit）：成品不能合并")
        if self.loss.vocabulary == "used" and self.loss.weights.logit and self.cache.folder:
            raise ValueError("loss.vocabulary: used 要教师在线：缓存里的前 k 个词元会有不在其中的；请去掉 cache.folder")
        return self


Recipe = TeacherRecipe | DistillRecipe
STAGES: dict[str, type[Recipe]] = {"teacher": TeacherRecipe, "distill": DistillRecipe}


def load_recipe(name: str, stage: str, changes: Sequence[str] = ()) -> Any:
    """A recipe by file, or by the name of a shipped one, with `changes` ("training.epochs=1") made to it.

    Raises OdfinError with one line that names the file, the key and what is wrong with it.
    """
    path = Path(name)
    if not path.is_file() and (CONFIGS / f"{name}.yaml").is_file():
        path = CONFIGS / f"{name}.yaml"
    if not path.is_file():
        raise OdfinError(f"找不到配方 {name}；随项目分发的有：{'、'.join(sorted(f.stem for f in CONFIGS.glob('*.yaml')))}")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise OdfinError(f"配方 {path} 不是正确的 YAML：{' '.join(str(error).split())}") from error
    if not isinstance(values, dict) or values.get("stage") != stage:
        found = values.get("stage") if isinstance(values, dict) else None
        raise OdfinError(f"配方 {path} 的 stage 是 {found!r}；这个命令要的是 {stage}")
    for change in changes:
        _change(values, change)
    return checked(values, STAGES[stage], str(path))


def checked(values: dict, kind: type[Recipe], where: str) -> Any:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(first["loc"][-1]), _keys(kind), 1)
            raise OdfinError(f"配方 {where} 里没有 {place} 这个设置" + (f"；是 {near[0]} 吗？" if near else "")) from error
        shown = f"（现值：{first['input']!r}）" if place else ""
        raise OdfinError(f"配方 {where} 的 {place or '内容'} 不对：{first['msg']}{shown}") from error


def _change(values: dict, change: str) -> None:
    name, equals, text = change.partition("=")
    if not equals:
        raise OdfinError(f"--set 要写成 键=值，例如 training.epochs=1；现在是 {change!r}")
    *outer, last = name.strip().split(".")
    for key in outer:
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            raise OdfinError(f"--set {change}：{key} 下面没有别的设置")
    values[last] = yaml.safe_load(text)


def _keys(kind: type[BaseModel]) -> list[str]:
    names = []
    for name, field in kind.model_fields.items():
        names.append(name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += _keys(field.annotation)
    return names
