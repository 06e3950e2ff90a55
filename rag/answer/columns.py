"""Which columns of a table row answer a question: those that say which row it is, and of the others the ones asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.answer.asked_kind import lacks_kind
from rag.answer.labels import aliases, said
from rag.answer.yes_no import asks as asks_yes_no
from rag.text.bands import bands, fit, quantities
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.row_bands import row_bands
from rag.text.sentences import Unit, cells, is_numbered
from rag.text.table_cells import unit_in_header
from rag.text.tokens import STOP_WORDS, bigrams

CLEARLY_MORE = 8  # two words, as `_shared` counts: one is said of what is not wanted as well (不带二次给付)
WHOLE_ROW = 4  # a row of so few columns is shown whole where the question names none of them
_SEXES = ("男性", "女性", "男", "女")  # 30岁男的
_KIN = {"男": re.compile(r"男|爸|老公|丈夫|先生|儿子|爷爷|外公|姥爷|哥|弟"), "女": re.compile(r"女|妈|老婆|妻|太太|奶奶|外婆|姥姥|姐|妹")}
_BRACKET = re.compile(r"[（(][^（）()]*[）)]")
_TERM = re.compile(r"(?:期限|存期|分期期数)$")
_DASHES = ("—", "-", "–", "－", "/", "——")
_NUMBER = re.compile(r"[\d,]+(?:\.\d+)?")
_WORDS = re.compile(r"[一-鿿]{4}")
_FIGURE = re.compile(r"[-+±]?[\d,.]+\s*(%|‰|元|万元|年|个?月|天|日|折|倍|BP)?(（[^）]*）)?|[-—/无免收]+")

Column = tuple[str, str]  # name, value


def columns_of(unit: Unit) -> list[Column]:
    """The filled columns of a row, in order."""
    lines = unit.text.split("\n")
    header, values = cells(lines[-3]), cells(lines[-1])
    return [(name, value) for name, value in zip(header, values, strict=False) if value]


def labels(columns: list[Column]) -> int:
    """How many columns at the beginning say which row it is: those before the first plain figure that is no term,
    at least one.

    Without 时间段：满1年不满2年 a rate would seem to be the product's only one.
    """
    figures = (n for n, (name, value) in enumerate(columns) if n and _FIGURE.fullmatch(value) and not _TERM.search(name))
    return max(1, min(next(figures, 1), len(columns) - 1))


def asked_columns(unit: Unit, question: str) -> list[Column]:
    """The columns to quote for a question."""
    columns = columns_of(unit)
    label = labels(columns)
    rest = columns[label:]
    named = _named(rest, question)
    if named:
        return [*columns[:label], *named]
    if len(columns) <= WHOLE_ROW:
        return _filled(columns)
    if parts := _by_parts(rest, question):
        return [*columns[:label], *_most_shared(parts, question)]
    fitting = _fitting(columns[0][0], rest, question)
    if fitting:
        key, matter = columns[0]
        if len(fitting) == 1 and is_numbered(fitting[0][0]):  # 月数：9；费率：85, not 月数：费率；9：85
            return [(key, fitting[0][0]), (matter, fitting[0][1])]
        return [*columns[:label], *fitting]
    shared = [max(_shared(name, question), _shared(_BRACKET.sub("", name), question)) for name, _ in rest]
    most = max(shared, default=0)
    if not most:
        return _filled(columns)
    asked = {g for g in bigrams(question) if g not in STOP_WORDS}
    keys = [c for c in rest if asked & set(bigrams(c[1]))][:2]
    chosen = [c for c, n in zip(rest, shared, strict=True) if n == most]
    if asks_yes_no(question):  # whether 年费 can be waived stands under 减免条件
        keys += [c for c in rest if _WORDS.search(c[1]) and not _FIGURE.fullmatch(c[1])]
    if all(lacks_kind(question, _with_unit(*c)) for c in chosen):  # 百分之几可以取现 is no 最高额度
        keys += [c for c in rest if not lacks_kind(question, _with_unit(*c))]
    return [*columns[:label], *(c for c in rest if c in chosen or c in keys)]


def _with_unit(name: str, value: str) -> str:
    """A cell's value with the unit that its column's name says: 150 under 起付线（元） is 150元."""
    return f"{value}{unit_in_header(name)}" if _NUMBER.fullmatch(value) else value


def _most_shared(columns: list[Column], question: str) -> list[Column]:
    """Of columns of whose names as many parts are said those of whose name the question says most."""
    shared = [_shared(name, question) for name, _ in columns]
    most = max(shared)
    return [c for c, n in zip(columns, shared, strict=True) if n == most] if most >= CLEARLY_MORE else columns


def of_another_column(draft: str, unit: Unit, question: str) -> bool:
    """Whether a sentence about a row tells a figure of it that stands only in columns the question does not mean, where
    their names have parts (20年 男性 10年交) and it says which, or bands (车龄5—8年) and it states what lies in one."""
    if unit.kind != "row":
        return False
    columns = columns_of(unit)
    label = labels(columns)
    rest = columns[label:]
    parts = _by_parts(rest, question)
    meant = _fitting(columns[0][0], parts or rest, question) or parts
    known = "\n".join((question, unit.context, *(f"{name}：{value}" for name, value in (*columns[:label], *meant))))
    others = {number for _, value in rest for number in _written(value)}
    return bool(meant) and bool(others & _written(draft) - _written(known))


def asked_cell_blank(unit: Unit, question: str) -> bool:
    """Whether a row leaves the cell empty, or with a dash, that the question asks for (70岁 has no 10年交): of columns whose names have parts,
    the one it says most of. The other cells answer another question."""
    if unit.kind != "row":
        return False
    lines = unit.text.split("\n")
    every = list(zip(cells(lines[-3]), cells(lines[-1]), strict=False))
    meant = _by_parts(every[1:], question)
    return bool(meant) and all(not value or value in _DASHES for _, value in meant)


def _written(text: str) -> set[Decimal]:
    """The numbers of a text as a cell would hold them: 5208 of 5208元."""
    return {figure.written for figure in find_figures(text) if figure.written is not None}


def _filled(columns: list[Column]) -> list[Column]:
    """A whole row less the columns that hold a dash, unless that leaves its label alone."""
    said = [column for column in columns if column[1] not in _DASHES]
    return said if len(said) > 1 else columns


def _shared(name: str, question: str) -> int:
    """How much of a column's name the question says: the squared lengths of the runs they share, so that 等额本息 tells
    more than 等额 and 月还."""
    name, question = normalise(name), normalise(question)
    worth, at = 0, 0
    while at < len(name):
        length = 0
        while at + length < len(name) and name[at : at + length + 1] in question:
            length += 1
        worth += length * length if length > 1 and name[at : at + length] not in STOP_WORDS else 0
        at += max(1, length)
    return worth


def most_parts(names: Sequence[str], question: str) -> int:
    """How many parts of one column's name (保20年 男性 10年交) the question says, of the column it says most of."""
    return max(_parts(names, question), default=0)


