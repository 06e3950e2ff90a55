"""A document to pieces small enough to find, whole enough to be quoted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.documents.blocks import Block, blocks_of, family_of
from rag.documents.cut import cut_table, cut_text
from rag.documents.document import Chunk, Document
from rag.documents.lines import without_space
from rag.documents.outline import Section, sections_of
from rag.text.normalise import simplified

_CAPTION = re.compile(
    r"^(?:续?\s*[附图]?表|单位|币种|[（(]\s*(?:单位|每|币种|金额)|.{0,40}(?:费率|利率|收费|金额|比例|价值|标准|明细|一览|对照|清单)表?\S{0,12}$|性别|方案)"
)


_UNIT = re.compile(r"[（(]?\s*(?:单位|币种|金额单位)")
_BASIS = re.compile(r"[（(]?\s*(?:单位|币种|金额单位)|[（(]\s*每")
_NO_TITLE = re.compile(r"[，。；：、,;:？?！!]$|^注[:：]|^[答A][:：]|^(?:[A-Za-z]{1,3}\d\w?|\$[^$]*\$)\s*[:：]")  # M1：… explains a sign


@dataclass(frozen=True)
class Piece:
    text: str
    page: int | None
    page_end: int | None
    kind: str = "text"


def split_document(document: Document, max_chars: int = 360) -> list[Chunk]:
    """Pieces in reading order, about `max_chars` characters at most (tables half as much again).

    One clause is one piece where it fits; two clauses, or two questions with their answers, are never one. A list's
    opening words stand before each part of the list; a table's caption and header row before each part of the table.
    Every character of the text, headings apart, is in at least one piece.
    """
    chunks: list[Chunk] = []
    for section in sections_of(blocks_of(document), document.title):
        for piece in _pieces(section, max_chars):
            path = section.path[:1] if piece.kind == "note" else section.path
            if piece.kind == "table":
                path = tuple(_in_full(name, document.title) for name in path)
            chunks.append(
                Chunk(
                    piece.text,
                    path,
                    piece.page,
                    piece.page_end,
                    "table" if piece.kind == "table" else "text",
                    len(chunks),
                )
            )
    return chunks


def _pieces(section: Section, limit: int) -> list[Piece]:
    made: list[Piece] = []
    notes: list[Piece] = []
    run: list[Block] = []
    lead = section.own.text if section.question and section.own is not None else ""
    basis: list[str] = []  # 单位：元, （每1000元保险费）: said over the first of several tables, meant for all

    def flush() -> None:
        if run:
            made.extend(_text_pieces(run, limit, lead))
            run.clear()

    for block in section.blocks:
        if block.kind == "table":
            captions = _captions(run)
            held = run[len(run) - len(captions) :] if captions and not captions[-1].endswith(("：", ":")) else []
            del run[len(run) - len(held) :]
            if run and not held:
                basis.clear()  # text between them: what stood over the table before is not meant for this one
            said = [text for text in captions if _BASIS.match(simplified(text))]
            missing = [text for text in basis if not any(_sort_of(text) == _sort_of(other) for other in said)]
            basis[:] = [*missing, *said]
            captions = [*missing, *captions]
            flush()
            if lead:
                captions = [lead, *captions]
            for part in cut_table(block.text, captions, limit):
                first, last = block.pages_of(part.first, part.last)
                made.append(Piece(part.text, held[0].page if held and part.first == 0 else first, last, "table"))
        elif block.kind == "note":
            # a footnote explains one term: a piece of its own, no part of the clause it stands under
            notes.extend(Piece(text, block.page, block.page_end, "note") for text in cut_text([block.text], limit))
        else:
            run.append(block)
    flush()
    return [*made, *notes]


def _in_full(heading: str, title: str) -> str:
    """费率表 over the tables of 某某终身寿险费率表 is the end of a title set in two lines: the rates are those of that product."""
    words = without_space(heading)
    return title if 2 <= len(words) < len(title) <= 60 and without_space(title).endswith(words) else heading


def _sort_of(text: str) -> bool:
    """Whether it says per how much the figures are (每…), or in what unit."""
    return text.lstrip("（( ").startswith("每")


def _captions(run: list[Block]) -> list[str]:
    """The lines straight above a table that belong to it: caption, unit, and the words that introduce it."""
    found: list[str] = []
    for block in reversed(run[-4:]):
        text = simplified(block.text)
        if text.endswith(("：", ":")) and not found and len(text) <= 160 and not re.match("注[:：]", text):
            return [block.text]
        named = _CAPTION.match(text) and len(text) <= 60
        # a short line without a full stop, straight above the table or above its unit, is its name
        titled = len(text) <= 30 and all(_UNIT.match(simplified(other)) for other in found) and not _NO_TITLE.search(text)
        if text.endswith(("。", "；")) or not (named or titled):
            break
        found.insert(0, block.text)
    return found


def _text_pieces(run: list[Block], limit: int, lead: str = "") -> list[Piece]:
    """Consecutive text blocks packed into pieces; where a list is cut, its opening words come again."""
    units: list[tuple[str, str, Block]] = []  # (repeated opening words, own words, block)
    opening: list[tuple[str, str, int]] = []  # (family of the items, words, depth) from outside inwards
    for block in run:
        family = block.family or family_of(block.text)[0]
        if family:
            level = next((index for index, entry in enumerate(opening) if entry[0] in (family, "")), None)
            if level is not None:
                opening[level] = (family, opening[level][1], level)
                del opening[level + 1 :]
            repeated = "\n".join(entry[1] for entry in opening)
        else:
            if not (opening and opening[-1][0] == ""):
                opening.clear()
            repeated = ""
            opening.clear()
        units.append((repeated, block.text, block))
        if block.text.endswith(("：", ":")):
            opening.append(("", _opening_words(block.text), len(opening)))
    made: list[Piece] = []
    words, first, last = (lead, None, None) if lead else ("", None, None)
    for repeated, text, block in units:
        if words and len(words) + 1 + len(text) > limit and first is not None:
            made.append(Piece(words, first, last))
            words, first, last = "", None, None
        head = words or (f"{lead}\n{repeated}".strip("\n") if lead else repeated)
        if len(head) + 1 + len(text) <= limit:
            words = f"{head}\n{text}" if head else text
            first, last = (block.page if first is None else first), block.page_end
            if first is None:
                first = _NO_PAGE
            continue
        parts = cut_text([text], max(limit - len(head) - 1, limit // 2))
        for index, part in enumerate(parts):
            whole = f"{head}\n{part}" if head and (index == 0 or head != words) else part
            if index + 1 < len(parts):
                made.append(Piece(whole, block.page if first in (None, _NO_PAGE) else first, block.page_end))
                first = None
            else:
                words, first, last = whole, block.page if block.page is not None else _NO_PAGE, block.page_end
    if words and first is not None:
        made.append(Piece(words, first, last))
    made = [
        Piece(piece.text, None if piece.page == _NO_PAGE else piece.page, piece.page_end, piece.kind) for piece in made
    ]
    return _balanced(made, limit)


_NO_PAGE = -1


def _opening_words(text: str) -> str:
    """The sentence that opens a list; of a long paragraph only its last sentence."""
    if len(text) <= 120:
        return text
    sentences = [part for part in re.split(r"(?<=[。；！？])", text) if part]
    return sentences[-1] if len(sentences[-1]) <= 120 else sentences[-1][-120:].split("，", 1)[-1]


def _balanced(pieces: list[Piece], limit: int) -> list[Piece]:
    """A last scrap too short to be found by itself joins the piece before it."""
    if len(pieces) > 1 and len(pieces[-1].text) < 50 and len(pieces[-2].text) + len(pieces[-1].text) < 1.2 * limit:
        last = pieces.pop()
        before = pieces.pop()
        pieces.append(Piece(f"{before.text}\n{last.text}", before.page, last.page_end))
    return pieces
