"""One training conversation and the JSONL files of them: what every source becomes and the trainer reads."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import OdfinError

_NUMBERED = re.compile(r"^\[\d+\](?=《)", re.MULTILINE)


@dataclass(frozen=True)
class Record:
    """`messages` are {"role", "content"}, the last one the assistant's.

    `task` is what is practised (reading, refusal, consultation …), `kind` a finer label inside it; `source` names the set
    it came from and `licence` that set's licence; `document` is what may not be parted between training and validation;
    `evidence` the exact words the answer stands on; `shape` the form of the table it reads, where it reads one.
    """

    messages: tuple[Mapping[str, str], ...]
    task: str
    source: str
    licence: str
    document: str
    topic: str = ""
    kind: str = ""
    shape: str = ""
    evidence: tuple[str, ...] = field(default=())

    @property
    def question(self) -> str:
        """The last thing the user says; of a prompt with passages the question alone."""
        asked = next((m["content"] for m in reversed(self.messages) if m["role"] == "user"), "")
        return asked.rsplit("【问题】", 1)[-1]

    @property
    def passages(self) -> list[str]:
        """The numbered passages of a prompt as they stand there, without their numbers; none of another prompt."""
        return [part.strip("\n") for part in _NUMBERED.split(self._above)[1:]]

    def asking(self, question: str) -> tuple[Mapping[str, str], ...]:
        """The messages with another last question over the same passages, and the answer as it is."""
        asked = {**self.messages[-2], "content": f"{self._above}【问题】{question}"}
        return (*self.messages[:-2], asked, self.messages[-1])

    @property
    def _above(self) -> str:
        return self.messages[-2]["content"].rsplit("【问题】", 1)[0]

    @property
    def answer(self) -> str:
        return self.messages[-1]["content"]

    @property
    def id(self) -> str:
        """Derived from the content, so that the same conversation has the same id in every run."""
        words = json.dumps([dict(m) for m in self.messages], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def to_json(self) -> dict:
        return {"id": self.id, "messages": [dict(m) for m in self.messages], "task": self.task, "kind": self.kind,
                "source": self.source, "licence": self.licence, "topic": self.topic, "document": self.document,
                "shape": self.shape, "evidence": list(self.evidence)}

    @classmethod
    def from_json(cls, row: Mapping) -> Record:
        """Raises KeyError where a field that every record has is missing."""
        return cls(tuple(row["messages"]), row["task"], row["source"], row["licence"], row.get("document", ""),
                   row.get("topic", ""), row.get("kind", ""), row.get("shape", ""), tuple(row.get("evidence", ())))


def write_records(records: Iterable[Record], file: Path) -> int:
    """One JSON object a line, by rename when all are written; how many."""
    count = 0
    building = file.with_name(file.name + ".building")
    with building.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record.to_json(), ensure_ascii=False) + "\n")
            count += 1
    building.replace(file)
    return count


def read_records(file: Path) -> Iterator[Record]:
    """What `write_records` wrote. Raises OdfinError naming the first line that is no record."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield Record.from_json(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise OdfinError(f"{file} 第 {number} 行不是一条训练数据（{error}）；请用 odfin train data 重新生成") from error
