"""What a message asks of the assistant beyond the documents: protection, something unlawful, advice, a promise, another
role. The texts are in `policy`; this says when each is due: first by words and rules, under a millisecond; where those say
nothing, by what a small model taught on such messages takes it for. Both are the same for every student, and nothing a
document or an earlier answer says can change them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.conduct_rules import DISTRESS, FRAUD, ILLEGAL, Rule
from rag.answer.injection import has_instruction, real_question
from rag.answer.market_rules import ADVICE, COMPARE, PROMISE
from rag.answer.policy import POLICY
from rag.answer.result import Turn
from rag.text.normalise import normalise

_ORDER: tuple[Rule, ...] = (*DISTRESS, *FRAUD, *ILLEGAL, *PROMISE, *ADVICE, *COMPARE)
_GOES_ON = re.compile(r"^(?:那|那么|所以|具体|到底|然后|怎么|咋|如何|告诉我|说吧|快说|继续|教教?我|帮我|就|直接)")
SHORT = 14  # characters; a shorter message that opens with such words goes on from the one before

Intent = Callable[[str], Mapping[str, float]]  # label ("normal", "fraud", …) -> probability


@dataclass(frozen=True)
class Level:
    """What is due for a label: `policy` alone where the message is surely no question and this label its likeliest, `note`
    beside a grounded answer where it probably is none."""

    policy: str
    note: str = ""


LEVELS = {
    "fraud": Level("suspect", "fraud_note"),
    "illegal": Level("unlawful"),
    "promise": Level("promise", "promise_note"),
    "advice": Level("advice", "advice_note"),
}
# Probability that a message is no ordinary question, from which on its text is due alone, and from which on beside an answer.
SURELY, PROBABLY = 0.93, 0.75


@dataclass(frozen=True)
class Conduct:
    """What is due. `final`: the text is the whole answer; else it stands beside a grounded one."""

    kind: str  # "distress" | "fraud" | "illegal" | "promise" | "advice" | "compare" | "injection"
    text: str
    final: bool
    why: str
    learnt: bool = False  # told by the intent reader, by no rule

    @property
    def mild(self) -> bool:
        """Whether no more than a wish for advice or a promise was heard, and by the reader only: it may as well be small talk."""
        return self.learnt and self.kind in ("promise", "advice")


def conduct(question: str, history: Sequence[Turn] = (), intent: Intent | None = None) -> Conduct | None:
    """What conduct asks for here, or None where the documents are simply to be asked. `intent`: what tells messages that no
    rule knows; without it rules alone decide.

    Of the history only the customer's own last message is read, and only for a short one that goes on from it
    (那具体怎么弄？); what the history lets the assistant say counts for nothing.
    """
    asked = real_question(question)
    plain = _plain(asked or question)
    rule = _first(plain)
    if rule is None and not asked:
        return Conduct("injection", POLICY["injection"], True, "消息里只有指令，没有问题")
    earlier = next((t.content for t in reversed(history) if t.role == "user" and t.content.strip()), "")
    earlier = "" if has_instruction(earlier) else _plain(earlier)
    if rule is None and earlier and len(plain) <= SHORT and _GOES_ON.search(plain):
        rule = _first(f"{earlier}，{plain}")
        rule = rule if rule and rule.final and rule.kind != "distress" else None
    taken = _taken_for(plain, earlier, intent) if intent and not (rule and rule.final) else None
    if rule is None or (taken and taken.final):
        return taken
    return Conduct(rule.kind, POLICY[rule.policy], rule.final, f"行为规则：{rule.kind}/{rule.policy}")


def _taken_for(plain: str, earlier: str, intent: Intent) -> Conduct | None:
    """What is due for what a message is most likely taken for, by itself or after the customer's message before it: there
    only a fraud that goes on is told, beside the answer."""
    due = _due(intent(plain))
    if due is None and earlier:
        due = _due(intent(f"{earlier}，{plain}"))
        due = replace(due, text=POLICY[LEVELS["fraud"].note], final=False) if due and due.kind == "fraud" else None
    return due


def _due(shares: Mapping[str, float]) -> Conduct | None:
    label = max(LEVELS, key=lambda one: shares[one])
    level, sure = LEVELS[label], 1.0 - shares["normal"]
    why = f"意图模型：{label}（{sure:.2f}）"
    if sure >= SURELY:
        return Conduct(label, POLICY[level.policy], True, why, learnt=True)
    return Conduct(label, POLICY[level.note], False, why, learnt=True) if level.note and sure >= PROBABLY else None


def _first(plain: str) -> Rule | None:
    return next((rule for rule in _ORDER if rule.holds(plain)), None)


def _plain(text: str) -> str:
    """Normalised, without the blanks people put between Chinese characters."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", normalise(text)).strip().replace("\n", "，")
