"""What users and administrators thought of answers, out of the journal, as examples to learn from.

Only the student's own words are judged: a quotation, a sum or a policy text is not its doing. A correction counts only
where its figures stand in the words that were quoted, for else it would teach to invent.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rag.answer import prompt
from rag.answer.assistant import within
from rag.answer.prompt import NO_ANSWER
from rag.answer.result import Citation
from rag.journal import Exchange
from rag.student.chat_model import to_messages
from rag.student.runtime import Message
from rag.text.figures import unsupported
from rag.text.personal import mask_personal

MOST_CHARS = 300  # a longer answer is no sentence of the student's
_AFTER = re.compile(r"\n(?:原文|如需测算)：.*", re.DOTALL)


@dataclass(frozen=True)
class Pair:
    """For DPO: two answers to one prompt, the better and the worse."""

    prompt: tuple[Message, ...]
    chosen: str
    rejected: str


@dataclass(frozen=True)
class Single:
    """For KTO: one answer, wanted or not."""

    prompt: tuple[Message, ...]
    answer: str
    wanted: bool


@dataclass(frozen=True)
class Preferences:
    """`left_out`: why exchanges were not used, and how many."""

    pairs: tuple[Pair, ...]
    singles: tuple[Single, ...]
    left_out: Counter[str] = field(default_factory=Counter)


def gather(judged: Iterable[Exchange], prompt_tokens: int) -> Preferences:
    """Pairs and single judgements; `prompt_tokens` is the settings' budget, so that the prompt is what the student read.

    Pairs: a correction over what was said; a liked over a disliked answer to the very same prompt.
    """
    left_out: Counter[str] = Counter()
    pairs: list[Pair] = []
    singles: dict[tuple[str, str], Single] = {}
    for exchange in judged:
        if not exchange.citations:
            left_out["没有引用的原文"] += 1
            continue
        asked = rendered(exchange, prompt_tokens)
        said, right = spoken(exchange), mask_personal(exchange.correction.strip())
        if right and not _grounded(exchange, right):
            left_out["更正里的数字不在引用的原文里"] += 1
            right = ""
        if right:
            singles[_key(asked, right)] = Single(asked, right, True)
            if said and said != right:
                pairs.append(Pair(asked, right, said))
                singles[_key(asked, said)] = Single(asked, said, False)
        elif said is None:
            left_out["不是学生自己的话"] += 1
        elif exchange.feedback > 0:
            singles[_key(asked, said)] = Single(asked, said, True)
        elif exchange.feedback < 0 and not exchange.refused:
            singles[_key(asked, said)] = Single(asked, said, False)
        else:
            left_out["对拒答的 👎（资料可能确实没有）"] += 1
    pairs += _same_prompt(singles.values(), {(_key(one.prompt, one.chosen), one.rejected) for one in pairs})
    once = {(_key(pair.prompt, pair.chosen), pair.rejected): pair for pair in pairs}
    return Preferences(tuple(once.values()), tuple(singles.values()), left_out)


def rendered(exchange: Exchange, prompt_tokens: int) -> tuple[Message, ...]:
    """The messages the student read, by the assistant's own prompt code, with personal data masked."""
    citations = [Citation(number, shown["source"], mask_personal(shown.get("title") or shown["source"]),
                          mask_personal(shown["text"]), shown.get("page"), tuple(shown.get("headings") or ()))
                 for number, shown in enumerate(exchange.citations, 1)]
    question = mask_personal(exchange.standalone or exchange.question)
    return tuple(to_messages(prompt.build(question, within(citations, prompt_tokens))))


def spoken(exchange: Exchange) -> str | None:
    """The student's own sentence out of the answer that was shown; None where it is not the student's."""
    if exchange.refused:
        return NO_ANSWER
    if exchange.kind != "answer":
        return None
    text = mask_personal(re.sub(r"\[\d+\]", "", _AFTER.sub("", exchange.answer)).strip())
    return text if 0 < len(text) <= MOST_CHARS else None


def _grounded(exchange: Exchange, text: str) -> bool:
    sources = ["\n".join((shown.get("title") or "", shown["text"])) for shown in exchange.citations]
    return not unsupported(text, sources, exchange.standalone or exchange.question, strict=False)


def _key(asked: Sequence[Message], answer: str) -> tuple[str, str]:
    return "\n".join(message["content"] for message in asked), answer


def _same_prompt(singles: Iterable[Single], known: set) -> list[Pair]:
    groups: dict[str, list[Single]] = defaultdict(list)
    for single in singles:
        groups[_key(single.prompt, "")[0]].append(single)
    return [Pair(good.prompt, good.answer, bad.answer) for group in groups.values() for good in group if good.wanted
            for bad in group if not bad.wanted and (_key(good.prompt, good.answer), bad.answer) not in known]
