"""Finds the figures of a Chinese text, each with its value and unit in one normal form.

List markers, citation marks, idioms (统一, 十分, 第三方) and vague numbers (几十万) are not figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from rag.text import figure_patterns as patterns
from rag.text.chinese_numbers import MULTIPLIER_CHARS, NUMERAL_CHARS, chinese_number, is_digit_run
from rag.text.figure_patterns import fold
from rag.text.figure_units import ORDINALS, PREFIX_UNITS, UNITS

Value = Decimal | tuple


@dataclass(frozen=True)
class Figure:
    """One figure. `raw` is `text[start:end]` as it stood there.

    `value` is a Decimal counted in `unit` (50万元 is 500000 in "元"; 5‰ is 0.5 in "%"); a (low, high) pair of Decimals
    for kind "range"; (year, month, day) with None for what is not said for kind "date"; (hour, minute) for "time";
    a one-tuple with the spelling for kind "code". `unit` is "" for kind "bare".
    `kind`: amount percent duration age ratio count ordinal range date time code bare word. A "word" reads like a
    figure and can support one, but claims nothing itself (一个 as an article, 每万份).
    `written` is the number before its multiplier and unit, the way a table cell would hold it.
    """

    raw: str
    start: int
    end: int
    value: Value
    unit: str
    kind: str
    written: Decimal | None = None


def find_figures(text: str) -> list[Figure]:
    """The figures of `text` in order of appearance. Figures never overlap."""
    return list(_find(text))


@lru_cache(maxsize=4096)
def _find(text: str) -> tuple[Figure, ...]:
    folded = fold(text)
    atoms: list[Figure] = []
    position = 0
    while start := patterns.STARTS.search(folded, position):
        position = start.start()
        match = patterns.atom(folded, position)
        if match is None:
            position += 1
            continue
        figure = _read(folded, match)
        position = max(match.end(), figure.end if figure else 0)
        if figure:
            atoms.append(figure)
    kept = [figure for figure in _merge(folded, atoms) if not _to_drop(folded, figure)]
    if folded == text:
        return tuple(kept)
    return tuple(replace(figure, raw=text[figure.start : figure.end]) for figure in kept)


_DATE_PARTS = {"ymd": ("y1", "m1", "d1"), "ym": ("y2", "m2", ""), "cdate": ("y3", "m3", "d3"), "md": ("", "m4", "d4")}


def _read(text: str, match: re.Match[str]) -> Figure | None:
    """One atom from one match; None where the match is no figure."""
    found = match.lastgroup
    if found == "number":
        return _number(text, match)
    if found in _DATE_PARTS:
        return _date(match, _DATE_PARTS[found])
    if found == "ordinal":
        unit = ORDINALS[match["ounit"]]
        if match["sect"]:
            return _whole(match, (match["sect"],), unit, "ordinal")
        value = chinese_number(match["onum"])
        return None if value is None else _whole(match, value, unit, "ordinal", value)
    if found == "quarter":
        number = chinese_number(match.group()[0])
        return None if number is None else _whole(match, number, "第季", "ordinal", number)
    if found == "money":
        return _money(text, match)
    if found == "parts":
        return _parts(match)
    if found in ("phone", "stock", "settle"):
        return _whole(match, (re.sub(r"[\s-]", "", match.group()).upper(),), "code", "code")
    if found == "code":
        return _whole(match, (match["code"].upper().removesuffix("级"),), "code", "code")
    if found == "clock":
        return _whole(match, _time(text, match.start(), int(match["h1"]), int(match["n1"])), "time", "time")
    if found == "slash":
        over, under = int(match["sn"]), int(match["sd"])
        return _whole(match, _percentage(over, under), "%", "percent") if 0 < over < under else None
    if found == "half":
        return _half(match)
    if found == "double":
        return _whole(match, Decimal(2), "倍", "ratio")
    return None


def _whole(match: re.Match[str], value: Value, unit: str, kind: str, written: Decimal | None = None) -> Figure:
    return Figure(match.group(), match.start(), match.end(), value, unit, kind, written)


def _date(match: re.Match[str], parts: tuple[str, str, str]) -> Figure | None:
    numbers = [chinese_number((match[part] if part else "") or "") for part in parts]
    year, month, day = (None if n is None else int(n) for n in numbers)
    if year is not None and not 1900 <= year <= 2199:
        return None
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return _whole(match, (year, month, day), "date", "date")


def _time(text: str, start: int, hour: int, minute: int) -> tuple[int, int]:
    if hour < 12 and patterns.AFTERNOON.search(text[max(0, start - 3) : start]):
        hour += 12
    return hour, minute


def _percentage(over: int | Decimal, under: int | Decimal) -> Decimal:
    return (Decimal(100) * over / under).normalize() + 0


def _parts(match: re.Match[str]) -> Figure | None:
    """百分之五, 万分之零点五, 三分之一, 百分之三至五."""
    den, first = chinese_number(match["den"]), chinese_number(match["pnum"])
    if not den or first is None:
        return None
    low = _percentage(first, den)
    second = chinese_number(match["pnum2"] or "")
    if second is not None:
        return _whole(match, (low, _percentage(second, den)), "%", "range")
    return _whole(match, low, "%", "percent", first)


def _half(match: re.Match[str]) -> Figure:
    if match.group() == "一半":
        return _whole(match, Decimal(50), "%", "percent")
    name, factor, kind = UNITS[match.group()[1:]]
    return _whole(match, factor / 2, name, kind)


def _money(text: str, match: re.Match[str]) -> Figure | None:
    value = chinese_number(match["mnum"])
    if value is None:
        return None
    unit, start, end = PREFIX_UNITS[match["cur"]], match.start(), match.end()
    after = patterns.UNIT.match(text, end)
    if after and UNITS[after["unit"]][2] == "amount":
        unit, factor, _ = UNITS[after["unit"]]
        value, end = _small_change(text, after.end(), value * factor, unit)
    elif after and match["cur"] == "人民币":
        return None  # 人民币一年期存款: the number is not the money
    if match["neg1"]:
        value = -value
    return Figure(text[start:end], start, end, value, unit, "amount", _written(match["mnum"]))


def _small_change(text: str, end: int, value: Decimal, unit: str) -> tuple[Decimal, int]:
    """三元五角二分: the 角 and 分 after the 元."""
    change = patterns.SMALL_CHANGE.match(text, end) if unit == "元" else None
    if change and (change[1] or change[2]):
        value += (chinese_number(change[1] or "") or 0) / Decimal(10)
        value += (chinese_number(change[2] or "") or 0) / Decimal(100)
        end = change.end()
    return value, end


def _written(number: str) -> Decimal | None:
    match = patterns.LEADING_ARABIC.match(number)
    return Decimal(match.group().replace(",", "")) if match else chinese_number(number)


def _number(text: str, match: re.Match[str]) -> Figure | None:
    raw, start, end = match["number"], match.start(), match.end()
    before = text[start - 1 : start]
    chinese = not "0" <= raw[0] <= "9"
    if before and (before in "几数" or (chinese and before in "上好" and raw[0] in MULTIPLIER_CHARS)):
        return None  # 几十万, 数百万, 上千
    unit = _unit(text, end)
    value = _value(raw, unit["unit"] if unit else "", chinese)
    clock = _clock(text, start, end, value)
    if clock or value is None:
        return clock
    written = _written(raw)
    if before == "负" or (before == "-" and (start < 2 or patterns.MINUS_BEFORE.match(text[start - 2]))):
        value, written, start = -value, None if written is None else -written, start - 1
    if unit is None:
        return _without_unit(text, start, end, value, written)
    name, factor, kind = UNITS[unit["unit"]]
    end = unit.end()
    if unit["unit"] in ("条", "款") and re.fullmatch(r"\d{1,2}\.\d{1,2}", raw):
        return Figure(text[start:end], start, end, (raw,), "第" + unit["unit"], "ordinal")
    if unit["unit"] == "日" and _is_day(value) and patterns.OF_MONTH.search(text, max(0, start - 4), start):
        return Figure(text[start:end], start, end, (None, None, int(value)), "date", "date")
    lone = len(raw) == 1 and raw in MULTIPLIER_CHARS and raw not in "十拾"
    if lone and kind == "amount" and before != "每":
        return None  # 单位：万元
    if lone or (raw == "一" and (name in patterns.GENERAL or (before and before in patterns.DETERMINERS))):
        kind = "word"
    value *= factor
    if kind == "amount":
        value, end = _small_change(text, end, value, name)
    elif name in ("年", "月", "天", "小时", "倍") and text.startswith("半", end):
        value, end = value + factor / 2, end + 1
    elif unit["unit"] == "成" and text[end : end + 1] in tuple("一二三四五六七八九"):
        value, end = value + (chinese_number(text[end]) or 0), end + 1
    return Figure(text[start:end], start, end, value, name, kind, written)


def _value(raw: str, unit: str, chinese: bool) -> Decimal | None:
    if chinese and is_digit_run(raw) and len(raw) < 4 and raw[0] not in "零〇":
        return chinese_number(f"{raw[0]}点{raw[1]}") if unit == "折" and len(raw) == 2 else None  # 三五年: vague
    return chinese_number(raw)


def _without_unit(text: str, start: int, end: int, value: Decimal, written: Decimal | None) -> Figure:
    day = patterns.DAY_NUMBER.match(text, end)
    if day and _is_day(value) and text[start - 1 : start] not in ("〕", "]", "第"):
        return Figure(text[start : day.end()], start, day.end(), (None, None, int(value)), "date", "date")
    raw = text[start:end]
    if re.fullmatch(r"0\d+|\d{7,}", raw):
        return Figure(raw, start, end, (raw,), "code", "code")
    return Figure(raw, start, end, value, "", "bare", written)


def _is_day(value: Decimal) -> bool:
    return value == value.to_integral_value() and 1 <= value <= 31


def _unit(text: str, end: int) -> re.Match[str] | None:
    unit = patterns.UNIT.match(text, end)
    if unit is None:
        return None
    name = unit["unit"]
    if re.search(r"[A-Za-z]$", name) and re.match(r"[A-Za-z]", text[unit.end() : unit.end() + 1]):
        return None
    if len(name) == 1 and patterns.NOT_UNIT.match(text, unit.start("unit")):
        return None
    return None if text[end] == " " and text[end - 1] in NUMERAL_CHARS else unit


def _clock(text: str, start: int, end: int, value: Decimal | None) -> Figure | None:
    """9点30分, 下午3点, 15时; not 三点要求."""
    raw = text[start:end]
    whole, point, rest = raw.partition("点")
    if point and text.startswith("分", end):  # 三点五十分 was read as one decimal
        hour, minute, stop = chinese_number(whole), chinese_number(rest), end + 1
        if hour is None or minute is None or hour > 24 or minute > 59:
            return None
        return Figure(text[start:stop], start, stop, _time(text, start, int(hour), int(minute)), "time", "time")
    mark = patterns.CLOCK_AFTER.match(text, end)
    if mark is None or value is None or value != value.to_integral_value() or value > 24:
        return None
    exact = mark["half"] or mark["minute"] or mark["quarter"] or mark.group().endswith("整")
    said = patterns.CLOCK_BEFORE.search(text, max(0, start - 3), start) or patterns.CLOCK_FOLLOWS.match(text, mark.end())
    if not (exact or said or (mark["mark"] == "时" and raw[0].isdigit() and raw.isascii())):
        return None
    minute = 30 if mark["half"] else int(chinese_number(mark["minute"] or "") or 0)
    if mark["quarter"]:
        minute = 15 if mark["quarter"] == "一" else 45
    stop = mark.end()
    return Figure(text[start:stop], start, stop, _time(text, start, int(value), minute), "time", "time")


def _merge(text: str, atoms: list[Figure]) -> list[Figure]:
    """Joins ranges (3%-5%, 三至五年) and hands a shared unit back through lists (3、6、12个月)."""
    for i in range(len(atoms) - 2, -1, -1):
        one, other = atoms[i], atoms[i + 1]
        if one.kind == "bare" and other.unit and isinstance(other.value, Decimal) and other.kind not in ("ordinal", "word"):
            between = text[one.end : other.start]
            if one.raw.endswith(("万", "亿")) and other.kind in ("duration", "age", "percent"):
                continue  # 资产100万，180天内 is a sum and a term
            if patterns.LIST_GAP.fullmatch(between) or (patterns.GAP.fullmatch(between) and other.kind != "code"):
                atoms[i] = _borrow(one, other)
        elif one.kind == "bare" and _is_year(one, other) and patterns.GAP.fullmatch(text[one.end : other.start]):
            atoms[i] = replace(one, value=(int(one.value), None, None), unit="date", kind="date")
    for i in range(1, len(atoms)):
        before, day = atoms[i - 1], atoms[i]
        if before.kind == "date" and before.value[1] and before.value[2] and day.unit == "天" and _is_day(day.value):
            if not patterns.GAP.fullmatch(text[before.end : day.start]):
                continue
            atoms[i] = replace(day, value=(*before.value[:2], int(day.value)), unit="date", kind="date")
    merged: list[Figure] = []
    for figure in atoms:
        if merged and _joins(text, merged[-1], figure):
            low = merged.pop()
            merged.append(
                Figure(text[low.start : figure.end], low.start, figure.end, (low.value, figure.value), figure.unit, "range")
            )
        else:
            merged.append(figure)
    return merged


def _is_year(one: Figure, other: Figure) -> bool:
    return other.kind == "date" and other.value[1] is None and 1900 <= one.value <= 2199


def _borrow(bare: Figure, other: Figure) -> Figure:
    """`bare` in the unit (and, where it cannot be meant otherwise, the multiplier) of `other`: 3至5万元."""
    scale = Decimal(1)
    if other.written:
        scale = abs(other.value) / abs(other.written)
    value = bare.value * scale
    if scale >= 1000 and (bare.value >= 1000 or value > abs(other.value)) and bare.value <= abs(other.value):
        value = bare.value
    return replace(bare, value=value, unit=other.unit, kind=other.kind)


def _joins(text: str, low: Figure, high: Figure) -> bool:
    both = isinstance(low.value, Decimal) and isinstance(high.value, Decimal) and low.kind not in ("ordinal", "word")
    return both and low.unit == high.unit and low.value <= high.value and bool(patterns.GAP.fullmatch(text[low.end : high.start]))


def _to_drop(text: str, figure: Figure) -> bool:
    """Bare Chinese numerals and list markers."""
    if figure.kind == "range" and figure.unit == "" and figure.raw[0] in NUMERAL_CHARS:
        return True
    if figure.kind != "bare":
        return False
    if figure.raw.lstrip("-负")[:1] in NUMERAL_CHARS and not figure.raw.lstrip("-")[:1].isdigit():
        return True
    return is_marker(text, figure.start, figure.end)


def is_marker(text: str, start: int, end: int) -> bool:
    """True where the bare number at `text[start:end]` numbers a list item or heading, and counts nothing."""
    raw = text[start:end]
    if not re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{1,2})?", raw):
        return False
    before, after = text[max(0, start - 12) : start], text[end : end + 8]
    if "." in raw:
        return bool(patterns.LINE_START.search(before) and re.match(r"[\s、.]*[一-鿿《]", after))
    if len(raw) > 2:
        return False
    if before.endswith("(") and after.startswith(")"):
        return True
    if not patterns.MARKER_AFTER.match(after):
        return bool(patterns.LINE_START.search(before) and re.match(r"\s+[一-鿿]", after))
    return bool(patterns.LINE_START.search(before) or patterns.CLAUSE_START.search(before))
