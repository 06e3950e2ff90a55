"""Question sets of other shapes: recognised by their fields, turned into questions and a folder of Markdown files.

Two shapes are known. "Clauses": `doc`, `passage`, `question`, `answer`; each contract becomes one file, its distinct
passages in order, and each question is asked twice, with the contract's name in it and without. "FAQ": `question` (a
user's wording), `label` (the standard question), `answer`, `subject`; each subject becomes one file with a section for
each standard question.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.evaluate.built_in import OWN_DOCUMENTS, OWN_QUESTIONS, brings_documents, find_set
from rag.evaluate.matching import containment, fold
from rag.evaluate.sets import Question, QuestionSet, parse_questions, question_id, read_rows

Rows = Sequence[tuple[int, dict[str, Any]]]
SAME = 0.95  # two passages that hold so much of one another are copies


def load_set(named: str | Path, folder: Path) -> QuestionSet:
    """Read a question set, a file or one of `built_in`; one that brings its documents has them written below `folder`,
    once, or where they are a folder already, only their index."""
    path = find_set(named)
    if brings_documents(path):
        file = path / OWN_QUESTIONS
        stamp = hashlib.sha256(str(path).encode()).hexdigest()[:8]
        return QuestionSet(path.name, parse_questions(file, list(read_rows(file))), path / OWN_DOCUMENTS,
                           home=folder / f"{path.name}-{stamp}" / "home")
    rows = list(read_rows(path))
    fields = rows[0][1].keys()
    if {"doc", "passage", "question", "answer"} <= fields:
        return _with_corpus(path, rows, folder, clause_questions)
    if {"label", "answer", "question", "subject"} <= fields:
        return _with_corpus(path, rows, folder, faq_questions)
    return QuestionSet(path.stem, parse_questions(path, rows))


Adapter = Callable[[Path, Rows], tuple[dict[str, str], tuple[Question, ...], tuple[str, ...]]]


def _with_corpus(path: Path, rows: Rows, folder: Path, adapter: Adapter) -> QuestionSet:
    files, questions, notes = adapter(path, rows)
    stamp = hashlib.sha256("".join(f"{n}\0{t}\0" for n, t in sorted(files.items())).encode()).hexdigest()[:8]
    corpus = folder / f"{path.stem}-{stamp}" / "documents"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = corpus / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
    return QuestionSet(path.stem, questions, corpus, notes, corpus.parent / "home")


def clause_questions(path: Path, rows: Rows) -> tuple[dict[str, str], tuple[Question, ...], tuple[str, ...]]:
    """Kinds: "named" (the right contract must be hit) and "unnamed" (the clause or a copy in any contract)."""
    passages: dict[str, dict[str, None]] = {}
    questions = []
    for number, row in rows:
        doc, passage, question, answer = (_text(path, number, row, name) for name in ("doc", "passage", "question", "answer"))
        passages.setdefault(doc, {})[passage] = None
        identity = row.get("id", number)
        name = doc if "《" in doc else f"《{doc}》"
        common = {"passage": passage, "answer": answer}
        questions.append(Question(id=question_id(identity, "named"), kind="named", source=file_name(doc),
                                  question=f"在{name}中，{question}", **common))
        questions.append(Question(id=question_id(identity, "unnamed"), kind="unnamed", question=question, **common))
    files = {file_name(doc): f"# {doc}\n\n" + "\n\n".join(texts) + "\n" for doc, texts in passages.items()}
    notes = (f"{len(files)} 份合同，每份一个 Markdown 文件；每题问两遍：带产品名（须命中该合同的条款）、"
             "不带产品名（任一合同中的同一条款或近似相同的条款都算）",)
    return files, tuple(questions), notes


def faq_questions(path: Path, rows: Rows) -> tuple[dict[str, str], tuple[Question, ...], tuple[str, ...]]:
    """Kinds: "reworded" (a user's wording) and "verbatim" (the standard question itself).

    The gold sections are those of the standard question, and others that give (almost) the same answer.
    """
    sections: dict[str, dict[tuple[str, str], None]] = {}
    asked: dict[tuple[str, str, str], None] = {}
    for number, row in rows:
        question, label, answer, subject = (_text(path, number, row, name) for name in ("question", "label", "answer", "subject"))
        sections.setdefault(subject, {})[label, answer] = None
        asked[question, label, answer] = None
    by_label: dict[str, list[tuple[str, str]]] = {}
    for label, answer in dict.fromkeys(pair for pairs in sections.values() for pair in pairs):
        by_label.setdefault(label, []).append((label, answer))
    everything = [pair for pairs in by_label.values() for pair in pairs]
    alike: dict[str, list[tuple[str, str]]] = {}
    for answer in {answer for _, answer in everything}:
        alike[answer] = [pair for pair in everything if _copies(answer, pair[1])]
    questions = []
    for number, (question, label, answer) in enumerate(asked, 1):
        gold = dict.fromkeys([*by_label[label], *alike[answer]])
        questions.append(Question(id=str(number), kind="verbatim" if question == label else "reworded", question=question,
                                  passages=tuple(f"{name}\n{text}" for name, text in gold), answer=answer))
    files = {file_name(subject): f"# {subject}\n\n" + "\n\n".join(f"## {label}\n\n{answer}" for label, answer in pairs) + "\n"
             for subject, pairs in sections.items()}
    notes = (f"{len(files)} 个主题，每个一个 Markdown 文件，每个标准问一节；reworded 是用户的问法，"
             "verbatim 是与标准问逐字相同的题，分开统计；命中该标准问的一节、或给出同一答案的一节都算",)
    return files, tuple(questions), notes


def file_name(title: str) -> str:
    """A Markdown file's name for a title."""
    return re.sub(r'[\x00-\x1f<>:"|?*\\/]', "_", title).strip(". ")[:60] + ".md"


def _copies(one: str, other: str) -> bool:
    short, long = sorted((len(fold(one)), len(fold(other))))
    if not long or short < SAME * long:
        return one == other
    return one == other or (containment(one, other) >= SAME and containment(other, one) >= SAME)


def _text(path: Path, number: int, row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise OdfinError(f"{path}:{number}：字段 {name} 应是不空的文字")
    return value.strip()