def _by_parts(columns: Sequence[Column], question: str) -> list[Column]:
    """The columns of whose names the question says the most parts; none where it says as many of all of them."""
    counts = _parts([name for name, _ in columns], question)
    most = max(counts, default=0)
    return [c for c, count in zip(columns, counts, strict=True) if count == most] if most > min(counts, default=0) else []


def _parts(names: Sequence[str], question: str) -> list[int]:
    text, sex = normalise(question), sex_said(question)
    return [sum(part[0] == sex if part in _SEXES else any(said(alias, text) for alias in _part_aliases(part))
                for part in name.split()) if " " in name or name in _SEXES else 0
            for name in names]


def sex_said(question: str) -> str:
    """男 or 女 where a question says of one only that it is about (40岁男, 我妈), else ""."""
    literal = {sex for sex in _KIN if sex in question}
    found = literal if len(literal) == 1 else {sex for sex, words in _KIN.items() if words.search(question)}
    return next(iter(found)) if len(found) == 1 else ""


def _part_aliases(part: str) -> list[str]:
    plain = normalise(part).replace("周岁", "岁")
    if part == "趸交":
        return ["趸交", "一次交", "一次性交", "一次缴", "一次性缴", "一次付", "一次性付"]
    return [*aliases(part), plain, plain.replace("至", "到"), plain.replace("年交", "年缴"), plain.replace("·", "")]  # 保到70岁 for 保至70周岁


def _fitting(key: str, columns: list[Column], question: str) -> list[Column]:
    """The columns whose band holds a quantity of the question (20年以上至30年 for 25年; 9 under a key 月数 for 9个月); none
    where columns have no bands."""
    stated = quantities(question)
    fits = [fit(stated, bands(name) or row_bands(f"{key}：{name}")) for name, _ in columns] if stated else []
    return [c for c, n in zip(columns, fits, strict=True) if n > 0] if 1 in fits and -1 in fits else []


def _named(columns: list[Column], question: str) -> list[Column]:
    """The columns whose whole name the question says; a name inside a longer one that it says does not count."""
    text = normalise(question)
    found: list[tuple[str, Column]] = []
    for name, value in columns:
        alias = next((a for a in aliases(name) if said(a, text)), "")
        if alias:
            found.append((alias, (name, value)))
    for alias, _ in sorted(found, key=lambda pair: -len(pair[0])):
        shorter = [pair for pair in found if pair[0] != alias and pair[0] in alias]
        if shorter and said(alias, text):
            masked = text.replace(alias, " ")
            found = [pair for pair in found if pair not in shorter or said(pair[0], masked)]
    return [column for _, column in found]
