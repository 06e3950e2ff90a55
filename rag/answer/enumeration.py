"""Enumerations of a section, whole: numbered lines, bullets, （一）（二）, parts between semicolons, the rows of a table."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.sentences import cells

LONGEST = 200  # characters of the words that name an enumeration
FEW_CHARS = 240  # of the items are written out in an answer
ITEM_CHARS = 40
_MARK = re.compile(r"^\s*(?:[-*•●·▪]\s*|[（(]?[0-9一二三四五六七八九十]{1,3}(?:[）)、．]|\.(?!\d))\s*|[①-⑳]\s*|第[一二三四五六七八九十]+[，、])")
_INSIDE = re.compile(r"(?:[（(][一二三四五六七八九十\d]{1,2}[）)]|[①-⑳]|(?:^|(?<=[：:；;。，,、\s]))\d{1,2}(?:[）)、．]|\.(?!\d)))")
_NUMBERED = re.compile(rf"(?<!\d)[：:]\s*(?=[（(]?[1一①])(?={_INSIDE.pattern})")  # no 15：00、16：00
_SENTENCE_END = re.compile(r"[。！？!?]")
_RULE_ROW = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
_BOLD = re.compile(r"\*\*|__")
_TAIL = re.compile(r"[。；;，,、]+$|(?<=[；;，,])(?:和|以及|或者?|并且)$")
_CUT = re.compile(r"[，,：:（(。；;—]")


@dataclass(frozen=True)
class Enumeration:
    """`lead` says what is enumerated ("" where nothing does), `items` are whole and without their marks; `text` stands
    word for word in the section. `begins`: its first item is the first one (not 三、)."""

    lead: str
    items: tuple[str, ...]
    text: str
    begins: bool = True


def enumerations(section: str) -> list[Enumeration]:
    """Every enumeration of at least two items, in order."""
    lines = section.split("\n")
    found: list[Enumeration] = []
    at, before = 0, ""
    while at < len(lines):
        line = lines[at].strip()
        if line.startswith("|"):
            end = at
            while end < len(lines) and (lines[end].strip().startswith("|") or not lines[end].strip()):
                end += 1
            found.extend(_table(lines[at:end], before))
            at, before = end, ""
            continue
        if _MARK.match(line) or (before.endswith(("：", ":")) and line.endswith(("；", ";"))):
            end = _run(lines, at)
            if end - at > 1 or before.endswith(("：", ":")):  # one item of a list that goes on in the next piece
                found.append(_listed(lines[at:end], before))
                at, before = end, ""
                continue
        inline = _inline(line)
        if inline:
            at, inline = _with_lines(inline, lines, at)
            found.append(inline)
        if line:
            before = line
        at += 1
    return [one for one in _continued(found) if len(one.items) > 1]


def _run(lines: list[str], at: int) -> int:
    """Where a run of items that begins at a line ends: lines with marks of one form, or lines that end in a semicolon."""
    marked = _form(lines[at])
    end, last = at, at
    while end < len(lines):
        line = lines[end].strip()
        if line.startswith("|"):
            break
        if line and marked and _form(line) != marked:
            break
        if line:
            last = end + 1
            if not marked and not line.endswith(("；", ";")):
                break
        end += 1
    return last


def _form(line: str) -> str:
    """The form of a line's mark: 1. and 2. have one form, （一） and 3) others; "" without a mark."""
    match = _MARK.match(line)
    return _shape(match.group()) if match else ""


def _listed(lines: list[str], before: str) -> Enumeration:
    items = [unmarked(line) for line in lines if line.strip()]
    lead = before.rstrip("：:") if before and len(before) <= LONGEST else ""
    text = "\n".join([*([before] if lead else []), *(line for line in lines if line.strip())])
    first = _MARK.match(lines[0])
    begins = not first or not re.search(r"[2-9二三四五六七八九]|[②-⑳]", first.group())
    return Enumeration(_BOLD.sub("", lead), tuple(items), text, begins)


def _inline(line: str) -> Enumeration | None:
    """视同工伤：甲；乙；丙。 Or 均不属于猝死：1.甲；2.乙；3.丙。 behind and before other sentences of the line."""
    plain = _BOLD.sub("", line)
    numbered = _NUMBERED.search(plain)
    if numbered is None:
        lead, colon, rest = plain.partition("：")
        items = [item for item in map(unmarked, re.split(r"[；;]", rest)) if item]
        return Enumeration(lead, tuple(items), line) if colon and len(lead) <= 60 and len(items) > 1 else None
    start = 0 if plain != line else max((m.end() for m in _SENTENCE_END.finditer(plain, 0, numbered.start())), default=0)
    lead, rest = plain[start : numbered.start()].strip(), plain[numbered.end() :]
    marks = list(_INSIDE.finditer(rest))
    parts = [rest[a.end() : b.start() if b else None] for a, b in zip(marks, [*marks[1:], None], strict=True)]
    if start and not any(_SENTENCE_END.search(part) for part in parts[:-1]):  # what follows the last item is none of it
        parts[-1] = _SENTENCE_END.split(parts[-1])[0]
        end = numbered.end() + marks[-1].end() + len(parts[-1]) + 1
    else:
        end = len(plain)
    items = [item for item in map(unmarked, parts) if item]
    text = plain[start:end].strip() if start else line
    return Enumeration(lead, tuple(items), text) if len(lead) <= 60 and len(items) > 1 else None


