"""The [n] behind each sentence of a conclusion: the citation it stands on. What claims nothing (是的。请咨询网点。) has none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.result import Citation
from rag.text.figures import unsupported
from rag.text.tokens import STOP_WORDS, bigrams

_MARK = re.compile(r"\[\d{1,2}\]")
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]?")
_SIGNS = re.compile(r"\W")
_END = re.compile(r"[。！；;!，,\s]*$")
_NO_CLAIM = re.compile(
    r"(?:是|对|不|否|会|能|可以|可|需要|要|有|没有|无|算|保|赔|报销|属于|行|的|用)*|.*[？?：:]|(?:具体|详情|其他|更多).{0,12}(?:为准|咨询|核实|联系|查看).*|"
    r"(?:如|若)有(?:疑问|需要|问题)[^。]{0,4}(?:请|可).*|(?:建议|请)(?:您|你)?(?:再|先|另行|及时)?(?:咨询|联系|询问|核实|拨打|致电|换个说法|留意|注意)[^\d]*|(?:您好|感谢|谢谢|温馨提示).{0,10}")


def unmarked(text: str) -> str:
    """The text without its marks."""
    return _MARK.sub("", text)


def claims(sentence: str) -> bool:
    """Whether a sentence says anything that would need a source."""
    words = _END.sub("", sentence.strip())
    return len(_SIGNS.sub("", words)) > 1 and not _NO_CLAIM.fullmatch(words)


def marked(words: str, citations: Sequence[Citation], first: Sequence[int], question: str) -> str:
    """The words, each sentence that claims something with the number of the citation it stands on before its full stop.

    `first`: the numbers of those it was checked against. Of them the one that holds all of a sentence's figures and shares
    most of its words; another only where none of them holds the figures.
    """
    checked = [c for number in dict.fromkeys(first) for c in citations if c.number == number]
    others = [c for c in citations if c not in checked]
    return _SENTENCE.sub(lambda found: _with_mark(found[0], checked, others, question), words) if checked else words


def _with_mark(sentence: str, checked: Sequence[Citation], others: Sequence[Citation], question: str) -> str:
    if not claims(sentence) or _MARK.search(sentence):
        return sentence
    end = _END.search(sentence).start()
    return f"{sentence[:end]}[{_ground(sentence, checked, others, question).number}]{sentence[end:]}"


def _ground(sentence: str, checked: Sequence[Citation], others: Sequence[Citation], question: str) -> Citation:
    """The citation a sentence stands on."""
    if len(checked) == 1 and not others:
        return checked[0]
    pairs = {pair for pair in bigrams(sentence) if pair not in STOP_WORDS}
    for some in (checked, others):
        texts = {c.number: "\n".join((c.title, *c.headings, c.text)) for c in some}
        holding = [c for c in some if not unsupported(sentence, [texts[c.number]], question, strict=False)]
        if holding:
            return max(holding, key=lambda c: len(pairs & set(bigrams(texts[c.number]))))
    return checked[0]
