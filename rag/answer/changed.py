"""A later notice has changed the figure that is quoted (由0.5%调整为0.45%): the answer tells the notice first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from rag.answer.compose import Found, Words, first_cited
from rag.answer.marks import unmarked
from rag.answer.quotation import quotation, quoted
from rag.answer.result import Citation
from rag.index.asked import asked_time
from rag.index.changes import NoticedChange
from rag.index.hit import Hit
from rag.index.search import Searcher
from rag.index.view import View
from rag.text.figures import find_figures
from rag.text.tokens import content_words

# share of its words, of the changed thing's own and of all before the figure, or of the last clause of its own, that the
# quotation is about
OWN, WHOLE, LAST = 0.5, 0.4, 0.8
AT_MOST = 3  # times a figure may have been changed


def changed(words: Words, found: Found, searcher: Searcher) -> Words:
    """The words of an answer with the later notices that changed their figure: before it where they hold at the time asked
    about, behind it where they will."""
    if words.refused or words.kind == "calculation" or found.evidence.best is None or found.compared:
        return words
    view, hit = searcher.view(), first_cited(found.hits, words.citations)
    if hit is None or found.evidence.citations[:1] != words.citations[:1]:
        return words
    today = searcher.today()
    asked = asked_time(found.asked, today)
    then = asked.span.last if asked.span else today
    citations, done, to_come = [*words.citations], [], []
    for one in _since(words.text, found, hit, searcher.changes(), view):
        if one.begins and then < one.begins <= today:  # not yet so at the time asked about
            break
        cited = next((c for c in citations if one.change.unit.text in c.text), None)
        if cited is None:
            citations.append(cited := _cited(one, len(citations) + 1, view, today))
        said = f"{quotation(one.change.unit, found.asked)}[{cited.number}]"
        (to_come if one.begins and one.begins > then else done).append(said)
    if not done and not to_come:
        return words
    text, notes = words.text, [*words.notes]
    if done:
        text = "\n".join((f"已有变更：{done[0]}", *done[1:], f"变更前：{quoted(found.evidence, found.asked)[0]}"))
        notes.append("所引数字已有变更")
    if to_come:
        text = "\n".join((text, f"请注意，以后有变更：{to_come[0]}", *to_come[1:]))
        notes.append("所引数字以后有变更")
    return replace(words, text=text, citations=tuple(citations), notes=tuple(notes), kind="quote" if done else words.kind)


def _cited(one: NoticedChange, number: int, view: View, today: date) -> Citation:
    source, *also = view.facts.sources(one.version, None)
    return Citation(number, source, view.facts.titles[one.version], one.change.unit.text, one.page, one.headings,
                    view.facts.editions.edition(one.version, today), tuple(also))


def _since(told: str, found: Found, hit: Hit, changes: tuple[NoticedChange, ...], view: View) -> Iterator[NoticedChange]:
    """The change of a figure that is quoted, then the change of that one, oldest first; none that the answer tells."""
    best = found.evidence.best
    told = f"{unmarked(told)}\n{best.text}"
    figures = find_figures(quotation(best, found.asked))
    about = {*content_words("\n".join((found.asked, hit.title, *hit.headings, best.text)))}
    version = view.version_of_piece.get(hit.chunk_id, "")
    of = {version}
    if not view.facts.products.get(version):  # a notice: of the products that its words name
        of.update(key for keys in view.facts.called.said("\n".join((*hit.headings, best.text))).values() for key in keys)
    since: date | None = view.facts.editions.start(version)
    for _ in range(AT_MOST):
        later = [one for one in changes if one.change.unit.text not in told and one.change.changes(figures)
                 and not (since and one.begins and one.begins <= since) and _of_this(one, of, about)]
        if not later:
            return
        one = min(later, key=lambda one: one.begins or date.max)
        yield one
        figures, since = find_figures(one.change.new), one.begins
        told += f"\n{one.change.unit.text}"


def _of_this(one: NoticedChange, of: set[str], about: set[str]) -> bool:
    """Whether a change is of the thing that is quoted: of one of these versions, if any is named, and in its words."""
    if one.named and not of & set(one.named):
        return False
    before = one.change.unit.plain.partition(one.change.old)[0]
    last = re.split("[，,；;]", one.change.subject)[-1]  # 经与托管人协商一致，自9月22日起，C类份额的销售服务费
    return (_share(one.change.subject, about) >= OWN and _share(before, about) >= WHOLE) or _share(last, about) >= LAST


def _share(words: str, about: set[str]) -> float:
    own = {word for word in content_words(words) if not any(c.isdigit() for c in word)}
    return len(own & about) / len(own) if own else 0.0
