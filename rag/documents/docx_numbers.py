"""Word's automatic numbers (第一条, 1.1, （一）), which are not in the text of the paragraph."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_CHINESE = "〇一二三四五六七八九"


@dataclass(frozen=True)
class _Level:
    form: str  # decimal, chineseCounting, …
    pattern: str  # 第%1条
    start: int
    legal: bool  # all numbers in it as 1, 2, 3
    style: str  # the paragraph style bound to this level


class Numbering:
    """The numbers Word would print. Counts as it goes: ask for every paragraph once, in order."""

    def __init__(self, word) -> None:
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._begun: set[tuple[str, int]] = set()
        self._restarts: dict[str, dict[int, int]] = {}
        try:
            root = word.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        abstract: dict[str, dict[int, _Level]] = {}
        linked: dict[str, str] = {}  # a list style's name -> the abstract numbering that defines it
        links: dict[str, str] = {}
        for item in root.iterchildren(qn("w:abstractNum")):
            name = item.get(qn("w:abstractNumId"))
            abstract[name] = {int(level.get(qn("w:ilvl"))): _level(level) for level in item.iterchildren(qn("w:lvl"))}
            if style := _value(item, "w:styleLink"):
                linked[style] = name
            if style := _value(item, "w:numStyleLink"):
                links[name] = style
        for item in root.iterchildren(qn("w:num")):
            name = item.get(qn("w:numId"))
            reference = item.find(qn("w:abstractNumId")).get(qn("w:val"))
            reference = linked.get(links.get(reference, ""), reference)
            self._abstract[name] = reference
            self._levels[name] = dict(abstract.get(reference, {}))
            for change in item.iterchildren(qn("w:lvlOverride")):
                at = int(change.get(qn("w:ilvl")))
                if (level := change.find(qn("w:lvl"))) is not None:
                    self._levels[name][at] = _level(level)
                if start := _value(change, "w:startOverride"):
                    self._restarts.setdefault(name, {})[at] = int(start)

    def label(self, paragraph: Paragraph) -> str:
        """The number before this paragraph with a blank where one is wanted, or nothing."""
        name, level = self._place(paragraph)
        levels = self._levels.get(name, {})
        if level not in levels:
            return ""
        counts = self._counts[self._abstract[name]]
        if (name, level) not in self._begun:
            self._begun.add((name, level))
            if level in self._restarts.get(name, {}):
                counts[level] = self._restarts[name][level] - 1
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        own = levels[level]
        if own.form == "bullet":
            return "- "
        if own.form == "none" and "%" not in own.pattern:
            return ""

        def number(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            at = levels.get(other, _Level("decimal", "", 1, False, ""))
            return _count(counts.get(other, at.start), "decimal" if own.legal else at.form)

        text = re.sub(r"%(\d)", number, own.pattern)
        return text if not text or text[-1] in "、.）)：" else text + " "

    def _place(self, paragraph: Paragraph) -> tuple[str, int]:
        """(numId, level) from the paragraph itself, else from its style or one that the style is based on."""
        own = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        name = _value(own, "w:numId") if own is not None else ""
        level = _value(own, "w:ilvl") if own is not None else ""
        style, seen = paragraph.style, 0
        styles: list[str] = []
        while style is not None and seen < 12 and (not name or not level):
            styles.append(style.style_id)
            found = style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if found is not None:
                name = name or _value(found, "w:numId")
                level = level or _value(found, "w:ilvl")
            style, seen = style.base_style, seen + 1
        if name in ("", "0"):
            return "", 0
        if not level:
            bound = {kept.style: at for at, kept in self._levels.get(name, {}).items() if kept.style}
            level = str(next((bound[style] for style in styles if style in bound), 0))
        return name, int(level)


def _value(element, name: str) -> str:
    found = element.find(qn(name))
    return "" if found is None else found.get(qn("w:val")) or ""


def _level(element) -> _Level:
    legal = element.find(qn("w:isLgl"))
    return _Level(
        _value(element, "w:numFmt") or "decimal",
        _value(element, "w:lvlText"),
        int(_value(element, "w:start") or 1),
        legal is not None and legal.get(qn("w:val")) not in ("0", "false"),
        _value(element, "w:pStyle"),
    )


def _count(value: int, form: str) -> str:
    if form.startswith(("chinese", "japanese", "ideograph", "taiwanese")):
        return chinese_number(value)
    if form in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr((96 if form == "lowerLetter" else 64) + value)
    if form in ("lowerRoman", "upperRoman"):
        roman = ""
        for size, mark in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
            while value >= size:
                roman, value = roman + mark, value - size
        return roman if form == "lowerRoman" else roman.upper()
    if form.startswith("decimalEnclosedCircle") and 1 <= value <= 20:
        return chr(0x245F + value)
    return str(value)


def chinese_number(value: int) -> str:
    """1…999 as in 第一百二十三条."""
    if value < 10:
        return _CHINESE[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return ("" if tens == 1 else _CHINESE[tens]) + "十" + (_CHINESE[ones] if ones else "")
    hundreds, rest = divmod(value, 100)
    tail = (
        "" if not rest else ("零" + _CHINESE[rest] if rest < 10 else ("一" if rest < 20 else "") + chinese_number(rest))
    )
    return _CHINESE[hundreds] + "百" + tail
