"""Whether the evidence answers the question at all: a calibrated yes or no, and the words of a refusal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rag.answer.candidates import Rarity, matching_tokens
from rag.answer.doubts import doubts
from rag.answer.evidence import Evidence
from rag.answer.result import Citation
from rag.index.hit import Hit
from rag.index.search import NAMED

AT_ONCE = 0.40  # below this a question is refused
ASKED_FROM = 0.20  # from here on the student is asked before that, where its runtime says how surely it would decline
NOT_SAID = "现有资料没有回答这个问题。"
WHOM = "咨询人工客服"  # where the institution's own contact is not set
STUDENT_DECLINES = 0.50  # below this a student who says "the passages do not answer", but not how surely, is believed
DRAFT_FAILS = 0.44  # below this a draft that fails the checks means a refusal, above it the quotation answers

# With the reranker: logistic regression over the logit of its certainty and the doubts, answerable and unanswerable
# questions with equal weight, fitted on corpus.jsonl and knowledge.jsonl (483 + 110). Fitted on one half of them (by a
# hash of the question) the ROC area on the other is .926 and .939, the reranker's alone .898 and .913. Shares of the
# question's words that the evidence or the whole index lacks were tried and left out: customers use other words than
# documents, in questions that are answered as often as in others.
JUDGED_BIAS = -0.70
JUDGED_WEIGHTS = {"answers": 0.98, "kind": -3.0, "another": -3.14, "passing": -2.62}

# Weight of the student's doubt in logits; any from 0.5 to 1 does. Chosen on 1,704 questions of evaluate/questions, where the
# ROC area of those that reach the student (999) is .922 without its doubt and .945 with it.
DOUBTED = 0.7

# Without the reranker: logistic regression, fitted with equal weight on four development sets: bank-card FAQ and insurance clauses
# (each question with its gold passages found, and again with them taken away), and the two sets of evaluate/questions;
# over the bare embedder. The shipped adapter spreads cosines further: bare = 0.506 adapted + 0.484, by least squares over
# the best hits of knowledge.jsonl, is put in.
BIAS = -18.88
CUT = 0.07  # cosine that a question loses with the name of its product, which the search cuts off (mean of six)
WEIGHTS = {"cosine": 21.50, "coverage": 2.19, "gap": 0.83}

# Logits lost where no words of the documents can answer; too rare in the sets to be fitted.
FOREIGN = {"case": 8.0, "open": 5.0, "place": 4.0, "rule": 4.0, "year": 4.0, "personal": 4.0, "direction": 8.0, "matter": 2.0}
UNKNOWN = 4.0  # logits lost where the question names a product that no document knows; too rare in the sets to be fitted


def _judged(answers: float, against: dict[str, float]) -> float:
    """The reranker's probability (0…1) weighed with the doubts, as a logit."""
    values = {"answers": _logit(answers), **against}
    return (JUDGED_BIAS + sum(weight * values[name] for name, weight in JUDGED_WEIGHTS.items())
            - sum(lost * against[name] for name, lost in FOREIGN.items()))


def weighed(probability: float, declining: float) -> float:
    """The probability (0…1) that the passages answer, once the student has read them too.

    `declining` is the probability (0…1) that its answer would begin as a refusal does.
    """
    return 1.0 / (1.0 + math.exp(DOUBTED * _logit(declining, 1e-3) - _logit(probability)))


def _logit(probability: float, least: float = 1e-4) -> float:
    probability = min(max(probability, least), 1 - least)
    return math.log(probability / (1 - probability))


def features(question: str, hits: Sequence[Hit], rarity: Rarity) -> dict[str, float]:
    """What the decision rests on: cosine of the best passage, share of the question's words (by rarity) it holds, and
    how far it stands out from the last passage."""
    best = hits[0]
    asked = matching_tokens(question)
    weight = rarity(sorted(asked))
    held = matching_tokens("\n".join((best.title, *best.headings, best.text)))
    return {
        "cosine": best.parts.get("cosine", 0.0) + (CUT if best.parts.get("title", 0.0) >= NAMED else 0.0),
        "coverage": sum(weight[t] for t in asked if t in held) / (sum(weight.values()) or 1.0),
        "gap": best.score - hits[-1].score,
    }


def answerable(question: str, hits: Sequence[Hit], rarity: Rarity, evidence: Evidence, unknown: bool = False) -> float:
    """Probability (0…1) that the passages found answer the question: the reranker's, where it read them, less the doubts.

    `unknown`: the question names a product that no document knows.
    """
    if not hits or evidence.best is None:
        return 0.0
    if evidence.answers is not None:
        logit = _judged(evidence.answers, doubts(question, evidence, hits))
    else:
        logit = BIAS + sum(WEIGHTS[name] * value for name, value in features(question, hits, rarity).items())
    return 1.0 / (1.0 + math.exp(UNKNOWN * unknown - logit))


def refusal_text(citations: Sequence[Citation], unknown: str = "", rule: str = "", whom: str = WHOM) -> str:
    """What the customer reads: that the documents do not say, what is closest, and whom to ask. `unknown`: a name that no
    document has; `rule`: the first citation's words on how the asked value is set; `whom`: what to do to ask (拨打95000)."""
    if rule and not unknown:
        return f"{NOT_SAID}没有写明具体的值，只写了怎样确定：\n{citations[0].label}：{rule}\n具体的值请{whom}。"
    titles = list(dict.fromkeys(f"《{c.title}》" for c in citations))[:2]
    closest = f"最接近的内容见{'、'.join(titles)}。" if titles else ""
    if unknown:
        return f"现有资料里没有“{unknown}”。{closest}请核对名称再问，或{whom}。"
    return f"{NOT_SAID}{closest}请换个说法再问，或{whom}。"
