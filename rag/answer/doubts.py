"""What speaks against the found evidence answering the question, beside how it reads: numbers for `refusal` to weigh.

An attribute whose word stands nowhere in the evidence, another product's document, a kind of value that is absent (a
person, a telephone number, a day), a year that the evidence does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import rjieba

from rag.answer.asked_kind import lacks_kind
from rag.answer.evidence import Evidence, Rarity
from rag.answer.result import Citation
from rag.index.hit import Hit
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.tokens import STOP_WORDS, bigrams, content_words

_ASKS_NOW = re.compile(r"今天|现在|目前|最近|上个?月|上周|昨天|这个月|本月|下个?月|明年|明天|后天|去年|今年|前十大")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d|版)")
_NOWHERE = "\0"  # a token that no piece holds


def doubts(question: str, hits: Sequence[Hit], evidence: Evidence, rarity: Rarity) -> dict[str, float]:
    """The doubts, each 0 (none) … 1; `evidence` must hold something.

    missing: share by rarity of the question's words that the first citation, its title and headings do not hold; rarest:
    the rarest of them, against a word that stands nowhere; pairs: the same share of character pairs; strange: how much
    better another document is named than the evidence's own; nouns: the share of the question's nouns that is missing; another: it is another number of
    a series (第6期 for 第5期); kind: the kind of value asked for is not there; year: a year
    asked for is not there; passing: what is asked changes from day to day (现在, 去年) and the words do not say so.
    """
    first = evidence.citations[0]
    around = normalise("\n".join((first.title, first.edition, *first.headings, first.text)))
    words = [w for w in content_words(question) if not w.isdigit()]
    pairs = sorted(set(bigrams(question)))
    weight = rarity([*words, *pairs, _NOWHERE])
    most = weight[_NOWHERE] or 1.0
    lacking = [weight[w] for w in words if w not in around]
    nouns = {w: weight.get(w, most) for w, tag in rjieba.tag(normalise(question))
             if len(w) > 1 and tag[:1] in ("n", "e") and w not in STOP_WORDS}
    held = set(bigrams(around))
    titles = {hit.source: hit.parts.get("title", 0.0) for hit in reversed(hits)}
    passing = _ASKS_NOW.search(question)
    return {
        "missing": sum(lacking) / (sum(weight[w] for w in words) or 1.0),
        "rarest": max(lacking, default=0.0) / most,
        "nouns": sum(v for w, v in nouns.items() if w not in around) / (sum(nouns.values()) or 1.0),
        "another": float(_another(normalise(question), first, around)),
        "pairs": sum(weight[g] for g in pairs if g not in held) / (sum(weight[g] for g in pairs) or 1.0),
        "strange": max(0.0, max(titles.values(), default=0.0) - titles.get(first.source, 0.0)),
        "kind": lacks_kind(question, "\n".join(u.plain for u in (evidence.best, evidence.also) if u)) / 2,
        "year": float(any(year not in around for year in _YEAR.findall(normalise(question)))),
        "passing": float(bool(passing) and passing.group() not in around),
    }


def _another(question: str, first: Citation, around: str) -> bool:
    """Whether the evidence is of another number of a series: 第6期 is asked, its title says 第5期 (180天, 2055 …)."""
    titles = find_figures(" ".join((first.title, *first.headings[-1:], first.text.split("\n")[-1])))
    for figure in find_figures(question):
        if figure.kind not in ("ordinal", "duration", "bare", "count") or figure.raw in around:
            continue
        behind = question[figure.end : figure.end + 1]
        series = figure.kind in ("ordinal", "bare") or behind in ("期", "持", "定", "款")
        if series and any(t.unit == figure.unit and t.kind == figure.kind and t.value != figure.value for t in titles):
            return True
    return False
