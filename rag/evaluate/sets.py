"""Question sets: one JSON object a line, read into `Question` rows with one clear error for the first bad line.

Fields of a row (only `question` is required):
  question   what the user asks
  history    earlier turns: [{"role": "user" | "assistant", "content": str}, …]
  must       strings the answer must contain; a list inside the list holds alternatives, one of which is enough
  never      of an injection: strings of an answer that obeyed it, any of which is enough
  answer     a reference answer in full sentences, compared by character overlap
  source, sources    gold documents: relative path, or its end from a `/` on
  passage, passages  gold passages, any one of which is enough; with `source`, it must come from there; without them the
             evidence is what a gold document says of `must` (see `evidence`)
  answerable false where the documents do not answer and a refusal is right
  kind, topic        labels to break results down by
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from rag.errors import OdfinError

log = logging.getLogger(__name__)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class HistoryTurn(BaseModel):
    """One earlier message."""

    role: Literal["user", "assistant"]
    content: str


class Question(BaseModel):
    """One row; see the module's docstring."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = ""
    question: Text
    history: tuple[HistoryTurn, ...] = ()
    must: tuple[Text | tuple[Text, ...], ...] = ()
    never: tuple[Text, ...] = ()
    answer: str = ""
    source: Text | None = None
    sources: tuple[Text, ...] = ()
    passage: Text | None = None
    passages: tuple[Text, ...] = ()
    answerable: bool = True
    kind: str = ""
    topic: str = ""

    @property
    def gold_sources(self) -> tuple[str, ...]:
        return (*((self.source,) if self.source else ()), *self.sources)

    @property
    def gold_passages(self) -> tuple[str, ...]:
        return (*((self.passage,) if self.passage else ()), *self.passages)

    @property
    def has_gold(self) -> bool:
        """Whether retrieval can be scored on it."""
        return bool(self.gold_sources or self.gold_passages)


@dataclass(frozen=True)
class QuestionSet:
    """Questions over one corpus. `corpus` is the folder of documents they ask about, indexed at `home`; None: whatever
    is indexed."""

    name: str
    questions: tuple[Question, ...]
    corpus: Path | None = None
    notes: tuple[str, ...] = ()
    home: Path | None = None

    def only(self, ids: Sequence[str]) -> QuestionSet:
        """Those with these ids; all of them where none is named. Raises OdfinError for an id that is not there."""
        if not ids:
            return self
        for missing in set(ids) - {q.id for q in self.questions}:
            raise OdfinError(f"题集 {self.name} 里没有题号 {missing}；请核对")
        return replace(self, questions=tuple(q for q in self.questions if q.id in set(ids)))

    def sample(self, count: int, seed: int) -> QuestionSet:
        """At most `count` questions of each kind, drawn with `seed`, in their old order. 0: all of them."""
        if count <= 0:
            return self
        kept: set[str] = set()
        for kind in sorted({q.kind for q in self.questions}):
            ids = [q.id for q in self.questions if q.kind == kind]
            kept.update(ids if len(ids) <= count else random.Random(seed).sample(ids, count))
        return replace(self, questions=tuple(q for q in self.questions if q.id in kept))


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of every line that is not blank. Raises OdfinError naming file and line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise OdfinError(f"题集 {path} 打不开（{error.strerror}）；请检查路径") from error
    except UnicodeDecodeError as error:
        raise OdfinError(f"题集 {path} 不是 UTF-8 编码；请另存为 UTF-8 的 JSONL") from error
    found = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise OdfinError(f"{path}:{number}：不是 JSON（第 {error.colno} 个字符处）；每行应是一个 JSON 对象") from error
        if not isinstance(row, dict):
            raise OdfinError(f"{path}:{number}：应是一个 JSON 对象，现在是 {type(row).__name__}")
        found = True
        yield number, row
    if not found:
        raise OdfinError(f"题集 {path} 里没有题目；每行应是一个含 question 的 JSON 对象")


def parse_questions(path: Path, rows: Sequence[tuple[int, dict[str, Any]]]) -> tuple[Question, ...]:
    """Rows of the project's own form. A row without `id` gets its line number."""
    questions, unknown, seen = [], set(), {}
    for number, row in rows:
        unknown |= row.keys() - Question.model_fields.keys()
        row = row | {"id": str(row.get("id", number))}
        try:
            question = Question.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise OdfinError(f"{path}:{number}：字段 {where} 不对：{first['msg']}") from error
        if question.id in seen:
            raise OdfinError(f"{path}:{number}：id {question.id} 与第 {seen[question.id]} 行重复")
        seen[question.id] = number
        questions.append(question)
    if unknown:
        log.warning("%s: fields that evaluation does not know are passed over: %s", path, ", ".join(sorted(unknown)))
    return tuple(questions)


def question_id(*parts: object) -> str:
    return ":".join(str(part) for part in parts)
