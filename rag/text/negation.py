"""Whether an answer denies what its passage affirms, or the other way round (不予赔付 against 予以赔付).

A small check on words, not on meaning: it needs the denied words themselves in both sentences, and keeps silent
where a sentence uses them both ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.figure_patterns import fold

_NEGATION = re.compile(
    r"不得|不能|不可以?|不予以?|不再|不会|不须|不需要?|无须|无需|毋须|毋需|不用|不必|不应|不含|不包括|不承担|不负责?|不属于|不计|不享有?|不支持|"
    r"不|未|无|并非|非|免除|免于|免收|免(?!疫)|除外|拒绝|禁止|没有|均无"
)
# a 不, 未 or 无 in these turns nothing round
_NEUTRAL = re.compile(
    r"不低于|不高于|不超过|不少于|不多于|不大于|不小于|不满|不足|不同|不论|无论|不限于|不管|不仅|不但|不可抗力|不动产|不良|不定期|不过|"
    r"未来|未成年|未满|非常|无忧|无限|要不|不断|非居民|非因|非本人|非工作日|非保本|非标|免赔额?|避免|以免|免息期?|减免|不可撤销|"
    r"无形|无息|无条件|无理由|无记名|能不能|是不是|可不可以|会不会|有没有|不如|不利|不便|不慎|不幸|不受理由|不定|未经|未能|未按|未及时|未如实|"
    r"不履行|不符|不足额|无法|无效|非法|非保险|非金融|未到期|未还|未偿|未交|不等"
)
_VERDICT = ("不属于", "不承担", "不予", "不得", "不能", "不负责", "不包括", "不享", "不享有")  # said of a case, not part of one
_CONDITION = re.compile(r"^(?:但|且|而)?(?:如果?|若|倘若|因|当|除|在.*之?[前后]$)|(?:的|时|前|后|者)$")
_ASKED = ("是否", "能否", "可否", "会否")
_BREAK = re.compile(r"[，,。；;！？!?\n]")
_CLAUSE = re.compile(r"[^，,。；;！？!?\n]+")


def negation_flipped(answer_sentence: str, source_sentence: str) -> bool:
    """True where one sentence denies the very words that the other affirms.

    The denied words are two to six characters beside the negation. Where a sentence both affirms and denies them
    (等待期内不赔付，等待期后赔付), the clauses most alike are compared; phrases such as 不超过 or 未成年 deny nothing.
    """
    return bool(_flipped_words(answer_sentence, source_sentence))


def _flipped_words(answer_sentence: str, source_sentence: str) -> str:
    answer, source = _squeeze(answer_sentence), _squeeze(source_sentence)
    for one, other in ((answer, source), (source, answer)):
        for phrase, clause in _denials(one):
            if phrase not in other or _denied_in(other, phrase) is not False:
                continue
            # the denied words may also be affirmed elsewhere in the same sentence
            if _denied_in(one, phrase) is True or _clearly_pairs(clause, one, other, phrase):
                return phrase
    return ""


def flipped_against(answer: str, sources: Sequence[str]) -> list[tuple[str, str]]:
    """The (answer words, source words) of which one denies what the other says of the same thing.

    Every clause of the answer, and every two or three in a row, is held against the one to four clauses of a source
    it is most like, if the two share most of their character pairs.
    """
    pool = [(window, _grams(window)) for source in sources for window in _windows(source, 4)]
    pairs: list[tuple[str, str]] = []
    for said in _windows(answer, 3):
        grams = _grams(said)
        subject = _squeeze(said)[:4]
        scored = [(_likeness(grams, other) + (_SUBJECT if subject in _squeeze(window) else 0.0), window) for window, other in pool]
        likeness = max((alike for alike, _ in scored), default=0.0)
        near, phrase = _first_flip(said, [w for d, w in sorted(scored, reverse=True) if d >= max(_RELATED, likeness - 0.05)])
        if not phrase or (likeness < _ALIKE and len(phrase) < 5) or any(known in said for known, _ in pairs):
            continue
        denied = _denied_in(_squeeze(said), phrase)
        agreeing = (_squeeze(w) for d, w in scored if d >= max(_RELATED, likeness - 0.1))
        of_it = subject in _squeeze(near)  # what is said of another matter neither agrees nor disagrees
        if not any(phrase in w and (subject in w or not of_it) and _denied_in(w, phrase) is denied for w in agreeing):
            pairs.append((said, near))
    return pairs


def _first_flip(said: str, windows: Sequence[str]) -> tuple[str, str]:
    """(the first of `windows` that says the contrary, the words it turns round); empty strings where none does."""
    return next(((window, phrase) for window in windows if (phrase := _flipped_words(said, window))), ("", ""))


_ALIKE, _RELATED = 0.6, 0.5
_SUBJECT = 0.05  # a clause that begins with what the answer begins with is the one meant


def _likeness(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _windows(text: str, most: int) -> list[str]:
    """Runs of one to `most` clauses of each sentence, short ones first."""
    runs = []
    for sentence in re.split(r"[。！？!?\n|]", text):
        clauses = [clause.strip() for clause in _CLAUSE.findall(sentence) if len(clause.strip()) > 1]
        for length in range(1, most + 1):
            for i in range(len(clauses) - length + 1):
                run = "，".join(clauses[i : i + length])
                if 5 <= len(run) <= 120:
                    runs.append(run)
    return sorted(runs, key=len)


def _squeeze(sentence: str) -> str:
    return re.sub(r"[\s*\"“”]+|\[\d+\]", "", fold(sentence))


def _grams(text: str) -> set[str]:
    text = re.sub(r"[^\w]", "", _squeeze(text))
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _negations(words: str) -> list[re.Match[str]]:
    neutral = [m.span() for m in _NEUTRAL.finditer(words)]
    return [m for m in _NEGATION.finditer(words) if not any(a <= m.start() < b for a, b in neutral)]


def _denials(words: str) -> list[tuple[str, str]]:
    """(denied words, their clause) for every negation."""
    found = []
    for clause in _CLAUSE.findall(words):
        for match in _negations(clause):
            # these deny, but the words behind them are not said elsewhere without them; nor does 若未… deny anything
            if match.group() in ("除外", "免除", "免于", "拒绝", "禁止", "非"):
                continue
            if _CONDITION.search(clause) and not (clause.startswith("因") and match.group() in _VERDICT):
                continue
            after = re.match(r"[一-鿿A-Za-z]*", clause[match.end() :])
            phrase = after.group()[:6] if after else ""
            if phrase[:1] in tuple("对向因在按以"):
                continue  # 不对…承担: what is denied stands far off
            for length in sorted({min(6, len(phrase)), min(4, len(phrase)), 3}, reverse=True):
                if 2 <= length <= len(phrase):
                    found.append((phrase[:length], clause))
            if len(phrase) < 2 and match.start() >= 3:  # 手续费不退
                found.append((clause[match.start() - 3 : match.start()] + phrase, clause))
    return found


def _denied_in(words: str, phrase: str) -> bool | None:
    """True where every occurrence of `phrase` is denied, False where none is, None where it is mixed."""
    verdicts = set()
    place = words.find(phrase)
    if place < 0:
        return True
    while place >= 0:
        if words[max(0, place - 2) : place] in _ASKED:  # 是否接受：不接受 contradicts nothing
            place = words.find(phrase, place + 1)
            continue
        start = max((m.end() for m in _BREAK.finditer(words, 0, place)), default=0)
        end = _BREAK.search(words, place)
        verdicts.add(bool(_negations(words[start : end.start() if end else len(words)])))
        place = words.find(phrase, place + 1)
    return verdicts.pop() if len(verdicts) == 1 else None


def _clearly_pairs(clause: str, one: str, other: str, phrase: str) -> bool:
    """Whether the denying clause of `one` is, of all that hold `phrase`, the one most like the affirming of `other`."""
    holders = [part for part in _CLAUSE.findall(one) if phrase in part]
    rival = next((part for part in _CLAUSE.findall(other) if phrase in part), "")
    index = other.find(rival)
    grams = _grams(other[max(0, index - 12) : index + len(rival)])

    def likeness(part: str) -> int:
        at = one.find(part)
        return len(grams & _grams(one[max(0, at - 12) : at + len(part)]))

    best = max(holders, key=likeness, default="")
    return best == clause and sum(likeness(part) == likeness(best) for part in holders) == 1
