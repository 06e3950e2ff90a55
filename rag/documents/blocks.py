"""Lines of a document to blocks, tables whole, and which of the lines are headings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.documents.document import Document
from rag.documents.lines import ends_sentence, join, starts_item, without_space
from rag.text.normalise import simplified

_N = "一二三四五六七八九十百千零〇两"

# (family, pattern). A family's members are siblings; `dot` has a depth of its own.
_FAMILIES = [
    (family, re.compile(pattern))
    for family, pattern in (
        ("公告", rf"【(?:公告|通知|通告)[{_N}\d]{{1,3}}】(?=\S)|(?:公告|通知|通告)\s?[〔\[（(](?:19|20)\d\d[〕\]）)]\s?第?\s?\d+\s?号(?=\s)"),
        ("编", rf"第[{_N}\d]+编(?:\s|$|[\u4e00-\u9fff])"),
        ("部分", rf"第[{_N}\d]+部分"),
        ("章", rf"第[{_N}\d]+章"),
        ("节", rf"第[{_N}\d]+节"),
        ("条", rf"第[{_N}\d]+条(?:之[{_N}])?(?=\s|$|[\u4e00-\u9fff【《“])"),
        ("附", rf"附[件录表](?:[{_N}\d]+)?(?=\s|[:：]|$)"),
        ("一", rf"[{_N}]+、"),
        ("（一）", rf"[（(][{_N}]+[）)]"),
        (
            "dot",
            r"(?:[1-9]|[12]\d)(?:[.．][1-9]\d?){1,4}[.．]?(?=\s+[^\d\s-]|[\u4e00-\u9fff【（A-Za-z])|[1-9]\d?(?=\s+[\u4e00-\u9fff])",
        ),
        ("1", r"\d{1,3}(?:[、．]|[.](?!\d))"),
        ("(1)", r"[（(]\d{1,3}[）)]|\d{1,3}[)）]"),
        ("①", r"[①-⑳]"),
    )
]
_LONGEST_NUMBER = 40  # and what must stand after it
_QUESTION = re.compile(r"(?:\*\*)?\s*(?:问|問|Q|q|问题|問題)\s*\d*\s*[:：.、]\s*\S|.{4,60}[？?](?:\*\*)?$")
_ASKED = re.compile(r"(?:\*\*)?\s*(?:问|問|Q|q|问题|問題)\s*\d*\s*[:：.、]\s*\S")
TABLE_LINE = re.compile(r"\s*\|.*\|\s*$")
FOOTNOTE = re.compile(r"\[\^([^\]]*)\]:\s*")


@dataclass(frozen=True)
class Block:
    """`kind`: "head" (`mark` number of #, 0 when known by its number only), "text", "table", "note"."""

    kind: str
    text: str
    page: int | None
    page_end: int | None
    family: str = ""
    depth: int = 0
    mark: int = 0
    row_pages: tuple[int | None, ...] = ()  # of a table over several pages: the page of each body row

    def pages_of(self, first: int, last: int) -> tuple[int | None, int | None]:
        """The pages of body rows `first` to `last` of a table."""
        if not self.row_pages:
            return self.page, self.page_end
        return self.row_pages[first], self.row_pages[last]


def family_of(text: str) -> tuple[str, int, str]:
    """(family, depth, label) of the number that opens `text`; empty where there is none."""
    opening = simplified(text[:_LONGEST_NUMBER])
    for family, pattern in _FAMILIES:
        if match := pattern.match(opening):
            label = text[: match.end()]
            depth = len(re.findall(r"\d+", label)) if family == "dot" else 0
            return family, depth, label.strip()
    return "", 0, ""


def is_question(text: str) -> bool:
    return bool(_QUESTION.match(text))


def asks(text: str) -> bool:
    """A line that says it is a question (问：…)."""
    return bool(_ASKED.match(text))


def blocks_of(document: Document) -> list[Block]:
    """Every line as one block, tables whole; a sentence that runs over a page end joined; headings recognised."""
    raw: list[Block] = []
    for page in document.pages:
        fresh = True  # the next text block is the first one of its page
        lines = page.text.split("\n")
        index = 0
        while index < len(lines):
            line = lines[index].strip()
            if not line:
                index += 1
                continue
            if TABLE_LINE.match(line) and index + 1 < len(lines) and TABLE_LINE.match(lines[index + 1].strip()):
                end = index
                while end < len(lines) and TABLE_LINE.match(lines[end].strip()):
                    end += 1
                table = Block("table", "\n".join(part.strip() for part in lines[index:end]), page.number, page.number)
                if not _joined_table(raw, table):
                    raw.append(table)
                index, fresh = end, False
                continue
            index += 1
            if match := FOOTNOTE.match(line):
                note = line[match.end() :]
                if not match[1] and raw and raw[-1].kind == "note":
                    raw[-1] = replace(raw[-1], text=f"{raw[-1].text}\n{note}")
                else:
                    raw.append(Block("note", note, page.number, page.number))
            elif match := re.match(r"(#{1,6})\s+(.*?)\s*#*$", line):
                text = re.sub(r"\*\*|__", "", match[2]).strip()
                if text:
                    family, depth, _ = family_of(text)
                    raw.append(Block("head", text, page.number, page.number, family, depth, len(match[1])))
                fresh = False
            else:
                text = re.sub(r"\*\*(.+?)\*\*", r"\1", re.sub(r"^>\s*", "", line))
                tail = _open_tail(raw, page.number) if fresh else None
                fresh = False
                if tail is not None and not starts_item(text) and family_of(text)[0] == "":
                    raw[tail] = replace(raw[tail], text=join(raw[tail].text, text), page_end=page.number)
                elif text and raw and _broken_off(raw[-1], text):
                    raw[-1] = replace(raw[-1], text=join(raw[-1].text, text), page_end=page.number)
                elif text:
                    raw.append(Block("text", text, page.number, page.number))
    return _recognised(raw)


# 续表3, 表3（续）: the table below began on an earlier page
CONTINUED = re.compile(
    r"(?:#+\s*)?(?:[（(]?(?:接|续)上?\s*附?表.{0,30}|附?表.{0,40}[（(]续(?:上?表)?[）)]|[（(]续[）)])"
)


def _joined_table(raw: list[Block], table: Block) -> bool:
    """Put the rows of `table` under the last table of `raw` where both are one, cut by a page end.

    They are when they have one header and nothing stands between them but footnotes, 续表 and a repeated caption.
    """
    index = len(raw) - 1
    between: list[str] = []
    while index >= 0 and raw[index].kind != "table" and len(between) < 4:
        if raw[index].kind != "note":
            between.append(raw[index].text)
        index -= 1
    if index < 0 or raw[index].kind != "table" or table.page is None or raw[index].page_end != table.page - 1:
        return False
    above = raw[index]
    captions = {without_space(block.text) for block in raw[max(0, index - 3) : index]}
    if not all(CONTINUED.fullmatch(text) or without_space(text) in captions for text in between):
        return False
    old, new = above.text.split("\n"), table.text.split("\n")
    if without_space(old[0]) != without_space(new[0]) or len(old) < 2 or old[1] != new[1]:
        return False
    pages = above.row_pages or (above.page,) * (len(old) - 2)
    raw[index:] = [
        replace(
            above,
            text="\n".join([*old, *new[2:]]),
            page_end=table.page,
            row_pages=(*pages, *[table.page] * (len(new) - 2)),
        ),
        *[block for block in raw[index + 1 :] if block.kind == "note"],
    ]
    return True


def _broken_off(block: Block, text: str) -> bool:
    """A long paragraph that stops within a sentence goes on in the next line (a table's cell cut by a page end)."""
    return (
        block.kind == "text"
        and len(block.text) >= 60
        and bool(re.search(r"[\u4e00-\u9fff，]$", block.text))
        and bool(re.match(r"[\u4e00-\u9fff，、]", text))
        and not family_of(text)[0]
        and not starts_item(text)
        and len(text) >= 8
        and text[-1] in "。；：，"
    )


def _open_tail(raw: list[Block], page: int | None) -> int | None:
    """The text block at the end of the page before, where its sentence is not finished (its notes come after it)."""
    index = len(raw) - 1
    while index >= 0 and raw[index].kind == "note" and raw[index].page != page:
        index -= 1
    if index < 0 or raw[index].kind != "text" or raw[index].page_end == page or page is None:
        return None
    text = raw[index].text
    return index if len(text) >= 15 and not ends_sentence(text) and not text.endswith((".", "）", ")")) else None


def _recognised(raw: list[Block]) -> list[Block]:
    """Plain lines that are headings by their number: short, titled, without a full stop, and with a body below."""
    made = list(raw)
    for index, block in enumerate(raw):
        if block.kind != "text":
            continue
        family, depth, label = family_of(block.text)
        if not family:
            continue
        made[index] = replace(block, family=family, depth=depth)
        rest = block.text[len(label) :].strip()
        short = len(without_space(rest)) <= 32 and not block.text.endswith(
            ("。", "；", ";", "，", "：", ":", "、", "！", ".", ",", "以及", "或", "或者", "及", "和")
        )
        if family == "公告":  # one of several notices in a file, by its title
            if short and rest:
                made[index] = replace(made[index], kind="head")
        elif family in ("编", "部分", "章", "节", "附"):
            if (
                short
                and (family == "附" or not re.match("[：:》”、，—]", rest))
                and rest.count("《") == rest.count("》")
            ):
                made[index] = replace(made[index], kind="head")
        elif family == "条":
            if short and len(rest) <= 24 and (_has_body(raw, index) or not rest):
                made[index] = replace(made[index], kind="head")
        elif short and rest and "。" not in rest and "|" not in rest and _has_body(raw, index):
            limit = 30 if family in ("一", "dot") else 22
            if len(without_space(rest)) <= limit and not (family == "dot" and depth == 1 and _is_amount(rest)):
                made[index] = replace(made[index], kind="head")
    return _without_lists(made)


def _is_amount(rest: str) -> bool:
    """`5 年`, `60 周岁`: a figure that begins a broken line, not a clause number."""
    return bool(re.match(r"(?:年|月|日|天|元|万|亿|周?岁|个|次|倍|级|名|家|期|号|楼|层|室|股)", rest))


def _has_body(raw: list[Block], index: int) -> bool:
    if index + 1 >= len(raw) or raw[index + 1].kind not in ("text", "table", "note"):
        return False
    return not re.fullmatch(r"[-\d.,%％\s—/]*", raw[index + 1].text)


def _without_lists(blocks: list[Block]) -> list[Block]:
    """A run of short numbered lines, one straight after the other, is a list and not a row of headings."""
    made = list(blocks)
    for index, block in enumerate(blocks):
        if block.kind != "head" or block.mark or block.family not in ("一", "（一）", "dot", "1", "(1)", "①"):
            continue
        after = blocks[index + 1] if index + 1 < len(blocks) else None
        before = blocks[index - 1] if index else None
        if (after is not None and after.family == block.family and after.depth == block.depth and not after.mark) or (
            before is not None
            and before.family == block.family
            and before.depth == block.depth
            and not before.mark
            and len(before.text) < 60
            and (made[index - 1].kind == "text")
        ):
            made[index] = replace(block, kind="text")
    return made
