"""What a message asks of the assistant beyond the documents: protection, something unlawful, advice, a promise, another
role. The texts are in `policy`; this says when each is due. Words and rules only: under a millisecond, the same for
every student, and nothing a document or an earlier answer says can change it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.conduct_rules import DISTRESS, FRAUD, ILLEGAL, Rule
from rag.answer.injection import has_instruction, real_question
from rag.answer.market_rules import ADVICE, COMPARE, PROMISE
from rag.answer.policy import POLICY
from rag.answer.result import Turn
from rag.text.normalise import normalise

_ORDER: tuple[Rule, ...] = (*DISTRESS, *FRAUD, *ILLEGAL, *PROMISE, *ADVICE, *COMPARE)
_GOES_ON = re.compile(r"^(?:那|那么|所以|具体|到底|然后|怎么|咋|如何|告诉我|说吧|快说|继续|教教?我|帮我|就|直接)")
SHORT = 14  # characters; a shorter message that opens with such words goes on from the one before


@dataclass(frozen=True)
class Conduct:
    """What is due. `final`: the text is the whole answer; else it stands beside a grounded one."""

    kind: str  # "distress" | "fraud" | "illegal" | "promise" | "advice" | "compare" | "injection"
    text: str
    final: bool
    why: str


def conduct(question: str, history: Sequence[Turn] = ()) -> Conduct | None:
    """What conduct asks for here, or None where the documents are simply to be asked.

    Of the history only the customer's own last message is read, and only for a short one that goes on from it
    (那具体怎么弄？); what the history lets the assistant say counts for nothing.
    """
    asked = real_question(question)
    plain = _plain(asked or question)
    rule = _first(plain)
    if rule is None and not asked:
        return Conduct("injection", POLICY["injection"], True, "消息里只有指令，没有问题")
    if rule is None and len(plain) <= SHORT and _GOES_ON.search(plain):
        earlier = next((t.content for t in reversed(history) if t.role == "user" and t.content.strip()), "")
        rule = _first(_plain(earlier) + "，" + plain) if earlier and not has_instruction(earlier) else None
        rule = rule if rule and rule.final and rule.kind != "distress" else None
    if rule is None:
        return None
    return Conduct(rule.kind, POLICY[rule.policy], rule.final, f"行为规则：{rule.kind}/{rule.policy}")


def _first(plain: str) -> Rule | None:
    return next((rule for rule in _ORDER if rule.holds(plain)), None)


def _plain(text: str) -> str:
    """Normalised, without the blanks people put between Chinese characters."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", normalise(text)).strip().replace("\n", "，")