def _with_lines(inline: Enumeration, lines: list[str], at: int) -> tuple[int, Enumeration]:
    """The enumeration of line `at` with the items of the lines after it that go on with its marks (甲：(1)… (2)… and below
    (3)…), and the last line taken."""
    after = next((n for n in range(at + 1, len(lines)) if lines[n].strip()), len(lines))
    own = [_shape(match.group()) for match in _INSIDE.finditer(inline.text)]
    mark = _MARK.match(lines[after]) if after < len(lines) else None
    if not mark or not own or _shape(mark.group()) != own[-1] or re.search(r"(?<!\d)1(?!\d)|^\W*[一①]\W*$", mark.group()):
        return at, inline
    end = _run(lines, after)
    more = _listed(lines[after:end], "")
    return end - 1, Enumeration(inline.lead, (*inline.items, *more.items), f"{inline.text}\n{more.text}")


def _shape(mark: str) -> str:
    """What marks of one list share: (1) and （2） have one shape, 1. another."""
    return re.sub(r"[①-⑳]", "①", re.sub(r"[一二三四五六七八九十]+", "一", re.sub(r"\d+", "1", mark.strip()))).translate(str.maketrans("（）", "()"))


def _table(lines: list[str], before: str) -> list[Enumeration]:
    rows = [cells(line) for line in lines if line.strip() and not _RULE_ROW.match(line)]
    if len(rows) < 2:
        return []
    header, body = rows[0], [row for row in rows[1:] if row != rows[0]]
    names = [row[0] for row in body if row and row[0] and not re.fullmatch(r"[\d.,%—-]+", row[0])]
    if not names or len(names) < len(body):
        return []
    caption = before if before and len(before) <= 100 and not before.endswith("。") else ""
    text = "\n".join([*([caption] if caption else []), *(line for line in lines if line.strip())])
    return [Enumeration("，".join(filter(None, (caption.rstrip("：:"), header[0]))), tuple(dict.fromkeys(names)), text)]


def _continued(found: list[Enumeration]) -> list[Enumeration]:
    """A table that goes on in the next piece under the same header, and a list under the same lead, are one."""
    kept: list[Enumeration] = []
    for one in found:
        if kept and _goes_on(kept[-1], one):
            last = kept[-1]
            kept[-1] = Enumeration(last.lead, tuple(dict.fromkeys((*last.items, *one.items))), f"{last.text}\n{one.text}", last.begins)
        else:
            kept.append(one)
    return kept


def _goes_on(last: Enumeration, one: Enumeration) -> bool:
    header, before = (next((line for line in e.text.split("\n") if line.startswith("|")), "") for e in (one, last))
    if header or before:
        return header == before and (one.lead == last.lead or one.text.startswith(header))
    return bool(one.lead) and one.lead == last.lead and not one.begins


def unmarked(line: str) -> str:
    """An item without its mark and what ends it."""
    return _TAIL.sub("", _TAIL.sub("", _BOLD.sub("", _MARK.sub("", line.strip(), count=1)).strip())).strip()


def spoken(one: Enumeration, whole: bool = True) -> str:
    """The items as an answer: 共4项：甲；乙；丙；丁. Long ones are cut to their names; where even these are too many, it
    says how many of how many. `whole` False: there may be more in the document."""
    count = len(one.items)
    said = one.items
    for limit in (10_000, ITEM_CHARS, 20, 12):
        said = [item if len(item) <= limit else _name(item, limit) for item in one.items]
        if sum(map(len, said)) <= FEW_CHARS:
            break
    shown, length = 0, 0
    while shown < count and (shown < 2 or length + len(said[shown]) <= FEW_CHARS):
        length += len(said[shown])
        shown += 1
    total = f"共{count}项" if whole and one.begins else f"文中列出{count}项"
    if shown < count:
        total += f"，列出{shown}项"
    return f"{total}：{'；'.join(said[:shown])}"


def _name(item: str, limit: int) -> str:
    """The beginning of an item up to where it goes into detail."""
    cut = next((m.start() for m in _CUT.finditer(item) if 3 <= m.start() <= limit), limit)
    return item[:cut]
