"""Whether what the language model wrote may count: its language, its figures, and that it is no copy."""

from __future__ import annotations

from rag.answer.grounding import faults
from rag.text.figures import find_figures, same, unsupported
from training.data.duplicates import fingerprint, likeness
from training.data.filters import chinese_share
from training.data.privacy import masked

SHORTEST, LONGEST = 5, 80  # characters of a question
SAME = 0.9  # likeness from which on a paraphrase is the question again
LIKE = 0.05  # likeness below which it asks something else
COPIED = 14  # characters of a passage that a question may not hold in a row


def question_fault(written: str, original: str, names: tuple[str, ...] = ()) -> str:
    """Why a paraphrase may not stand for the original question; empty where it may. `names` must stay in it."""
    if not SHORTEST <= len(written) <= LONGEST or "\n" in written:
        return "长度"
    if chinese_share(written) < 0.6:
        return "不是中文"
    if fingerprint(written) == fingerprint(original) or likeness(written, original) >= SAME:
        return "照抄原问题"
    if masked(written) != written:
        return "个人信息"
    if not _same_figures(written, original):
        return "数字变了"
    if any(name in original and name not in written for name in names):
        return "名称变了"
    if not set(_pairs(written)) & set(_pairs(original)):
        return "问的不是一回事"
    return ""


def item_fault(question: str, answer: str, unit: str, passage: str) -> str:
    """Why a question and answer over a passage may not be learnt; empty where they may."""
    if not SHORTEST <= len(question) <= LONGEST or not 1 <= len(answer) <= 180:
        return "长度"
    if chinese_share(question) < 0.6 or chinese_share(answer) < 0.5:
        return "不是中文"
    if masked(question) != question:
        return "个人信息"
    if fingerprint(question) == fingerprint(answer):
        return "答案照抄问题"
    tight = fingerprint(question)
    if any(tight[i : i + COPIED] in fingerprint(passage) for i in range(max(1, len(tight) - COPIED + 1)) if len(tight) >= COPIED):
        return "照抄资料"
    if unsupported(answer, [passage], question, strict=True):
        return "数字不在资料里"
    return faults(answer, [unit], question, [passage])[0].split("：")[0] if faults(answer, [unit], question, [passage]) else ""


def _same_figures(one: str, other: str) -> bool:
    """Whether both state the same figures (those that count in general classifiers aside)."""
    left = [f for f in find_figures(one) if f.kind not in ("word",)]
    right = [f for f in find_figures(other) if f.kind not in ("word",)]
    return all(any(same(a, b) for b in right) for a in left) and all(any(same(a, b) for b in left) for a in right)


def _pairs(text: str) -> list[str]:
    tight = fingerprint(text)
    return [tight[i : i + 2] for i in range(len(tight) - 1)]
