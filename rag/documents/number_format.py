"""A number as a spreadsheet's format shows it: sections, conditions, digits, grouping, scaling, percent, fractions, words.

A format that is not understood shows the plain number and none of its words: a unit beside an unscaled number is a lie.
"""

from __future__ import annotations

import operator
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|(?P<blank>_.|\*.)|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式|@)'
    r"|(?P<power>E[+-])|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<bare>.)", re.IGNORECASE | re.DOTALL)  # fmt: skip
_SECTION = re.compile(r'(?:"[^"]*"|[\\!_*].|\[[^\]]*\]|[^;])*', re.DOTALL)
_CONDITION = re.compile(r"\s*(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\s*")
_IS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq, "<>": operator.ne}
_CURRENCY = re.compile(r"\$([^-]*)(?:-[0-9a-f]+)?", re.IGNORECASE)
_STYLE = re.compile(r"(?:black|blue|cyan|green|magenta|red|white|yellow|color\s*\d+|dbnum\d|黑色|蓝色|青色|绿色|洋红|红色|白色|黄色|颜色\s*\d+)", re.IGNORECASE)

Token = tuple[str, str]  # "text" | "digit" | "point" | "comma" | "percent" | "general", and its characters


class _NotUnderstood(Exception):
    pass


def shown_number(value: int | float, code: str) -> str:
    """`value` under the format `code`; rounded half up, as spreadsheets do. An empty section hides the number."""
    try:
        number = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
        if not number.is_finite():
            return str(value)
        section, signed, is_zero = _section(number, code or "General")
        return _shown(number if signed else abs(number), section, value, is_zero).strip()
    except (_NotUnderstood, ArithmeticError):  # a number of hundreds of digits
        return plain_number(value)


