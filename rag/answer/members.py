"""How the things that a question compares are told apart, and which of them words speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.labels import said
from rag.text.normalise import normalise

GAP = 4  # characters that a short name leaves out in one place


def tells_apart(members: Sequence[str], index: int) -> set[str]:
    """The character pairs and single letters by which one member is told from the others."""
    def marks(name: str) -> set[str]:
        plain = _plain(name)
        return {plain[i : i + 2] for i in range(len(plain) - 1)} or {plain}

    others = set().union(*(marks(name) for i, name in enumerate(members) if i != index))
    own = marks(members[index])
    return own - others or own


def says_member(members: Sequence[str], index: int, words: str) -> bool:
    """Whether words speak of this member: at least half of what tells it from the others."""
    plain = _plain(words)
    if said(normalise(members[index]), plain):
        return True
    own = tells_apart(members, index)
    if _shortens(_head(members, index), plain):
        return True
    return sum(mark in plain for mark in own) * 2 >= len(own) + (len(own) > 1)


def _plain(name: str) -> str:
    """Normalised, without blanks and brackets; 2023年版 is the 2023版, and so is the 2023年修订版."""
    return re.sub(r"[\s（）()]|(?<=\d)年?(?:新?修[订正改])?(?=版)", "", normalise(name))


def _head(members: Sequence[str], index: int) -> str:
    """What a member begins with before what all of them end with: 深圳租赁 of 深圳租赁2026年第一期."""
    own, *others = map(_plain, (members[index], *members[:index], *members[index + 1 :]))
    return own[: next(at for at in range(len(own) + 1) if all(other.endswith(own[at:]) for other in others))]


def _shortens(short: str, words: str) -> bool:
    """Whether a short name is made of the words' own in order, each of two characters at least: 深圳租赁 of 深圳市融资租赁集团."""
    if not re.fullmatch(r"(?:[\u3400-\u9fff]{2}){2,3}", short):
        return False
    return bool(re.search(f".{{0,{GAP}}}".join(short[i : i + 2] for i in range(0, len(short), 2)), words))
