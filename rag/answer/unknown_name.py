"""What a question names and no document knows (安康重疾险 where the institution sells 安心护, a law that is not there), or another
document than the one found (交强险 beside a life insurance's words).

What is found for it is another product's: its figures are wrong however well they read.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import rjieba

from rag.index.product_names import in_order
from rag.text.normalise import normalise
from rag.text.tokens import STOP_WORDS, bigrams

_LAW = re.compile(r"(?:^|[，,。、《“\s]|按照?|根据|依据)([一-鿿]{4,24}?(?:条例|规定|办法|细则|准则|指引|解释|(?<![方办算做说用])法))(?=里|中|上|规定|说|写|怎么|对|》|”|第)")
_LAW_KIND = re.compile(r"(?:(?:监督|管理|暂行|特别|实施|若干|试行|有关)*)(?:条例|规定|办法|细则|准则|指引|解释|法)$")
_NO_NAME = re.compile(r"[的了吗呢我你他她它买卖有没在和跟与给被把这那哪个是要能会款份单种保险]|怎|什|多少|几|公司|银行|分红|所有|全部|普通|一般|标准")
_LEAD = re.compile(r"^(?:请问|想问|问下|你好|麻烦|按照?|根据|依据|依照|在)+")
_LOOSE = re.compile(r"[的那这我你他咱们]|新|老|旧")  # a description, no name
SHORTEST, KNOWN = 4, 0.5  # characters of a law's own name; share of its pairs that a title must hold to be its own

Frequency = Callable[[Sequence[str]], dict[str, int]]  # in how many pieces of the index each token stands

_KIND = re.compile(r"(?:重大疾病|重疾|医疗|意外|责任|终身寿|定期寿|寿|年金|养老|两全|护理)?(?:保险(?!公司|人|法|费|单|合同|机构|金)|(?<!主)险(?![种人]))|贷款|贷|信用卡|卡|基金|理财|存款|宝")
_GRADE = re.compile(r"联名|白金|黑金|钻石|金|普")
_NAMING = ("n", "b", "j", "x", "a")  # tags of words that may name: nouns, kinds, abbreviations, foreign ones, adjectives
_FUNCTION = ("u", "p", "c", "d", "v", "r", "m", "y", "f", "e", "o", "w")  # tags of words that name nothing
_PEOPLE = re.compile(r"[户员民生工者童妇人]$")
_EDITION = re.compile(r"[旧老新原]版?|(?:上一|前一)?版本?|原先|以前")
_DEED = re.compile(r"[办开买换补销领挂申请再又另](?:[一-鿿]|一?[张款份只个笔单副主新][一-鿿]?)?")
_COUNTED = r"天|日|个?月|年|期|号"  # what products of one name are numbered by
_CHAIN = 3  # words before the kind that may belong to a name


def unknown_name(question: str, frequency: Frequency, titles: Iterable[str], known: Iterable[str] = (),
                 products: Iterable[str] = ()) -> str:
    """The name, with its kind, as the question says it; "" where it names nothing or what the index speaks of.

    `titles` are of the documents found: 家财险 is short for one called 家庭财产保险. `known` are names that the question
    says and that documents have: words inside them are theirs. `products` are the names of all: what begins as one of them
    and goes on as none (传家尊 beside 传家宝) is another.
    """
    return _unheard_name(question, frequency, titles, known)[1] or _sibling(question, frequency, known, products)


def unknown_edition(question: str, frequency: Frequency, known: Iterable[str], titles: Iterable[str]) -> str:
    """A known product's name with an edition behind it that no document and none of `titles` speaks of: 康佑一生青春版; ""
    where there is none."""
    text = normalise(question)
    for name in known:
        found = re.search(f"{re.escape(name)}(?:{_KIND.pattern})?[（(]?([一-鿿]{{2,3}})版", text)
        if (found and not _EDITION.fullmatch(found[1]) and not _NO_NAME.search(found[1])
                and _unheard(f"{found[1]}版", frequency) and not any(f"{found[1]}版" in title for title in titles)):
            return found[0].replace("（", "").replace("(", "")
    return ""


def unknown_year(question: str, known: Mapping[str, Iterable[str]], years: Callable[[str], Collection[int]]) -> str:
    """A known product's name with the year of an edition behind it that none of its papers is of, though all say theirs; ""
    where there is none. `years` gives those of a paper."""
    text = normalise(question)
    for name, versions in known.items():
        found = re.search(f"{re.escape(name)}(?:{_KIND.pattern})?[（(]?(?:20)?([0-3][0-9])年?版", text)
        theirs = [years(version) for version in versions]
        if found and theirs and all(theirs) and not any(2000 + int(found[1]) in of for of in theirs):
            return found[0].replace("（", "").replace("(", "")
    return ""


def unknown_number(question: str, name: str, found: Iterable[tuple[str, str]]) -> str:
    """`name` with a number behind it (月添利45天) where titles number what is called so (月添利30天, 安鑫封闭90天), and nothing
    that says the name knows this number; "" elsewhere. `found`: (title, text) of each passage."""
    text = normalise(question)
    if not re.match(r"[一-鿿]{2}", name) or name not in text:
        return ""
    of_name = [one for one in ((normalise(title), normalise(words)) for title, words in found) if name in one[0] or name in one[1]]
    numbered = re.compile(rf"{re.escape(name)}(?:[·第]|[一-鿿]{{2}}(?=\d))?(\d+)({_COUNTED})")
    theirs = [one for title, _ in of_name for one in numbered.finditer(title)]
    known = "\n".join(words for one in of_name for words in one)
    for asked in numbered.finditer(text):
        between = text[asked.start() + len(name) : asked.start(1)]
        alike = [one for one in theirs if one[2] == asked[2] and (between in ("", "第") or between in one[0])]
        if alike and not re.search(rf"(?<!\d){asked[1]}{asked[2]}", known):
            return asked[0]
    return ""


def unknown_of_house(question: str, houses: Iterable[str], titles: Collection[str], known: Iterable[str] = ()) -> str:
    """A name said behind an institution's (利安尊享福终身寿险) that none of the documents' `titles` has the characters of."""
    text = _apart(question, known)
    for house in sorted(one for one in houses if len(one) >= 2 and one in text):
        for found in re.finditer(f"{re.escape(house)}([一-鿿]{{2,6}}?)(?=({_KIND.pattern}))", text):
            name = found[1]
            own = _GRADE.sub("", name)  # 联名金卡 names no product
            if not own or rjieba.has_word(house + name[:1]) or _NO_NAME.search(name) or _KIND.search(name):
                continue  # 太平洋 is no 太平
            if not any(in_order(own, normalise(title)) for title in titles):
                return house + name + found[2]
    return ""


def _sibling(question: str, frequency: Frequency, known: Iterable[str], products: Iterable[str]) -> str:
    """A name with its kind whose first word begins products' names and whose one further character no document has there."""
    text, words = _named_apart(question, known)
    for kind in _KIND.finditer(text):
        for (start, _end, first, _), (_, end, more, tag) in itertools.pairwise(words):
            if (end == kind.start() and len(more) == 1 < len(first) and not tag.startswith(_FUNCTION) and more not in STOP_WORDS
                    and _unheard(first + more, frequency) and any(first in product for product in products)):
                return text[start : kind.end()]
    return ""


