"""What customers call a product: 传家宝 for 利安传家宝终身寿险, 爱家守护 for 利安利利爱家守护定期寿险.

The name less its brackets, its kind, and the institution it begins with. Short as it is, it decides which documents are
meant, where a share of the long title would say little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from itertools import chain, takewhile

import rjieba

from rag.text.normalise import normalise

_COUNTRY = re.compile(r"^中国(?!人寿|人民|银行|邮政)")  # what these are told by is no word of their own
SHORTEST = 3  # characters of a name by which a product is told from ordinary words; two that are no word do as well (康悦)
_HOUSE = re.compile(r"^[一-鿿]{2,6}?(?:人寿(?!保险)|财险|产险|健康(?=·))[·\s]*(?=[一-鿿]{3})")  # an institution that no document names
_COMPANY = re.compile(r"^(?:产险|财险|健康(?=·)|人寿(?!保险)|(?:农村)?商业银行|银行|理财(?![宝通金计产])(?=\S{4}))")  # what may stand behind the institution's own name
_LONG_KIND = re.compile(r"(?!贷|卡|险)")  # 澄薪贷 is a name, 颐年 of 颐年养老年金保险 as well
_QUOTED, _PART = re.compile(r"[“\"「]([^”\"」]{2,12})[”\"」]"), re.compile(r"[·・\s](?=[^·・\s]{3})")  # “稳澜·月月盈” is 月月盈
_ITS_NUMBER = re.compile(r"\d+号$")
_ALL_ITS = re.compile(r"(?:理财|保险|基金|银行|贷款|信用卡|金融)*产品")  # 沧澜理财产品 is the name of no one product
_FIRM = re.compile(r"(?:公司|银行|信用社|中心)$")
BRACKETED = re.compile(r"[（(][^（）()]*[）)]")
_SHORTENED = re.compile(r"(?<!保)险|保险|ETF|联接|(?<!公积)基金", re.IGNORECASE)  # kinds before which names are abbreviated
_ABBREVIATED = range(4, 1, -1)  # characters of such a name before its kind: 家财 of 家财险
FEW = 3  # products that one may stand for; what more go by is their kind (重疾险)
_KIND_WORDS = (
    r"零售|普惠|终身|定期|两全|年金|专属|商业|养老|重大疾病|疾病|医疗|护理|意外伤害|意外|团体|个人|家庭|财产|责任|万能型?|分红型?|"
    r"投资连结型?|增额|每[日周月季年]|最[短低]|封闭|持有|定开|开放|净值|混合类|灵活配置|人民币|公募|税收优惠型?|健康|互联网|综合|\d+天|信用|消费|经营|住房|抵押|固定收益类?|固收(?:增强|[+＋])?|现金管理类?|权益类?|净值型|结构性|持有期|定期开放|开放式|封闭式|"
    r"混合型?|债券型?|股票型?|指数型?|货币市场|货币|证券投资|联名|借款人|循环额度|商品|账单|现金|补充|保障|住院|门急诊|百万|长期|短期|防癌|特定疾病|少儿|学生|保证|"
    r"老年|女性|目标日期|目标风险|发起式|20[2-6]\d年?|第\d+期|[一二三五]年")
_GRADE = r"(?:臻享)?(?:白金|钻石|无限|金(?=卡|的|年费|能|可)|普(?=卡))卡?"
_KIND = re.compile(
    rf"(?:(?:{_KIND_WORDS})*"
    r"(?:寿险|年金险|保险|险|贷款|贷|借款|分期付款服务|分期付款|分期|信用卡|借记卡|卡|理财产品|理财|存款|基金中基金|基金|FOF|计划))+$", re.IGNORECASE)


class ProductNames:
    """`products`: key (a version) -> (product, institution), empty strings where the document says neither."""

    def __init__(self, products: Mapping[str, tuple[str, str]]):
        self._keys: dict[str, list[str]] = {}
        self._house = {key: _house_of(institution) for key, (_, institution) in products.items()}
        houses = {_house_of(institution) for _, institution in products.values() if institution}
        short = {key: _short(product, houses) for key, (product, _) in products.items()}
        self.product = {key: product for key, (product, _) in products.items() if product and not _ALL_ITS.fullmatch(short[key])}
        self._words: dict[str, list[str]] = {}  # names of two characters that are words as well
        for key, product in self.product.items():
            if short[key]:
                self._keys.setdefault(short[key], []).append(key)
            if word := _word(product, houses):
                self._words.setdefault(word, []).append(key)
        for name, keys in list(self._keys.items()):  # 日日盈 of 澄心·日日盈1号
            end = _ITS_NUMBER.sub("", _PART.split(name)[-1])
            if end != name and end not in self._keys and len(end) >= SHORTEST:
                self._keys[end] = list(keys)
        for name, keys in _told_by_their_ends(self._keys).items():
            self._keys.setdefault(name, []).extend(keys)
        begun: dict[str, list[str]] = {}
        for name in self._keys:
            if len(name) > SHORTEST and not re.fullmatch(_KIND_WORDS, name[:2]):  # 养老2045 is no name
                begun.setdefault(name[:2], []).append(name)
        self._heads = {head: names[0] for head, names in begun.items() if len(names) == 1}
        self._full = {key: normalise(BRACKETED.sub("", product)) for key, product in self.product.items()}
        self._initials = {key: "".join(word[0] for word in rjieba.cut(_without_house(full, houses)))
                          for key, full in self._full.items() if _SHORTENED.search(full)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProductNames) and (self.product, self._keys, self._house) == (
            other.product, other._keys, other._house)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The products whose name is that of a kind (零售贷款): their papers may be of any."""
        return frozenset(product for product in self.product.values() if _KIND.fullmatch(normalise(BRACKETED.sub("", product))))

    @property
    def houses(self) -> frozenset[str]:
        """What customers call the institutions."""
        return frozenset(self._house.values()) - {""}

    def named(self, question: str) -> dict[str, list[str]]:
        """The same as `said`, of a question: customers also abbreviate (家财险: 家庭财产保险)."""
        found = self.said(question)
        text = rest = normalise(question)
        for name in found:
            rest = rest.replace(name, "，" * len(name))
        found |= self._abridged(rest) if not found else {}
        houses = {house for house in self.houses if house in text}
        for kind in _SHORTENED.finditer(rest):
            for length in _ABBREVIATED:
                before = rest[max(0, kind.start() - length - 1) : kind.start()]
                begins = before[-length:]
                if "，" in before or len(begins) < length:  # 重疾险 behind a name is its kind
                    continue
                if keys := self._begun(begins, houses):
                    found[begins + kind[0]] = keys
                    break
        return found

    def _abridged(self, text: str) -> dict[str, list[str]]:
        """What begins as one product's name alone and goes on with its kind, or a card's grade: 远见混合 for
        远见平衡混合类理财产品, 云程白金 for 云程航旅联名信用卡."""
        for head, name in self._heads.items():
            said = re.search(f"{re.escape(head)}(?:(?:{_KIND_WORDS}){{1,2}}|(?P<grade>{_GRADE}))", text) if head in text else None
            if said is None:
                continue
            keys = [key for key in self._keys[name]
                    if (self._full[key].endswith("卡") if said["grade"] else in_order(said[0], self._full[key]))]
            if keys:
                return {said[0]: keys}
        return {}

    def _begun(self, characters: str, houses: set[str]) -> list[str]:
        """Keys of the few products, of these houses if any, whose words begin with these characters, in their order."""
        if characters == "重疾" or any(characters in full for full in self._full.values()):
            return []  # a kind, or words as they stand
        keys = [key for key, initials in self._initials.items()
                if in_order(characters, initials) and (not houses or self._house[key] in houses)]
        return keys if len({self.product[key] for key in keys}) <= FEW else []

    def said(self, text: str) -> dict[str, list[str]]:
        """name -> keys of the products that a text says by it, those whose longer names hold it among them, but not those
        that go on behind it (安心行 is not 安心行plus); where it says an institution too, that one's only. A name inside a
        longer one that it says does not count."""
        text = normalise(text)
        for word, keys in self._words.items():
            if re.search(f"{word}(?:(?:19|20)?\\d\\d年?[那这]?版?|[这那]款|定寿|终身寿|寿险|年金|重疾|医疗|意外|保险)", text):
                return {word: self._of_the_house(keys, text)} | self._said(text)
        return self._said(text)

    def _said(self, text: str) -> dict[str, list[str]]:
        found = [name for name in self._keys if name in text]
        holds = {name: [keys for other, keys in self._keys.items()
                        if other == name or (name in other and not other.startswith(name))] for name in found}
        return {name: self._of_the_number(name, self._of_the_house(list(dict.fromkeys(chain(*holds[name]))), text), text)
                for name in found if not any(name != other and name in other for other in found)}

    def _of_the_number(self, name: str, keys: list[str], text: str) -> list[str]:
        """Of products of one name that their numbers tell apart (安鑫封闭180天, 安鑫封闭365天) those of the numbers said
        behind it: 安鑫180; all of them where it says none that one has."""
        if len(keys) == 1:
            return keys
        said = set(re.findall(rf"{re.escape(name)}(?:{_KIND_WORDS})*(\d{{1,4}})(?![\d.%万元块年岁]|,\d)", text))
        return [key for key in keys if said & set(re.findall(r"\d+", self._full[key]))] or keys

    def _of_the_house(self, keys: list[str], text: str) -> list[str]:
        """Of products of one name those of the institution that is said with it (众安食品安全责任险), else all."""
        said = [key for key in keys if self._house[key] and self._house[key] in text]
        return said or keys


