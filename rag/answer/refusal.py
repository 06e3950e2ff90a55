"""Whether the evidence answers the question at all: a calibrated yes or no, and the words of a refusal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rag.answer.evidence import Evidence
from rag.answer.result import Citation
from rag.index.hit import Hit

# Logistic regression on the development sets; see README, "Refusal". Order: bias, then the features below.
BIAS = -34.0
WEIGHTS = {"cosine": 36.0, "coverage": 4.0, "title": 1.5, "gap": 0.0}
THRESHOLD = 0.5


def features(hits: Sequence[Hit], evidence: Evidence) -> dict[str, float]:
    """What the decision rests on, each within 0…1."""
    top = hits[0] if hits else None
    return {
        "cosine": evidence.cosine,
        "coverage": evidence.coverage,
        "title": max((h.parts.get("title", 0.0) for h in hits), default=0.0),
        "gap": hits[0].score - hits[-1].score if top and len(hits) > 1 else 0.0,
    }


def answerable(hits: Sequence[Hit], evidence: Evidence) -> float:
    """Probability (0…1) that the evidence answers the question."""
    if not hits or evidence.best is None:
        return 0.0
    found = features(hits, evidence)
    return 1.0 / (1.0 + math.exp(-(BIAS + sum(WEIGHTS[name] * value for name, value in found.items()))))


def refusal_text(citations: Sequence[Citation]) -> str:
    """What the customer reads: that the documents do not say, what is closest, and whom to ask."""
    titles = list(dict.fromkeys(f"《{c.title}》" for c in citations))[:2]
    closest = f"最接近的内容见{'、'.join(titles)}。" if titles else ""
    return f"现有资料没有回答这个问题。{closest}请换个说法再问，或咨询人工客服。"
