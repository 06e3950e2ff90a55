"""Only what the index can answer is asked: questions whose gold documents are not indexed are left out, and it is said so.

Without this a set over documents that are not there would be scored all the same: every answerable question wrong, every
refusal right.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from rag.errors import OdfinError
from rag.evaluate.built_in import to_index
from rag.evaluate.matching import from_source
from rag.evaluate.sets import Question, QuestionSet

NEEDS_ALL = ("compare", "ambiguous")  # these are answered out of every gold document, others out of any
SHOWN = 3  # missing documents that are named


def covered(questions: QuestionSet, sources: Collection[str]) -> QuestionSet:
    """The set over an index of these documents, with a note where some are missing. Raises OdfinError where all are."""
    gold = dict.fromkeys(source for question in questions.questions for source in question.gold_sources)
    there = {wanted for wanted in gold if any(from_source((wanted,), source) for source in sources)}
    if len(there) == len(gold):
        return questions
    missing = [wanted for wanted in gold if wanted not in there]
    named = "、".join(missing[:SHOWN]) + (f" 等 {len(missing)} 份" if len(missing) > SHOWN else "")
    found = f"题集 {questions.name} 用到的 {len(gold)} 份文档，索引里有 {len(there)} 份"
    wanted = to_index(questions.name)
    advice = f"请先索引{wanted}：odfin index 文件夹" if wanted else "请先索引它们所在的文件夹：odfin index 文件夹"
    if not there:
        raise OdfinError(f"{found}，没有可问的题；缺 {named}；{advice}")
    kept = tuple(one for one in questions.questions if _answered_by(one, there))
    left_out = len(questions.questions) - len(kept)
    note = f"{found}，缺 {named}；{left_out} 题没有问，也不计分；要问全，{advice}"
    return replace(questions, questions=kept, notes=(*questions.notes, note))


def _answered_by(question: Question, there: Collection[str]) -> bool:
    wanted = question.gold_sources
    enough = all if question.kind in NEEDS_ALL else any
    return not wanted or enough(one in there for one in wanted)
