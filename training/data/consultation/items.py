"""The items written for the project, and their files.

The `places` of an item are its evidence, each one place of one document in the form of the instruction set's items
(`evidence`, or the `spans` of a law). The answer's `[1]` is the first of them. `settled` says how much of the question they
settle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.errors import OdfinError
from training.instructions import FOLDER as INSTRUCTION_SET
from training.instructions import resolve

FOLDER = INSTRUCTION_SET / "consultation"
SETTLED = ("whole", "part", "none")
MARK = re.compile(r"\[(\d+)\]")
_SENTENCE = re.compile(r"[^。！？]+[。！？]?")


def read(files: Iterable[Path] | None = None, laws: Path | None = None) -> Iterator[dict]:
    """Items with the evidence of all their places; those over laws are left out without the folder of law texts.

    Raises OdfinError naming the first line that is no item.
    """
    for file in sorted(FOLDER.glob("*.jsonl")) if files is None else files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                item = json.loads(line)
                if missing := {"id", "topic", "settled", "question", "places", "answer"} - item.keys():
                    raise ValueError("缺" + "、".join(sorted(missing)))
                if item["settled"] not in SETTLED:
                    raise ValueError(f"settled 须是 {'、'.join(SETTLED)} 之一")
                if not all("source" in one and ("evidence" in one) != ("spans" in one) for one in item["places"]):
                    raise ValueError("places 里每处须有 source，evidence 与 spans 须有且只有一个")
            except (ValueError, AttributeError, TypeError) as error:
                raise OdfinError(f"{file} 第 {number} 行不是一条咨询（{error}）；请改正后重试") from error
            if laws is None and any("spans" in one for one in item["places"]):
                continue
            yield item | {"places": [resolve({"id": item["id"], **one}, laws) if "spans" in one else one for one in item["places"]]}


def sentences(answer: str) -> list[str]:
    return [part for part in map(str.strip, _SENTENCE.findall(answer)) if part]
