"""Chinese and mixed numerals (一百二十八, 伍拾万, 3万5千, 二〇二四) as exact decimals.

Knows nothing of units. `chinese_number` takes a string that holds nothing but numeral characters and returns None
where they are no number, so that a caller may offer it whatever a regular expression caught.
"""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {
    **dict(zip("零一二三四五六七八九", range(10), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    **{"〇": 0, "○": 0, "两": 2, "貳": 2, "參": 3, "叄": 3, "陸": 6, "兩": 2},
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_TWENTIES = {"廿": 20, "卅": 30}

DIGIT_CHARS = "".join(_DIGITS)
MULTIPLIER_CHARS = "".join(_SMALL) + "".join(_LARGE)
NUMERAL_CHARS = DIGIT_CHARS + MULTIPLIER_CHARS + "".join(_TWENTIES)

_TOKEN = re.compile(r"\d+(?:\.\d+)?|.")


def chinese_number(text: str) -> Decimal | None:
    """The value of `text`, which may mix Arabic digits and Chinese multipliers (thousands separators allowed).

    A run of digits without multipliers is read digit by digit (二〇二四 is 2024). "三点五" is 3.5; "两万五" is 25000.
    """
    text = text.replace(",", "").replace(" ", "")
    if not text:
        return None
    if text.isascii():
        return Decimal(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None
    if "点" in text:
        return _with_point(text)
    if all(char in _DIGITS for char in text):
        return Decimal("".join(str(_DIGITS[char]) for char in text))
    return _with_multipliers(text)


def is_digit_run(text: str) -> bool:
    """True for two or more Chinese digits with no multiplier: a year, a code, or a vague "三五"."""
    return len(text) > 1 and all(char in _DIGITS for char in text)


def _with_point(text: str) -> Decimal | None:
    whole, _, rest = text.partition("点")
    scale = Decimal(1)
    while rest and rest[-1] in _LARGE:
        scale *= _LARGE[rest[-1]]
        rest = rest[:-1]
    if not whole or not rest or any(char not in _DIGITS for char in rest):
        return None
    before = chinese_number(whole)
    if before is None:
        return None
    return (before + Decimal("0." + "".join(str(_DIGITS[char]) for char in rest))) * scale


def _with_multipliers(text: str) -> Decimal | None:
    total = section = Decimal(0)
    number: Decimal | None = None
    last_multiplier = 0  # for the spoken short form: 两万五, 一百二
    for token in _TOKEN.findall(text):
        if token in _DIGITS or token[0].isdigit():
            value = Decimal(_DIGITS[token]) if token in _DIGITS else Decimal(token)
            if value == 0 and token in _DIGITS:
                last_multiplier = 0
                continue
            if number is not None:
                return None
            number = value
        elif token in _TWENTIES:
            section += _TWENTIES[token]
            last_multiplier = 10
        elif token in _SMALL:
            section += (Decimal(1) if number is None else number) * _SMALL[token]
            number, last_multiplier = None, _SMALL[token]
        elif token in _LARGE:
            section += number or 0
            if token in "亿億":
                total = (total + (section or (0 if total else 1))) * _LARGE[token]
            else:
                total += (section or 1) * _LARGE[token]
            section, number, last_multiplier = Decimal(0), None, _LARGE[token]
        else:
            return None
    if number is not None:
        short = last_multiplier >= 100 and number < 10 and number == number.to_integral_value()
        section += number * last_multiplier / 10 if short else number
    return total + section
