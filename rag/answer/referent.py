"""What a question is about: the product it names, with its edition or class, or the thing of a table it opens with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from rag.answer.labels import Group
from rag.text.normalise import normalise
from rag.text.tokens import words

Names = Callable[[str], str]  # the words of a text that name a product or document
Groups = Callable[[str], Sequence[Group]]  # names of one kind in the tables found for a text

PRODUCT = re.compile(r"(保险|险|贷款|贷|卡|基金|理财|存款|债券|年金|货币|混合|[A-Za-z]?[类款版])$")
_VARIANT = r"(?:(?:20)?\d\d年?版|[新旧老]版|[A-Za-z](?:类|款|份额)|(?<![A-Za-z])[A-Z](?![A-Za-z0-9股+级])|第\d+期|计划[一二三])"
_BEHIND = re.compile(rf"{_VARIANT}+")
_HEAD = re.compile(rf"^([^，,。？?的和跟与比]{{2,12}}?{_VARIANT}+)")
_CHINESE = re.compile(r"[㐀-鿿]{2}|[㐀-鿿][A-Za-z]|[A-Za-z][㐀-鿿]")
_BEFORE = re.compile(r"[^，,。？?的投买在是我想要能用把给从拿被了到开办]{1,6}$")  # what may belong to a name before its found part
MOST = 3


def place_of(name: str, text: str) -> int:
    """Where a text says a name, whatever the case of its letters; -1 where it does not."""
    return unicodedata.normalize("NFKC", text).lower().find(unicodedata.normalize("NFKC", name).lower())


def names_in(text: str, name_in: Names) -> list[str]:
    """The documents' names that a text says, in the order it says them: whole words with at least two letters."""
    plain = unicodedata.normalize("NFKC", text)
    rest, found = plain, []
    for _ in range(MOST):
        name = name_in(rest)
        at = place_of(name, rest) if name else -1
        if at < 0:
            break
        if _CHINESE.search(name) and _whole(name, plain):
            found.append((at, plain[at : at + len(name)]))
        rest = rest[:at] + "，" * len(name) + rest[at + len(name) :]
    return [name for _, name in sorted(found)]


def referent(text: str, name_in: Names, groups: Groups = lambda _: ()) -> str:
    """What a question is about, as it says it (稳盈90天A款, 精致白金卡); "" where it names nothing known."""
    plain = unicodedata.normalize("NFKC", text)
    head = _HEAD.match(plain)
    if head:
        behind = next((name for name in names_in(plain, name_in) if plain.startswith(name, head.end())), "")
        return head.group(1) + behind
    for name in names_in(plain, name_in):
        at = place_of(name, plain)
        before = _BEFORE.search(plain[:at])
        start = before.start() if before and before.start() == 0 else at
        behind = _BEHIND.match(plain, at + len(name))
        return plain[start : behind.end() if behind else at + len(name)]
    lower = normalise(plain)
    opening = [name for group in groups(plain) for name in group if lower.startswith(name)]
    return plain[: len(max(opening, key=len))] if opening else ""


def _whole(name: str, text: str) -> bool:
    """Whether a name does not begin in the middle of a word (卡额度 in 金卡额度)."""
    at = place_of(name, text)
    place = 0
    for word in words(text[: at + len(name)]):
        start = normalise(text).find(word, max(0, place - 8))
        if start < at < start + len(word) <= at + len(name) and at - start < len(word):
            return False
        place = max(place, start + len(word)) if start >= 0 else place
    return True
