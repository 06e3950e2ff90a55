"""Whether a reading item is right: what the assistant's own checks say of the answer, and what is known from its making.

Nothing is repaired here: an item that fails is dropped, and its reason counted.
"""

from __future__ import annotations

import re

from rag.answer.grounding import faults
from rag.answer.prompt import NO_ANSWER
from rag.text.bands import fit
from rag.text.figures import find_figures, unsupported
from rag.text.row_bands import row_bands
from rag.text.sentences import split_units
from rag.text.tokens import STOP_WORDS, bigrams
from training.data.reading import around
from training.data.reading.draft import Draft

LONGEST_ANSWER, LONGEST_QUESTION = 180, 90  # characters
SHORTEST_QUESTION = 4
LONGEST_PASSAGES = 380  # estimated tokens of all passages: with prompt, question and answer they still fit 512
SAID_ALREADY = 0.75  # share of a withheld answer's character pairs that no unit of a refusal's passages may hold
ASKED = 0.62  # share of a question's character pairs that a unit of a refusal's passages may not hold


def fault(draft: Draft, longest: int = LONGEST_PASSAGES) -> str:
    """Why the item may not be used, one short reason; empty where it may. `longest`: estimated tokens of all passages."""
    if not SHORTEST_QUESTION <= len(draft.question) <= LONGEST_QUESTION:
        return "问题长度"
    if not 1 <= len(draft.answer) <= LONGEST_ANSWER:
        return "答案长度"
    if sum(around.tokens(p.text) + around.tokens(p.title) for p in draft.passages) > longest:
        return "段落太长"
    if len({passage.text for passage in draft.passages}) < len(draft.passages):
        return "段落重复"
    return _refusal_fault(draft) if draft.refusal else _answer_fault(draft)


def _answer_fault(draft: Draft) -> str:
    if not draft.gold or not draft.units:
        return "没有依据"
    whole = [draft.passages[place].text for place in draft.gold]
    if not all(any(unit.split("\n")[-1] in text for text in whole) for unit in draft.units):
        return "依据不在段落里"
    if missing := [words for words in draft.must if tight(words) not in tight(draft.answer)]:
        return f"答案缺要点（{missing[0][:20]}）" if len(missing[0]) < 4 else "答案缺要点"
    if NO_ANSWER in draft.answer:
        return "答案含拒答的话"
    strong = [f"{draft.passages[place].title}\n{chr(10).join(draft.passages[place].headings)}\n{unit}"
              for place in draft.gold for unit in draft.units]
    found = faults(draft.answer, strong, draft.question, [passage.text for passage in draft.passages])
    if found:
        return re.split(r"[：%]", found[0])[0] if "用词" not in found[0] else "用词不在依据里"
    # Read alone the units must hold every figure as well, wherever in them it stands.
    if unsupported(draft.answer, draft.units, draft.question, strict=False, places=False):
        return "数字不在依据里"
    return ""


def _refusal_fault(draft: Draft) -> str:
    words = tight("\n".join(p.text + p.title for p in draft.passages))
    if any(tight(one) in words for one in draft.absent):
        return "拒答题的资料里有答案"
    if draft.asks:
        units = [unit for passage in draft.passages for unit in split_units(passage.text)]
        if any(fit(list(draft.asks), row_bands(unit.plain)) > 0 for unit in units):
            return "拒答题的资料里有这一档"
    if draft.must:  # the answer that was taken away
        if any(says(unit.plain, "".join(draft.must)) for p in draft.passages for unit in split_units(p.text)):
            return "拒答题的资料里另有答案"
        if any(close(p.text, draft.question) for p in draft.passages):
            return "拒答题的资料里有相近的话"
    return ""


def says(text: str, answer: str) -> bool:
    """Whether a text may well say the answer: it holds most of its character pairs and all of its figures."""
    pairs = [g for g in bigrams(answer) if g not in STOP_WORDS]
    known = set(bigrams(text))
    shared = sum(pair in known for pair in pairs) / len(pairs) if pairs else 0.0
    if shared >= SAID_ALREADY:
        return True
    figures = [f for f in find_figures(answer) if f.kind not in ("word", "bare", "ordinal")]
    return bool(figures) and shared >= 0.4 and not unsupported(answer, [text], strict=False, places=False)


def close(text: str, question: str) -> bool:
    """Whether one unit of a text holds most of what is asked: it may answer, if only otherwise than expected."""
    asked = {g for g in bigrams(question) if g not in STOP_WORDS}
    return bool(asked) and any(len(asked & set(bigrams(unit.plain))) >= ASKED * len(asked) for unit in split_units(text))


def tight(text: str) -> str:
    return re.sub(r"\s+", "", text)