def _told_by_their_ends(keys: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """稳享 and 臻享 of a series 安颐稳享, 安颐臻享: name -> keys of the only one that ends so."""
    ends: dict[str, list[str]] = {}
    for name in keys:
        for end in {name[same:] for other in keys if other != name and (same := _alike(name, other)) >= 2}:
            if len(end) >= 2 and end.isalpha() and not end.isascii() and not rjieba.has_word(end) and not _KIND.fullmatch(end):
                ends.setdefault(end, []).append(name)
    return {end: list(keys[of[0]]) for end, of in ends.items() if len(of) == 1 and end not in keys}


def _alike(one: str, other: str) -> int:
    """How many characters two names begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def in_order(short: str, name: str) -> bool:
    """Whether the characters of the short name stand in the long one, in order."""
    rest = iter(name)
    return len(short) >= 2 and all(character in rest for character in short)


def _house_of(institution: str) -> str:
    """What customers call an institution: 众安 for 众安在线财产保险股份有限公司, 平安 for 中国平安财产保险股份有限公司."""
    return _COUNTRY.sub("", institution)[:2]


def _word(product: str, houses: set[str]) -> str:
    """The first two characters of a product's name, where they are a word as well (稻香, 安澜); "" where they are none."""
    full = normalise(BRACKETED.sub("", product)).strip()
    name = "" if _QUOTED.search(full) else _without_house(full, houses).lstrip("· ")
    two = name[: SHORTEST - 1]
    named = _LONG_KIND.match(name, len(two)) and _KIND.fullmatch(name, len(two)) and not _KIND.fullmatch(name)
    return two if named and rjieba.has_word(two) else ""


def _short(product: str, houses: set[str]) -> str:
    """What customers call a product; "" where what is left tells it from nothing."""
    full = normalise(BRACKETED.sub("", product)).strip()
    if quoted := _QUOTED.search(full):
        full = _PART.split(quoted[1])[-1]
        if not _KIND.search(full):
            return full
    name = _without_house(full, houses).lstrip("· ")
    if _KIND.fullmatch(name):  # 个人住房贷款 has no other name
        return name if len(name) >= SHORTEST else ""
    # 澄薪贷 is a name; 智盈金生专属商业养老保险 is one with its kind
    two = name[: SHORTEST - 1]
    if _LONG_KIND.match(name, len(two)) and _KIND.fullmatch(name[len(two) :].removeprefix("百万")) and not rjieba.has_word(two):
        name = two
    at = next((place for place in range(SHORTEST, len(name)) if _KIND.fullmatch(name, place)), len(name))
    name = name[:at].rstrip("·・ ")
    while full[:2] in houses and not full.startswith(name) and name[0] in full[:2] and len(name) > SHORTEST and "·" not in name:
        name = name[1:]  # 爱家守护 of 利安利利爱家守护, whose products all open with a play on its name
    return name if len(name) >= SHORTEST - 1 and not _FIRM.search(name) else ""


def _without_house(name: str, houses: set[str]) -> str:
    """The name less the institution: 预防接种意外伤害保险 of 平安产险预防接种意外伤害保险."""
    if name[:2] not in houses or len(name) - 2 < SHORTEST:
        return _HOUSE.sub("", name)
    rest = name[2:]
    return shorter if len(shorter := _COMPANY.sub("", rest)) >= SHORTEST else rest