def plain_number(value: int | float) -> str:
    """Without a format, and without an exponent."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.12g}"
    return f"{Decimal(f'{value:.15g}'):f}" if "e" in text and "n" not in text else text


def _section(number: Decimal, code: str) -> tuple[list[Token], bool, bool]:
    """The section for this number, whether a minus is to be written, and whether it is a section of its own for zero."""
    sections, start = [], 0
    while start <= len(code):
        text = _SECTION.match(code, start)[0]
        sections.append(_tokens(text))
        start += len(text) + 1
    sections = sections[:3]
    if any(condition for _, condition in sections):
        tokens = next((made for made, condition in sections if condition is None or _holds(number, condition)), None)
        if tokens is None:
            raise _NotUnderstood
        written = any(kind == "text" and ("-" in text or "(" in text) for kind, text in tokens)
        return tokens, not written, False
    if number == 0 and len(sections) == 3:
        return sections[2][0], False, True
    if number < 0 and len(sections) > 1:
        return sections[1][0], False, False
    return sections[0][0], True, False


def _holds(number: Decimal, condition: tuple[str, Decimal]) -> bool:
    return _IS[condition[0]](number, condition[1])


def _tokens(section: str) -> tuple[list[Token], tuple[str, Decimal] | None]:
    tokens: list[Token] = []
    condition = None
    for match in _TOKEN.finditer(section):
        kind, text = match.lastgroup, match[match.lastgroup]
        if kind in ("quoted", "escaped"):
            tokens.append(("text", text))
        elif kind == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = (found[1], Decimal(found[2]))
            elif currency := _CURRENCY.fullmatch(text):
                tokens.append(("text", currency[1]))
            elif not _STYLE.fullmatch(text.strip()):
                tokens.append(("unknown", text))
        elif kind == "bare":
            tokens.append(("unknown" if text.isascii() and text.isalpha() else "text", text))
        elif kind == "power":
            tokens.append(("unknown", text))
        elif kind != "blank":
            tokens.append((kind, text))
    return tokens, condition


def _shown(number: Decimal, tokens: list[Token], value: int | float, is_zero: bool) -> str:
    kinds = [kind for kind, _ in tokens]
    if "unknown" in kinds or (tokens and "general" in kinds and "digit" in kinds):
        raise _NotUnderstood
    minus = "-" if number < 0 else ""
    if "general" in kinds:
        plain = plain_number(abs(value))
        return minus + "".join(plain if kind == "general" else text for kind, text in tokens)
    if "digit" not in kinds:
        if "point" in kinds or "comma" in kinds or "percent" in kinds:
            raise _NotUnderstood
        return "".join(text for _, text in tokens)
    first = kinds.index("digit")
    slash = next((place for place in range(first, len(tokens) - 1)
                  if tokens[place] == ("text", "/") and (kinds[place + 1] == "digit" or tokens[place + 1][1].isdigit())), None)
    if slash is not None:
        return minus + _fraction(abs(number), tokens, first, slash)
    shown = _decimal(abs(number), tokens, is_zero)
    return (minus if re.search("[1-9]", shown) else "") + shown


def _decimal(number: Decimal, tokens: list[Token], is_zero: bool) -> str:
    """Digits into their places: words may stand between them (0!.0,"万元" writes 12345678 as 1234.6万元)."""
    point = next((place for place, (kind, _) in enumerate(tokens) if kind == "point"), None)
    end = len(tokens) if point is None else point  # of the whole part
    last_whole = max((place for place in range(end) if tokens[place][0] == "digit"), default=-1)
    grouped = False
    for place, (kind, _) in enumerate(tokens):
        if kind == "comma":
            if tokens[place - 1][0] not in ("digit", "comma") or place == 0:
                raise _NotUnderstood
            if place < last_whole:
                grouped = True
            else:
                number /= 1000
        elif kind == "percent":
            number *= 100
        elif kind == "point" and place != point:
            raise _NotUnderstood
    places = [text for kind, text in tokens[end:] if kind == "digit"]
    rounded = number.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    whole, _, after = f"{rounded:f}".partition(".")
    whole = whole if rounded >= 1 else ""
    while after and places[len(after) - 1] != "0" and after.endswith("0"):
        after = after[:-1]
    before = _whole(whole, tokens[:end], grouped, is_zero)
    made, left = [], after
    for kind, text in tokens[end:]:
        if kind == "digit":
            made.append(left[:1])
            left = left[1:]
        elif kind == "point":
            made.append("." if after else "")
        elif kind != "comma":
            made.append(text)
    return before + "".join(made)


def _whole(digits: str, tokens: list[Token], grouped: bool, is_zero: bool) -> str:
    """The whole part, filled from its right end; the leftmost place takes what is left."""
    places = [place for place, (kind, _) in enumerate(tokens) if kind == "digit"]
    made = {place: text for place, (kind, text) in enumerate(tokens) if kind in ("text", "percent")}
    written = 0

    def digit(char: str) -> str:
        nonlocal written
        written += 1
        return char + ("," if grouped and written > 1 and written % 3 == 1 else "")

    for place in reversed(places):
        empty = tokens[place][1] == "0" or (place == places[-1] and not digits and not is_zero)
        own, digits = (digits[-1:], digits[:-1]) if digits else ("0" if empty else "", "")
        text = digit(own) if own else ""
        while place == places[0] and digits:
            text, digits = digit(digits[-1]) + text, digits[:-1]
        made[place] = text
    joined = "".join(made[place] for place in sorted(made))
    return joined if places else joined + digits


def _fraction(number: Decimal, tokens: list[Token], first: int, slash: int) -> str:
    """`1 1/2`. Where the format has too few places for the number, the spreadsheet shows a nearby one: not copied."""
    above = [place for place in range(first, slash) if tokens[place][0] == "digit"]
    mixed = any(tokens[place][0] == "text" for place in range(above[0], above[-1]))
    below = slash + 1
    while below < len(tokens) and (tokens[below][0] == "digit" or tokens[below][1].isdigit()):
        below += 1
    under = "".join(text for _, text in tokens[slash + 1 : below])
    whole, rest = divmod(number, 1) if mixed else (Decimal(0), number)
    part = Fraction(rest)
    if under.strip("0#?"):
        fixed = int(re.sub("[#?]", "", under) or 0)
        if not fixed or (part * fixed).denominator != 1:
            raise _NotUnderstood
        written = f"{part * fixed}/{fixed}"
    elif not under or part.denominator >= 10 ** len(under):
        raise _NotUnderstood
    else:
        written = f"{part.numerator}/{part.denominator}"
    words = ["".join(text for kind, text in some if kind != "digit") for some in (tokens[:first], tokens[below:])]
    if any(kind not in ("digit", "text") for kind, _ in tokens):
        raise _NotUnderstood
    shown = " ".join(part for part in (str(int(whole)) if whole else "", written if rest else "") if part) or "0"
    return words[0] + shown + words[1]
