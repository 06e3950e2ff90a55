"""Answers as Telegram messages: text plus entities, cut so that each fits Telegram's 4096 UTF-16 units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from telegram import MessageEntity
from telegramify_markdown import RenderConfig, convert, split_entities, utf16_len
from telegramify_markdown.entity import MessageEntity as Span

from bot.texts import Texts
from rag.answer.result import Answer, Citation

MESSAGE_UNITS = 4096
LONG_QUOTE = 300  # units from which a quotation is folded until tapped
PREVIEW_QUOTE = 160
SAME_WORDS = 8  # characters; fewer in a row may be the same by chance

_CONFIG = RenderConfig.isolated()
for _level in range(1, 5):
    setattr(_CONFIG.markdown_symbol, f"heading_level_{_level}", "")
_CONFIG.markdown_symbol.unordered_list_item = "•"


@dataclass(frozen=True)
class Piece:
    """One message: at most 4096 UTF-16 units, never blank."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


class _Writer:
    """Collects text and the entities over it; offsets in UTF-16 units."""

    def __init__(self) -> None:
        self.text = ""
        self.spans: list[Span] = []

    def add(self, text: str, kind: str | None = None, **extra: str) -> _Writer:
        if kind and text:
            self.spans.append(Span(kind, utf16_len(self.text), utf16_len(text), **extra))
        self.text += text
        return self

    def add_markdown(self, markdown: str) -> _Writer:
        text, spans = _unmarked(*convert(_keep_signs(markdown), latex_escape=False, config=_CONFIG))
        text, shift = text.rstrip(), utf16_len(self.text)
        end = utf16_len(text)
        for span in spans:
            length = min(span.length, end - span.offset)
            if length > 0:
                self.spans.append(span.copy_with(offset=span.offset + shift, length=length))
        self.text += text
        return self

    def pieces(self) -> list[Piece]:
        return [_trimmed(text, spans) for text, spans in split_entities(self.text, self.spans, MESSAGE_UNITS)]


def _trimmed(text: str, spans: Sequence[Span]) -> Piece:
    """Telegram drops outer white space and shifts nothing for us; do it here so that entities stay on their words."""
    lead = utf16_len(text) - utf16_len(text.lstrip())
    text = text.strip()
    end, entities = utf16_len(text), []
    for span in sorted(spans, key=lambda span: (span.offset, -span.length)):
        start, stop = max(0, span.offset - lead), min(end, span.offset - lead + span.length)
        if stop > start:
            entities.append(MessageEntity(type=span.type, offset=start, length=stop - start, url=span.url,
                                          language=span.language))
    return Piece(text, tuple(entities))


# Signs that Markdown would swallow but that mean something in a sentence about money:
# 保额*费率*年数, 年龄<18, a||b, 1~2年, and [1] at the start of a line.
_SIGNS = (
    (re.compile(r"(?<![*\\])\*(?!\*)(?=\S)"), r"\\*"),
    (re.compile(r"\[(\d+)\]"), r"\[\1\]"),
    (re.compile(r"<"), "&lt;"),
    (re.compile(r"[_~|](?=[_~|])|[_~]"), r"\\\g<0>"),
    (re.compile(r"^[ \t]{4,}(?=[^\s\-*+\d])", re.MULTILINE), ""),  # an indent is no code
    (re.compile(r"(?<=[^\n|])\n(?=-{3,}\s*$|={3,}\s*$)", re.MULTILINE), "\n\n"),  # a rule makes no heading
)
# Markdown's bold fails beside Chinese punctuation (的**“重疾”**是), so it travels through the converter as two
# characters of the private use area and is found again afterwards.
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_OPEN, _CLOSE = "\ue000", "\ue001"


def _keep_signs(markdown: str) -> str:
    """Escape what is not meant as Markdown. Headings, lists, tables, quotes and code stay; bold becomes marks."""
    parts = re.split(r"(`[^`\n]+`)", markdown.replace(_OPEN, "").replace(_CLOSE, ""))
    for number in range(0, len(parts), 2):
        for pattern, plain in _SIGNS:
            parts[number] = pattern.sub(plain, parts[number])
        parts[number] = _BOLD.sub(rf"{_OPEN}\1{_CLOSE}", parts[number])
    return "".join(parts)


