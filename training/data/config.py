"""What `odfin train data` builds, as one object read from YAML or JSON; unknown keys are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import OdfinError
from rag.settings import PROJECT

QUESTION_SETS = PROJECT / "rag" / "evaluate" / "questions"
INSTITUTIONS = PROJECT / "rag" / "evaluate" / "institutions"  # their questions are read, their documents are not


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Import(_Part):
    """Data files of one origin."""

    path: Path = Field(description="a file, or a folder of them: JSONL, JSON, CSV, TSV, Parquet")
    name: str = Field("", description="what the source is called; not given: the rows' own source, or the file's name")
    licence: str = Field("", description="the licence of all of it, e.g. Apache-2.0, MIT, CC BY 4.0")
    licences: dict[str, str] = Field(default_factory=dict, description="by the beginning of a row's own source")
    most: int = Field(0, ge=0, description="so many records at most, by chance; 0: all")


class Reading(_Part):
    """The generator of reading items."""

    knowledge: int = Field(11000, ge=0, description="items over knowledge/ and the papers of the own set")
    laws: int = Field(4500, ge=0, description="items over the folder of laws; none without it")
    synthetic: int = Field(17000, ge=0, description="items over made-up documents")
    documents: int = Field(1000, ge=0, description="made-up documents")


class Augment(_Part):
    """Paraphrases and questions by a language model. Off unless `model` is set. A server's key is ODFIN_SERVER_KEY."""

    url: str = Field("", description="base URL of an OpenAI-compatible server")
    model: str = Field("", description="model name on that server; without url: a GGUF file or pinned model, run here")
    paraphrases: int = Field(0, ge=0, description="questions to put in other words")
    personas: int = Field(0, ge=0, description="questions to put as another person would")
    questions: int = Field(0, ge=0, description="clauses to ask new questions about")
    price_prompt: float = Field(0.0, ge=0, description="price of a million prompt tokens")
    price_completion: float = Field(0.0, ge=0, description="price of a million generated tokens")
    most_tokens: int = Field(0, ge=0, description="stop after so many tokens in all, those of earlier runs into the same folder "
                             "among them; 0: no limit")


class DataConfig(_Part):
    """The whole recipe."""

    seed: int = Field(7, description="seed of everything that is drawn")
    knowledge: Path = Field(PROJECT / "knowledge", description="documents to read from")
    laws: Path | None = Field(None, description="folder of official law texts, named as in the instruction set")
    own: bool = Field(True, description="take the project's own instruction set, its consultations and its rewritten follow-ups")
    as_asked: bool = Field(False, description="ask that set also as the assistant meets it, by its own search and reading: "
                           "half a second a question")
    imports: tuple[Import, ...] = ()
    reading: Reading = Reading()
    tasks: dict[str, int] = Field(
        default_factory=lambda: {"extraction": 700, "summary": 300, "multiple_choice": 600, "calculator": 800,
                                 "cited_reading": 700, "classification": 600, "sentiment": 300},
        description="records of each other task")
    augment: Augment = Augment()
    evaluation: tuple[Path, ...] = Field((QUESTION_SETS, INSTITUTIONS), description="question sets nothing may be near")
    shippable_only: bool = Field(True, description="take only what may shape a shipped model")
    near: float = Field(0.8, gt=0.5, le=1, description="likeness from which on two conversations are the same")
    validation: float = Field(0.04, ge=0, lt=0.5, description="share of the documents")
    held_out: float = Field(0.06, ge=0, lt=0.5, description="share of the documents")
    held_shapes: tuple[str, ...] = Field(
        ("synthetic:prepay", "synthetic:permissions", "synthetic:points_spent", "synthetic:birth_leave",
         "渠道|到账时间|手续费", "退休年龄|计发月数"),
        description="table shapes that are all held out")


def load_config(file: Path | None, **overrides: Any) -> DataConfig:
    """The recipe of a file, or the shipped one; `overrides` win. Paths in a file are relative to it. Raises OdfinError."""
    values: dict[str, Any] = {}
    if file is not None:
        values = _read(file)
    try:
        return _absolute(DataConfig(**(values | {k: v for k, v in overrides.items() if v is not None})), file)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise OdfinError(f"{file or '配置'} 里的 {where} 不对：{first['msg']}；可写的键见 training/data/config.py") from error


def _read(file: Path) -> dict[str, Any]:
    import yaml

    try:
        text = file.read_text(encoding="utf-8")
        values = json.loads(text) if file.suffix.lower() == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise OdfinError(f"读不到配置 {file}（{error.strerror}）；请检查路径") from error
    except (ValueError, yaml.YAMLError) as error:
        raise OdfinError(f"配置 {file} 不是 YAML 或 JSON（{' '.join(str(error).split())}）；请改正后重试") from error
    if not isinstance(values, dict):
        raise OdfinError(f"配置 {file} 须是“键: 值”的形式")
    return values


def _absolute(config: DataConfig, file: Path | None) -> DataConfig:
    base = file.resolve().parent if file else Path.cwd()
    at = lambda path: (base / path.expanduser()).resolve() if path else None  # noqa: E731
    return config.model_copy(update={
        "knowledge": at(config.knowledge), "laws": at(config.laws), "evaluation": tuple(map(at, config.evaluation)),
        "imports": tuple(one.model_copy(update={"path": at(one.path)}) for one in config.imports)})
