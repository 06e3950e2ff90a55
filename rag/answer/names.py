"""Names that a sentence says and its evidence does not: of products, institutions, laws, persons, places, telephones, sites.

A sentence about 澄薪贷 over the words of 澄e贷 has every figure right and is wrong. A name is known by what it ends in (贷,
银行, 条例), by its form (《…》, 400-…, www.…), or as a word that only names (王强, 深圳, 支付宝). Short forms stand where the
full one does; ordinary words (保险公司, 我行, 客服中心) are no names.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

import rjieba

from rag.answer.name_words import CALLED, ENDS, JOINS, KINDS, LATIN, LEADING, NO_PERSON, NO_PLACE, ORDINARY, SURNAMES
from rag.text.normalise import normalise

_Word = tuple[int, int, str, str]  # start, end, the word, its part of speech
_GAP = 3  # characters of a full name that a short form may leave out between two of its own; one of two characters, fewer
_TITLED = re.compile(r"《([^《》]{2,40})》")
_QUOTED = re.compile(r"[“\"「『]([^“”\"「」『』]{2,16})[”\"」』]")
_SITE = re.compile(r"(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|gov|edu|top|info)(?:\.[a-z]{2})?(?![a-z0-9])")
_PHONE = re.compile(r"(?<![\d.,])(?:[48]00(?:[-—\s]?\d){7}|0\d{2,3}[-—\s]\d{7,8}|1[3-9]\d{9}|9[56]\d{3,4}|123\d{2})"
                    r"(?!\d|[,.]\d|\s?[元万亿份股户人名笔次美港欧日年%‰条号家个])")
_LATIN = re.compile(r"(?<![a-z0-9])[a-z]{2,}(?![a-z0-9])")
_BEHIND = 6  # characters behind a name in which its kind may stand
_MARKS = re.compile(r"[\s“”\"'「」『』《》〈〉()（）\[\]·・,，、。；;：:]+")
_PRODUCT = re.compile(r"(?<![信借])贷款?|(?:信用|借记|储蓄)?卡(?!号|片|面|组织|密|种|内|里|上)|寿险|保险(?!公司|[人法单费金种期机条合责事标利业代经公])"
                      r"|(?<![风危出抢冒遇脱避涉保])险(?![种别人])|年金|基金(?!公司|[管份合财托销资经])|理财|存款(?!人)|存单|计划|宝(?![贝贵石])|盈(?![利余亏])")
_HOLDER = re.compile(
    r"银行(?![卡业间汇承])|[支分]行|信用社|人寿(?!保)|财险|产险|证券(?!投|交|账|法|公|化|期|监|市|业|代|登|服|发|经|从|资|品|持|类)"
    r"|公司(?!法|章|债|类|型|治|制|股)|集团|医院|中心(?!城|地|[化线点])|交易所|委员会|管理局|总局")
_LAW = re.compile(r"条例|办法|细则|准则|指引")
_CHANNEL = re.compile(r"app(?![a-z])|公众号|小程序|官网|网站")
# how words are tagged that before such a kind are no part of a name
_PLAIN = {_PRODUCT: ("n", "d", "p", "m", "q", "r", "c", "u", "f", "t", "b"), _HOLDER: ("v", "d", "p", "m", "q", "r", "c", "u", "f", "t"),
          _LAW: ("v", "d", "p", "m", "q", "r", "c", "u", "f", "t"), _CHANNEL: ("v", "d", "p", "m", "q", "r", "c", "u", "f", "t")}
_PROPER = ("nr", "ns", "nt", "nz")
_PLACE_END = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|[省市州县区])$")
_PERSON_END = re.compile(r"(?:先生|女士|经理|主任|律师|医生|老师|行长)$")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_SAYING = re.compile(r"不|未|应当|可以|须")  # words of a sentence, in no name
_NAMING = re.compile(r"[a-z\u4e00-\u9fff]")


def unknown_names(draft: str, evidence: Sequence[str], question: str) -> list[str]:
    """The names of the draft, normalised, that stand neither in the evidence (with its title and headings) nor in the
    question; in no short form either. Each once."""
    text = normalise(draft)
    known = _tight("\n".join((*evidence, question)))
    found = [name for name, stands in _names(text, known) if not stands]
    return [name for name in dict.fromkeys(found) if not any(name != other and name in other for other in found)]


def _names(text: str, known: str) -> Iterator[tuple[str, bool]]:
    """Each name and whether it stands."""
    for name in (*_TITLED.findall(text), *_QUOTED.findall(text)):
        yield name, _stands(_tight(name), known)
    yield from _addresses(text, known)
    words = list(_tagged(text))
    begins, ends = {word[0] for word in words}, {word[1] for word in words}
    for name, full in CALLED.items():
        at = text.find(name)
        if at in begins and at + len(name) in ends:  # 施工行为 says no 工行
            yield name, any(_stands(one, known) for one in (name, *full))
    yield from _proper(words, known)
    for kinds in _PLAIN:
        for found in kinds.finditer(text):
            if name := _unheard(found.start(), found.end(), text, words, known, kinds):
                yield name, False


def _addresses(text: str, known: str) -> Iterator[tuple[str, bool]]:
    for site in _SITE.findall(text):
        yield site, site.removeprefix("https://").removeprefix("http://") in known
    digits = re.sub(r"[-—]", "", known)
    for phone in _PHONE.findall(text):
        yield phone, re.sub(r"[-—\s]", "", phone) in digits
    for word in _LATIN.findall(_SITE.sub(" ", text)):
        yield word, word in LATIN or word in known


def _proper(words: Sequence[_Word], known: str) -> Iterator[tuple[str, bool]]:
    """Words that only name: places, and persons by their surname."""
    for (_, _, word, tag), (_, _, more, _) in itertools.pairwise((*words, (0, 0, "", ""))):
        if tag == "nr" and len(word) == 1 and 1 <= len(more) <= 2 and _HAN.fullmatch(more):  # 周|建平
            word += more
        if tag == "ns" and word not in NO_PLACE:
            word = word.lstrip(LEADING)
            if len(word) > 1 and JOINS.isdisjoint(word[1:]):
                yield word, word in known or (len(word) > 2 and _stands(_PLACE_END.sub("", word), known))
        elif tag == "nr" and word[0] in SURNAMES and 2 <= len(word) <= 5 and word not in NO_PERSON and JOINS.isdisjoint(word[1:]):
            own = _PERSON_END.sub("", word)
            yield word, (own if len(own) > 1 else word) in known


def _unheard(start: int, end: int, text: str, words: Sequence[_Word], known: str, kinds: re.Pattern[str]) -> str:
    """The name that ends at `end` in its kind (`text[start:end]`), where it does not stand; "" where it does or is none.

    It is followed to its beginning over what the known words hold and over words of its kind. Of what comes then a word
    that names makes it another name; close to the kind any word that no ordinary one is: 安居 of 安居贷.
    """
    at, near = start, True
    while True:
        while at > 0 and text[at - 1] not in ENDS and _NAMING.match(text[at - 1]) and text[at - 1 : at + 1] in known:
            at -= 1
        if at == 0 or not _NAMING.match(text[at - 1]):
            return ""
        first, last, word, tag = next(one for one in words if one[0] < at <= one[1])
        if text[at - 1] in JOINS and (first == at - 1 or not rjieba.has_word(word)):
            return ""
        if at == start and _of_another_kind(text, start, end, known, kinds):
            return text[first:end]
        if word in ORDINARY:
            return ""
        proper = tag.startswith(_PROPER) or not rjieba.has_word(word) or (tag == "j" and kinds is _HOLDER)
        if word in KINDS or (not proper and last > at) or (last <= at and word in known):
            at, near = first, near and (word in KINDS or last > at)
            continue
        if not proper and (not near or tag.startswith(_PLAIN[kinds])):
            return ""
        name = text[first:end]
        if _SAYING.search(name):
            return ""
        return "" if len(name) <= end - start + 1 or _stands(_tight(name), known) or _stands(word, known) else name


def _of_another_kind(text: str, start: int, end: int, known: str, kinds: re.Pattern[str]) -> bool:
    """Whether what stands before the kind is known, and by other kinds only: 澄e卡 for 澄e贷."""
    at = start - 1
    while at > 0 and _NAMING.match(text[at - 1]) and text[at - 1 : at + 1] in known:
        at -= 1
    head = text[max(at, start - 4) : start]
    if len(head) < 2 or rjieba.has_word(head):
        return False
    behind = [known[found.end() : found.end() + _BEHIND] for found in re.finditer(re.escape(head), known)]
    called = [found[0] for words in behind for found in kinds.finditer(words)]
    own = text[start:end].replace("贷款", "贷")[-1]
    return bool(called) and not any(own in one for one in called)


def _stands(name: str, known: str) -> bool:
    """Whether the known words say a name, or a longer one that it is short for: its characters in their order, close by."""
    if name in known:
        return True
    return len(name) > 1 and bool(re.search(f".{{0,{min(_GAP, len(name))}}}?".join(map(re.escape, name)), known))


def _tagged(text: str) -> Iterator[_Word]:
    """(start, end, word, part of speech) of each word."""
    at = 0
    for word, tag in rjieba.tag(text):
        yield at, at + len(word), word, tag
        at += len(word)


def _tight(text: str) -> str:
    return _MARKS.sub("", normalise(text))