def _unmarked(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """Take the bold marks out of the text, make them entities, and move the others to where their words are now."""
    clean, bold, since, gone = [], [], 0, [0]  # gone[i]: marks before UTF-16 unit i
    units = 0
    for character in text:
        if character in (_OPEN, _CLOSE):
            gone.append(gone[-1] + 1)
            if character == _OPEN:
                since = units
            elif units > since:
                bold.append(Span("bold", since, units - since))
            continue
        clean.append(character)
        width = utf16_len(character)
        units += width
        gone.extend([gone[-1]] * width)
    moved = []
    for span in spans:
        start, end = span.offset - gone[span.offset], span.offset + span.length - gone[span.offset + span.length]
        if end > start:
            moved.append(span.copy_with(offset=start, length=end - start))
    taken = [(s.offset, s.offset + s.length) for s in moved if s.type in ("bold", "pre", "code")]  # no bold inside these
    bold = [b for b in bold if not any(start < b.offset + b.length and b.offset < end for start, end in taken)]
    return "".join(clean), moved + bold


def render_markdown(markdown: str) -> list[Piece]:
    return _Writer().add_markdown(markdown).pieces()


def cite_label(citation: Citation, texts: Texts) -> str:
    """《title》 heading path · page, in the reader's language, and the edition."""
    parts = [f"《{citation.title}》", *citation.headings[-2:]]
    if citation.page is not None:
        parts.append(texts.page.format(page=citation.page))
    return " ".join(parts) + (f"（{citation.edition}）" if citation.edition else "")


def render_answer(answer: Answer, texts: Texts) -> list[Piece]:
    """The checked answer, then the numbered list of where it stands (of what comes nearest, unless a refusal that
    named it already)."""
    writer = _Writer().add_markdown(answer.answer)
    named = answer.refused and all(f"《{c.title}》" in answer.answer for c in answer.citations)
    if answer.citations and not named:
        writer.add("\n\n").add(texts.nearest if answer.refused else texts.sources, "bold")
        for citation in answer.citations:
            writer.add(f"\n[{citation.number}] {cite_label(citation, texts)}")
    return writer.pieces()


def render_sources(citations: Sequence[Citation], texts: Texts, said: str = "") -> list[Piece]:
    """The exact words, each under its title, headings and page. Tables keep their columns in a fixed-width block.

    What the answer `said` in the very same words stands out in bold. Short quotations share a message; a long one goes on in the next, under its title again.
    """
    messages, writer = [], _Writer()
    for citation in citations:
        label, words = f"[{citation.number}] {cite_label(citation, texts)}", citation.text.strip()
        if re.search(r"^\s*\|.*\|\s*$", words, re.MULTILINE):
            kind = "pre"
        else:
            kind = "expandable_blockquote" if utf16_len(words) > LONG_QUOTE else "blockquote"
        for part in _cut(words, MESSAGE_UNITS - utf16_len(label) - 8):
            if writer.text and utf16_len(writer.text + label + part) + 8 > MESSAGE_UNITS:
                messages.append(writer)
                writer = _Writer()
            writer.add("\n\n" if writer.text else "").add(label, "bold").add("\n")
            start, length = _same_words(part, said) if kind != "pre" else (0, 0)
            if length:
                writer.spans.append(Span("bold", utf16_len(writer.text + part[:start]),
                                         utf16_len(part[start:start + length])))
            writer.add(part, kind)
    return [piece for full in [*messages, writer] for piece in full.pieces()]


def _same_words(words: str, said: str) -> tuple[int, int]:
    """Start and length of the longest run of `words` that `said` repeats; length 0 where it is too short to matter."""
    run = SequenceMatcher(None, words, said, autojunk=False).find_longest_match()
    return (run.a, run.size) if SAME_WORDS <= run.size < len(words) else (0, 0)


def _cut(words: str, units: int) -> list[str]:
    """Parts of at most `units` UTF-16 units, cut after a line or a sentence where there is one in the second half."""
    parts = []
    while utf16_len(words) > units:
        size = len(words.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore"))
        ends = [words.rfind(mark, size // 2, size) + 1 for mark in ("\n", "。")]
        size = max(ends) or size
        parts.append(words[:size])
        words = words[size:]
    return [*parts, words]


def render_preview(evidence: Sequence[Citation], draft: str, texts: Texts) -> Piece:
    """What is shown while the student speaks: the evidence first, then the unchecked draft. Always one message."""
    writer = _Writer()
    if evidence:
        first = evidence[0]
        quote = first.text.strip()
        quote = quote if len(quote) <= PREVIEW_QUOTE else quote[: PREVIEW_QUOTE - 1] + "…"
        writer.add(texts.evidence, "bold").add(f"{cite_label(first, texts)}\n").add(quote, "blockquote")
    if draft.strip():
        writer.add("\n\n" if writer.text else "").add_markdown(draft.strip())
    elif not evidence:
        writer.add(texts.looking)
    pieces = writer.pieces()
    return pieces[-1] if pieces else Piece(texts.looking)
