"""Codes by which papers and products go: 26西部02 (year, issuer and number of a bond), LD2503A."""

from __future__ import annotations

import re

from rag.text.normalise import normalise, tight

_CODE = re.compile(r"(?<![a-z0-9])(?:\d{2} ?[\u3400-\u9fff]{2,6}[a-z]?\d{1,2}(?![\d元万亿%年月日天岁])|"
                   r"(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{5,}(?![a-z0-9]))")


def codes_in(text: str) -> list[str]:
    """What may be a code in a text, each once, without blanks and in lower case."""
    return list(dict.fromkeys(tight(code) for code in _CODE.findall(normalise(text))))


def without_codes(text: str) -> str:
    """The normalised text less what may be codes: their figures are no values."""
    return _CODE.sub(" ", normalise(text)).strip()
