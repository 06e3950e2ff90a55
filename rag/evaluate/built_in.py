"""The question sets that come with the program, by name: `knowledge`, `talk`, the sets over real documents, the institutions.

A folder that holds questions.jsonl beside documents/ is a set that brings its documents; each institution is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.errors import OdfinError
from rag.evaluate.sets import read_rows

QUESTIONS = Path(__file__).parent / "questions"
INSTITUTIONS = Path(__file__).parent / "institutions"
SAMPLES = {"knowledge", "talk"}  # over the documents that are indexed unless others are named
DEFAULT = "knowledge"  # examined where no set is named
OWN_QUESTIONS, OWN_DOCUMENTS = "questions.jsonl", "documents"

_SAMPLES = "knowledge/（示例文档，随项目分发；默认就索引它）"
_REAL = "shared/data/corpus（公开的真实条款、法律、规章与募集说明书，不随项目分发）"
ABOUT = {  # name -> (what it asks, what is to be indexed)
    "knowledge": ("示例文档，各种题型", _SAMPLES),
    "talk": ("示例文档，追问与对比", _SAMPLES),
    "corpus": ("真实文档", _REAL),
    "corpus_b": ("真实文档，后写的", _REAL),
    "corpus_c": ("真实文档：计算、合规、注入、未指明产品", _REAL),
}


@dataclass(frozen=True)
class BuiltIn:
    """A set under its name; `questions` is its file, or the folder that holds file and documents. `documents` says what
    is to be indexed before it is asked; empty where the set brings its documents."""

    name: str
    questions: Path
    about: str
    documents: str = ""

    def count(self) -> int:
        """How many questions it has."""
        file = self.questions / OWN_QUESTIONS if self.questions.is_dir() else self.questions
        return sum(1 for _ in read_rows(file))


@cache
def built_in() -> dict[str, BuiltIn]:
    """name -> set, those over common documents first."""
    sets = [BuiltIn(name, QUESTIONS / f"{name}.jsonl", *about) for name, about in ABOUT.items()]
    sets += [BuiltIn(file.parent.name, file.parent, "一家虚构机构，自带文档") for file in sorted(INSTITUTIONS.glob(f"*/{OWN_QUESTIONS}"))]
    return {one.name: one for one in sets}


def brings_documents(path: Path) -> bool:
    """Whether a folder is a set with documents of its own."""
    return (path / OWN_QUESTIONS).is_file() and (path / OWN_DOCUMENTS).is_dir()


def find_set(named: str | Path, beside: Path | None = None) -> Path:
    """The file or folder that is meant: one that is there (relative to `beside`, or to where one stands) before a
    built-in name. Raises OdfinError that lists the names."""
    path = (beside or Path()) / Path(named).expanduser()
    if path.is_file() or brings_documents(path):
        return path.resolve()
    known = built_in()
    if str(named) in known:
        return known[str(named)].questions
    if path.suffix or len(Path(named).parts) > 1:
        return path.resolve()  # whoever reads it says what is wrong with it
    raise OdfinError(f"没有名为 {named} 的内置题集，也没有这个文件；内置题集：{'、'.join(known)}")


def to_index(name: str) -> str:
    """What is to be indexed before a set of this name is asked, or an empty string where nothing is known."""
    return built_in()[name].documents if name in built_in() else ""