def unknown_law(question: str, titles: Iterable[str], found: str) -> str:
    """A law or rule as the question names it (女职工劳动保护特别规定) that is none of `titles` and that the words `found` do
    not speak of; "" where it names none, or loosely."""
    for name in _LAW.findall(normalise(question)):
        name = _LEAD.sub("", name)
        own = _LAW_KIND.sub("", name)
        if len(own) < SHORTEST or _LOOSE.search(name) or own in normalise(found):
            continue
        pairs = set(bigrams(own))
        if not any(in_order(own, title) or len(pairs & set(bigrams(title))) >= KNOWN * len(pairs) for title in titles):
            return name
    return ""


def named_elsewhere(question: str, own: Iterable[str], title: str, titles: Iterable[str], known: Iterable[str] = ()
                    ) -> frozenset[str]:
    """The titles among `titles` that the question's name may be short for (家财险: 平安家庭财产保险条款) where the document
    called `title`, of which `own` are words, never says that name; none where it does, or nothing is named."""
    held = functools.cache(lambda: normalise("\n".join(own)))
    word, _ = _unheard_name(question, lambda pairs: {pair: int(pair in held()) for pair in pairs}, [title], known)
    return frozenset(other for other in titles if word and _short_for(word, other))


def _unheard_name(question: str, frequency: Frequency, titles: Iterable[str], known: Iterable[str]) -> tuple[str, str]:
    """(the unheard word of a name, the whole name with its kind), or empty strings."""
    text, words = _named_apart(question, known)
    for kind in _KIND.finditer(text):
        for start, end, word, tag in reversed([one for one in words if one[0] < kind.start()][-_CHAIN:]):
            word = word[: kind.start() - start]
            if not tag.startswith(_NAMING) or word in STOP_WORDS or word == "，" or _KIND.search(word):
                break  # 卡扣, cut in the wrong place
            if (len(word) == 1 and end > kind.start()) or text[start - 1 : start].isdigit():
                break  # 办卡; and 50万守家
            if _DEED.fullmatch(word):
                break  # 办张信用卡
            if _EDITION.fullmatch(word) or _PEOPLE.search(word):
                break  # 旧版信用卡收费标准, 低保户大病保险
            if len(word) > 1 and _unheard(word, frequency) and not any(_short_for(word, title) for title in titles):
                return word, text[start : kind.end()]
    return "", ""


def _named_apart(question: str, known: Iterable[str]) -> tuple[str, list[tuple[int, int, str, str]]]:
    """The question with commas for the names it may say, and its words."""
    text = _apart(question, known)
    # no word may reach into a long kind (福重 of 平安福重疾险); a short one is part of its word (房贷)
    return text, _tagged(_KIND.sub(lambda kind: "，" * len(kind[0]) if len(kind[0]) > 1 else kind[0], text))


def _apart(question: str, known: Iterable[str]) -> str:
    text = normalise(question)
    for name in sorted(known, key=len, reverse=True):
        text = text.replace(name, "，" * len(name))
    return text


def _tagged(text: str) -> list[tuple[int, int, str, str]]:
    """(start, end, word, part of speech) of each word."""
    found, at = [], 0
    for word, tag in rjieba.tag(text):
        found.append((at, at + len(word), word, tag))
        at += len(word)
    return found


def _unheard(word: str, frequency: Frequency) -> bool:
    pairs = bigrams(word)
    return bool(pairs) and min(frequency(pairs).get(pair, 0) for pair in pairs) == 0


def _short_for(word: str, title: str) -> bool:
    """Whether a word is made of characters that words of a title begin with, in their order."""
    begun = iter(one[0] for one in rjieba.cut(title) if one.strip())
    return all(character in begun for character in word)
