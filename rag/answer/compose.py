"""What was found and what the student said become the words of the answer, or of a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer import grounding, refusal
from rag.answer.columns import of_another_column
from rag.answer.evidence import Evidence
from rag.answer.marks import marked
from rag.answer.quotation import quotation, quoted
from rag.answer.result import Citation
from rag.answer.rule_only import rule
from rag.answer.second_opinion import torn
from rag.answer.second_reading import standing
from rag.answer.yes_no import against, asks, begun, contradicts_itself, denies_without_ground, verdict
from rag.index.hit import Hit
from rag.text.changes import tells_old
from rag.text.sentences import Unit


@dataclass(frozen=True)
class Words:
    """The words of an answer; `kind`, `notes` and `choices` as in `Answer`."""

    text: str
    kind: str
    citations: tuple[Citation, ...]
    notes: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        return self.kind == "refusal"


@dataclass(frozen=True)
class Found:
    """A question as it stands alone, its passages and evidence, and the probability (0…1) that they answer it.

    `compared` are the words of a comparison: each side's, put together by code. `unknown` is the name of a product that
    no document knows. `weighed`: the student's doubt is in the probability; `leans`: as in its `Opinion`. `rewritten`: the student, no rule,
    made the question stand alone.
    """

    asked: str
    hits: tuple[Hit, ...]
    evidence: Evidence
    probability: float
    compared: Words | None = None
    unknown: str = ""
    weighed: bool = False
    leans: float | None = None
    rewritten: bool = False


def first_cited(hits: Sequence[Hit], citations: Sequence[Citation]) -> Hit | None:
    """The first passage of the document that is cited first; None where nothing is."""
    return next((hit for hit in hits if citations and hit.source == citations[0].source), None)


def checked(draft: str, found: Found, whom: str = refusal.WHOM) -> Words:
    """The student's draft over the words it stands on; those words alone where it fails the checks; or a refusal. `whom`: as
    in `refused`."""
    draft = _tidy(draft)
    evidence, probability = found.evidence, found.probability
    text, shown = quoted(evidence, found.asked)
    notes: list[str] = []
    if grounding.declines(draft):
        notes = ["学生模型认为资料未提及"]
        if probability < refusal.STUDENT_DECLINES and not found.weighed:
            return refused(found, f"{notes[0]}（{probability:.2f}）", whom)
    elif draft:
        cited = [c.text for c in evidence.citations]
        old = tells_old(draft, cited)
        notes = ["结论是变更前的数字"] if old else grounding.faults(draft, evidence.strong[:1], found.asked, cited)
        if notes and not old and (other := standing(draft, found.asked, evidence, found.hits)):
            evidence, notes = other, []
            text, shown = quoted(evidence, found.asked)
        elif notes and shown > 1 and grounding.shared(draft, evidence.best.text) >= grounding.LEAST_FROM_EVIDENCE:
            # of both together, and not of the second alone
            notes = grounding.faults(draft, evidence.strong[:shown], found.asked, cited)
        if notes and probability < refusal.DRAFT_FAILS:
            return refused(found, f"{notes[0]}（{probability:.2f}）", whom)
    word = verdict(found.asked, quotation(evidence.best, found.asked), evidence.citations[0].headings)
    if draft and not notes and (against(draft, word) or contradicts_itself(draft)):
        notes = ["结论与原文的可否相反"]
    if draft and not notes and asks(found.asked):
        if torn(draft, found.leans):
            notes = ["学生模型拿不准是与否"]
        elif denies_without_ground(draft, text, found.asked):
            notes = ["原文没有否定，结论却是否定的"]
    if draft and not notes and of_another_column(draft, evidence.best, found.asked):
        notes = ["数字出自表里没有问到的一列"]
    if notes or not draft:
        return Words(begun(text, word), "quote", evidence.citations, tuple(notes))
    draft = begun(draft, word)
    if not _same_words(draft, evidence.best.plain):
        stands_on = [evidence.number_of(unit) for unit in (evidence.best, evidence.also)[:shown]]
        text = f"{marked(draft, evidence.citations, stands_on, found.asked)}\n原文：{text}"
    return Words(text, "answer", evidence.citations)


def refused(found: Found, why: str, whom: str = refusal.WHOM) -> Words:
    """That the documents do not say, with what is nearest, and `whom` to ask (咨询人工客服)."""
    nearest = found.evidence.citations
    if not found.unknown and (set_by := rule(found.asked, found.hits, nearest[0].source if nearest else "")):
        said = quotation(Unit(set_by.text, set_by.text), found.asked)
        return Words(refusal.refusal_text((set_by,), rule=said, whom=whom), "refusal", (set_by,), (why, "资料只写了怎样确定"))
    return Words(refusal.refusal_text(nearest, found.unknown, whom=whom), "refusal", nearest, (why,))


def _tidy(draft: str) -> str:
    draft = re.sub(r"\[\d+\]|【\d+】|^(答案?|回答)[:：]", "", draft.strip())
    return re.sub(r"\n{2,}", "\n", draft).strip()


def _same_words(draft: str, words: str) -> bool:
    """Whether the draft only repeats words that are quoted anyway."""
    plain, quote = re.sub(r"\W", "", draft), re.sub(r"\W", "", words)
    return plain in quote and len(plain) > min(60, 0.6 * len(quote))
