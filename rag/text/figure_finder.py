"""Finds the figures of a Chinese text, each with its value and unit in one normal form.

List markers, citation marks, idioms (统一, 十分, 第三方) and vague numbers (几十万) are not figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from rag.text.chinese_numbers import DIGIT_CHARS, MULTIPLIER_CHARS, NUMERAL_CHARS, chinese_number, is_digit_run
from rag.text.figure_units import ORDINALS, PREFIX_UNITS, UNITS, alternatives

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


@lru_cache(maxsize=512)
def _find(text: str) -> tuple[Figure, ...]:
    folded = fold(text)
    atoms: list[Figure] = []
    position = 0
    while True:
        start = _STARTS.search(folded, position)
        if start is None:
            break
        position = start.start()
        match = _MASTER.match(folded, position)
        if match is None:
            position += 1
            continue
        figure = _read(folded, match)
        position = max(match.end(), figure.end if figure else 0)
        if figure:
            atoms.append(figure)
    merged = _merge(folded, atoms)
    kept = [figure for figure in merged if not _to_drop(folded, figure)]
    return tuple(replace(figure, raw=text[figure.start : figure.end]) for figure in kept)


def _read(text: str, match: re.Match[str]) -> Figure | None:
    """One atom from one match of the master pattern; None where the match is no figure."""
    name = match.lastgroup
    group = match.group
    start, end = match.span()

    def figure(value: Value, unit: str, kind: str, written: Decimal | None = None, stop: int = end) -> Figure:
        return Figure(text[start:stop], start, stop, value, unit, kind, written)

    if group("skip") or group("idiom") or group("section"):
        return None
    if group("phone") or group("stock") or group("settle"):
        return figure((re.sub(r"[\s-]", "", group()).upper(),), "code", "code")
    if group("code"):
        return figure((group("code").upper().removesuffix("级"),), "code", "code")
    for kind, parts in (("ymd", "y1 m1 d1"), ("ym", "y2 m2"), ("cdate", "y3 m3 d3"), ("md", " m4 d4")):
        if group(kind):
            return _date(figure, [group(p) if p else None for p in parts.split(" ")])
    if group("clock"):
        return figure(_time(text, start, int(group("h1")), int(group("n1"))), "time", "time")
    if group("ordinal"):
        unit = ORDINALS[group("ounit")]
        if group("sect"):
            return figure((group("sect"),), unit, "ordinal")
        value = chinese_number(group("onum"))
        return None if value is None else figure(value, unit, "ordinal", value)
    if group("parts"):
        return _parts(figure, match)
    if group("slash"):
        over, under = int(group("sn")), int(group("sd"))
        return figure(_percentage(over, under), "%", "percent") if 0 < over < under else None
    if group("half"):
        return _half(figure, group("half"))
    if group("double"):
        return figure(Decimal(2), "倍", "ratio")
    if group("money"):
        return _money(text, match, start)
    assert name
    return _number(text, match, start)


def _date(figure, parts: list[str | None]) -> Figure | None:
    numbers = [None if part is None else chinese_number(part) for part in parts]
    numbers += [None] * (3 - len(numbers))
    year, month, day = (None if n is None else int(n) for n in numbers)
    if year is not None and not 1900 <= year <= 2199:
        return None
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return figure((year, month, day), "date", "date")


def _time(text: str, start: int, hour: int, minute: int) -> tuple[int, int]:
    if hour < 12 and AFTERNOON.search(text[max(0, start - 3) : start]):
        hour += 12
    return hour, minute


def _percentage(over: int | Decimal, under: int | Decimal) -> Decimal:
    return (Decimal(100) * over / under).normalize() + 0


def _parts(figure, match: re.Match[str]) -> Figure | None:
    """百分之五, 万分之零点五, 三分之一, 百分之三至五."""
    den, first = chinese_number(match["den"]), chinese_number(match["pnum"])
    if not den or first is None:
        return None
    low = _percentage(first, den)
    if match["prange"]:
        second = chinese_number(match["pnum2"])
        if second is not None:
            return figure((low, _percentage(second, den)), "%", "range")
    return figure(low, "%", "percent", first)


def _half(figure, raw: str) -> Figure:
    if raw == "一半":
        return figure(Decimal(50), "%", "percent")
    name, factor, kind = UNITS[raw[1:]]
    return figure(factor / 2, name, kind)


def _money(text: str, match: re.Match[str], start: int) -> Figure | None:
    value = chinese_number(match["mnum"])
    if value is None:
        return None
    unit, end = PREFIX_UNITS[match["cur"]], match.end()
    after = UNIT.match(text, end)
    if after and UNITS[after["unit"]][2] == "amount":
        unit, factor, _ = UNITS[after["unit"]]
        value *= factor
        end = after.end()
        value, end = _small_change(text, end, value, unit)
    elif after and match["cur"] == "人民币":
        return None  # 人民币一年期存款: the number is not the money
    if match["neg1"]:
        value = -value
    return Figure(text[start:end], start, end, value, unit, "amount", _written(match["mnum"]))


def _small_change(text: str, end: int, value: Decimal, unit: str) -> tuple[Decimal, int]:
    """三元五角二分: the 角 and 分 after the 元."""
    if unit != "元":
        return value, end
    change = re.compile(rf"零?(?:({_NUM})角)?(?:零?({_NUM})分(?![之期行支类红钟]))?整?").match(text, end)
    if change and (change[1] or change[2]):
        value += (chinese_number(change[1] or "0") or 0) / Decimal(10)
        value += (chinese_number(change[2] or "0") or 0) / Decimal(100)
        end = change.end()
    return value, end


def _written(number: str) -> Decimal | None:
    match = re.match(_ARABIC, number)
    return Decimal(match.group().replace(",", "")) if match else chinese_number(number)


def _number(text: str, match: re.Match[str], start: int) -> Figure | None:
    raw, end = match["number"], match.end()
    before = text[start - 1] if start else ""
    chinese = not raw[0].isdigit()
    if chinese and (before == "几" or (before in "数上好" and before and raw[0] in MULTIPLIER_CHARS)):
        return None
    if before in "几数" and before:
        return None
    unit = _unit(text, end)
    if unit and unit["unit"] == "折" and is_digit_run(raw) and len(raw) == 2:
        raw_value: Decimal | None = chinese_number(raw[0] + "点" + raw[1])
    elif chinese and is_digit_run(raw) and len(raw) < 4 and "零" not in raw and "〇" not in raw:
        return None  # 三五年: vague
    else:
        raw_value = chinese_number(raw)
    clock = _clock(text, start, end, raw_value)
    if clock:
        return clock
    if raw_value is None:
        if chinese and "点" in raw:  # 以下三点一...: the point was no decimal point
            return None
        return None
    value, written = raw_value, _written(raw)
    if (before == "-" and _minus(text, start)) or before == "负":
        value, written, start = -value, -written if written is not None else None, start - 1
    lone = len(raw) == 1 and raw in MULTIPLIER_CHARS and raw not in "十拾"
    if unit is None:
        number_of_day = DAY_NUMBER.match(text, end)
        if number_of_day and _is_day(value) and before not in ("〕", "]", "第"):
            end = number_of_day.end()
            return Figure(text[start:end], start, end, (None, None, int(value)), "date", "date")
        if not chinese and re.fullmatch(r"0\d+|\d{7,}", raw):
            return Figure(text[start:end], start, end, (raw,), "code", "code")
        return Figure(text[start:end], start, end, value, "", "bare", written)
    name, factor, kind = UNITS[unit["unit"]]
    end = unit.end()
    if unit["unit"] == "日" and _is_day(value) and OF_MONTH.search(text[max(0, start - 4) : start]):
        return Figure(text[start:end], start, end, (None, None, int(value)), "date", "date")
    if lone or (raw == "一" and (name in GENERAL or (before and before in DETERMINERS))):
        kind = "word"
    value *= factor
    if kind == "amount":
        value, end = _small_change(text, end, value, name)
    elif text.startswith("半", end) and name in ("年", "月", "天", "小时", "倍"):
        value, end = value + factor / 2, end + 1
    elif name == "%" and unit["unit"] == "成" and end < len(text) and text[end] in "一二三四五六七八九":
        value, end = value + (chinese_number(text[end]) or 0), end + 1
    return Figure(text[start:end], start, end, value, name, kind, written)


def _is_day(value: Decimal) -> bool:
    return value == value.to_integral_value() and 1 <= value <= 31


def _unit(text: str, end: int) -> re.Match[str] | None:
    unit = UNIT.match(text, end)
    if unit is None:
        return None
    if unit["unit"][-1].isascii() and unit["unit"][-1].isalpha() and LETTER_UNIT_GOES_ON.match(text, unit.end()):
        return None
    if len(unit["unit"]) == 1 and NOT_UNIT.match(text, unit.start("unit")):
        return None
    if unit.group()[:1] == " " and text[end - 1] in NUMERAL_CHARS:
        return None
    return unit


def _clock(text: str, start: int, end: int, value: Decimal | None) -> Figure | None:
    """9点30分, 下午3点, 15时; not 三点要求."""
    hour = re.compile(rf"\s?(?P<mark>[点时])(?:(?P<half>半)|整|(?P<minute>{_DAY})分|(?P<quarter>[一三])刻)?").match(text, end)
    raw = text[start:end]
    if "点" in raw and text.startswith("分", end):  # 三点五十分 was read as one decimal
        whole, _, rest = raw.partition("点")
        hour_value, minute = chinese_number(whole), chinese_number(rest)
        if hour_value is not None and minute is not None and hour_value <= 24 and minute < 60:
            stop = end + 1
            return Figure(text[start:stop], start, stop, _time(text, start, int(hour_value), int(minute)), "time", "time")
        return None
    if hour is None or value is None or value != value.to_integral_value() or value > 24:
        return None
    said = re.search(r"(?:[上下]午|早上?|晚上?|凌晨|中午|[日至到-])\s?$", text[max(0, start - 3) : start])
    exact = hour["half"] or hour["minute"] or hour["quarter"] or hour.group().endswith("整")
    follows = re.match(r"\s?(?:前|后|至|到|-|~|止|起|之前|之后|以前|以后)", text[hour.end() :])
    if hour["mark"] == "时" and not raw[0].isdigit() and not (said or exact or follows):
        return None
    if hour["mark"] == "点" and not (said or exact or follows):
        return None
    minute = 30 if hour["half"] else int(chinese_number(hour["minute"] or "0") or 0)
    if hour["quarter"]:
        minute = 15 if hour["quarter"] == "一" else 45
    stop = hour.end()
    return Figure(text[start:stop], start, stop, _time(text, start, int(value), minute), "time", "time")


def _minus(text: str, start: int) -> bool:
    return start < 2 or bool(re.match(r"[\s为达是约:((|跌至]", text[start - 2]))


def _merge(text: str, atoms: list[Figure]) -> list[Figure]:
    """Joins ranges (3%-5%, 三至五年) and hands a shared unit back through lists (3、6、12个月)."""
    for i in range(len(atoms) - 2, -1, -1):
        one, other = atoms[i], atoms[i + 1]
        if one.kind == "bare" and other.unit and isinstance(other.value, Decimal) and other.kind not in ("ordinal", "word"):
            between = text[one.end : other.start]
            if LIST_GAP.fullmatch(between) or (GAP.fullmatch(between) and other.kind != "code"):
                atoms[i] = _borrow(one, other)
        elif one.kind == "bare" and other.kind == "date" and other.value[1] is None and 1900 <= one.value <= 2199:
            if GAP.fullmatch(text[one.end : other.start]):
                atoms[i] = replace(one, value=(int(one.value), None, None), unit="date", kind="date")
    for i in range(1, len(atoms)):
        before, day = atoms[i - 1], atoms[i]
        if before.kind == "date" and before.value[1] and before.value[2] and day.unit == "天" and _is_day(day.value):
            if not GAP.fullmatch(text[before.end : day.start]):
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
    return both and low.unit == high.unit and low.value <= high.value and bool(GAP.fullmatch(text[low.end : high.start]))


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
        return bool(LINE_START.search(before) and re.match(r"[\s、.]*[一-鿿《]", after))
    if len(raw) > 2:
        return False
    if before.endswith("(") and after.startswith(")"):
        return True
    if not MARKER_AFTER.match(after):
        return bool(LINE_START.search(before) and re.match(r"\s+[一-鿿]", after))
    return bool(LINE_START.search(before) or CLAUSE_START.search(before))
