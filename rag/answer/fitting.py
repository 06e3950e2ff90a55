"""Of units that read alike, the one that fits the question: its row, its side, its direction.

金卡 and 车主金卡, 投保人解除 and 保险人解除, 最高 and 最低 differ in one word, which a reader of meanings gives little weight.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from rag.answer.columns import asked_cell_blank, columns_of, labels, most_parts, sex_said
from rag.answer.labels import LEADING, aliases, said
from rag.answer.yes_no import asks as asks_yes_no
from rag.text.bands import bands, fit, holds_the_year, quantities
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.row_bands import row_bands
from rag.text.sentences import Unit, cells
from rag.text.series import of_another_member, says_member_of

OTHER_ROW = 2.5  # logits below the row that the question names stands another row of the same table
KEY = 1.0  # logits that a row gains whose number was asked
NO_KEY = 2.5  # logits that a row loses whose number (its age, its year) was not asked

_MARK = re.compile(r"\d+年期?[交缴]|趸交|(?:计划|方案)[一二三四五六]|[a-d][款类档]|[一二三]线|(?:有|无)(?:社保|医保)")  # tells tables apart
_PAID, _POLICY_YEAR = re.compile(r"\d+\s*年期?[交缴]|[交缴]\s*\d+\s*年"), re.compile(r"保单\s*年度|年度")
_PAY_TERM = re.compile(r"(\d+)\s*年期?[交缴]")
_TO_PAY = re.compile(r"(?<![已续])[交缴](?:费|满)?\s*(\d+)\s*年(?![了后多来]|以后|之后|[再就]?退)")  # 交15年; 交3年退 has paid
_STEP = re.compile(r"最(低|高|少|多|便宜|贵)的?一?(?:档|缴费档)")
_STEP_CELL = re.compile(r"(?:第)?([\d,]+(?:\.\d+)?)(?:%|元|档|元/月|元/年)?")
_LAST_KEY, _AGES = re.compile(r"\d{1,3}(?:周?岁)?(?:及|或)?以[上下]"), re.compile(r"^[^：]*(?:年龄|年度|期数)")  # 83及以上
_WHOSE, _HELD = ("岁", "元", "分", "克"), re.compile(r"^(?:\S{0,4}期限|存期|持有|持仓|分期期数|期数|\S{0,4}天数)")
_YEAR_SAID = re.compile(r"(?<!\d)(20\d\d)(?=年|[一-鿿]{0,4}版)")
_OLD, _NEW = re.compile(r"[旧老](?=费率|版|的|款|条款|那|标准|规则)|以前的|原来的"), re.compile(r"新(?=费率|版|的|款|条款|标准|规则)|最新|现行|现在")
_CLASS, _LETTER = re.compile(r"(?:份额|基金)?(?:类别|类型)|份额"), re.compile(r"[A-Z]")
_OF_TERM = re.compile(r"年|月|天|日")
_HAN = re.compile(r"[一-鿿]{3}")
_FROM_STEP = re.compile(r"[元万]起|[元万](?:[（(]含[）)])?以上")
_OPEN_STEP = re.compile(r"[起至到—~≤<≥>]|以[上下内]|不[足满超]|超过|\d-\d")
LEAST_TERMS = 3  # columns of terms or sums from which on they are all that there are
_SEX = re.compile(r"([男女])性")


def by_row(question: str, units: Sequence[Unit], sources: Sequence[str], logits: np.ndarray) -> np.ndarray:
    """The logits with those rows behind whose table holds another row that the question names.

    `sources`: the document of each unit.
    """
    text = normalise(question)
    moved = logits.copy()
    tables: dict[tuple[str, str], list[int]] = {}
    for i, unit in enumerate(units):
        if unit.kind == "row":
            tables.setdefault((sources[i], unit.text.split("\n")[-3]), []).append(i)
    for rows in tables.values():
        values = {i: cells(units[i].text.split("\n")[-1]) for i in rows}
        if (one := _extreme(text, values)) is not None:
            for i in rows:
                moved[i] = max(moved[j] for j in rows) if i == one else min(moved[i], max(logits[j] for j in rows) - OTHER_ROW)
            continue
        left = text
        apart = {i for i in rows if _band_fits(question, units[i]) < 0}  # 31—60日 is not named by 电话, where 20天 is said
        for column in range(LEADING):
            names = _named({i: row[column] for i, row in values.items() if column < len(row) and i not in apart}, left)
            named = set(names)
            for name in names.values():  # what named a row names no other one: the 二级 of 二级丙等
                left = left.replace(name, " ")
            if not named or len(named) == len(rows):
                continue
            best = max(moved[i] for i in named)
            for i in rows:
                if i not in named:
                    moved[i] = min(moved[i], best - OTHER_ROW)
    return moved


def _extreme(text: str, values: dict[int, list[str]]) -> int | None:
    """The row of the lowest or highest step (最低档) of a table whose first column is its steps; None where none is asked."""
    asked = _STEP.search(text)
    steps = {i: _STEP_CELL.fullmatch(row[0]) for i, row in values.items() if row}
    if not asked or len(steps) < 2 or not all(steps.values()):
        return None
    of = {i: float(step[1].replace(",", "")) for i, step in steps.items()}
    return (min if asked[1] in ("低", "少", "便宜") else max)(of, key=of.__getitem__)


def by_table(question: str, units: Sequence[Unit], sources: Sequence[str], above: Sequence[str], logits: np.ndarray
             ) -> np.ndarray:
    """The logits with those rows behind whose table fits the question less than a like one of the same document: 保20年
    has its table, 保30年 another. `above`: the heading that each unit stands under."""
    moved, text, sex = logits.copy(), normalise(question), sex_said(question)
    alike: dict[tuple[str, str], dict[tuple[str, str, str], list[int]]] = {}
    for i, unit in enumerate(units):
        if unit.kind == "row":
            header = unit.text.split("\n")[-3]
            alike.setdefault((sources[i], cells(header)[0]), {}).setdefault((header, unit.context, above[i]), []).append(i)
    for tables in alike.values():
        worth = {table: most_parts(cells(table[0])[1:], question)
                 + sum(said(mark, text) for mark in set(_MARK.findall(normalise(" ".join(table[1:])))))
                 + (set(_SEX.findall(" ".join(table[1:]))) == {sex}) for table in tables}
        for table, meant in zip(tables, _of_the_time(text, [" ".join(table[1:]) for table in tables]), strict=True):
            worth[table] += meant
        most = max(worth.values())
        fitting = [i for table, places in tables.items() if worth[table] == most for i in places]
        best = max(moved[i] for i in fitting)
        for table, places in tables.items():
            for i in places if worth[table] < most else ():
                moved[i] = min(moved[i], best - OTHER_ROW)
    return moved - OTHER_ROW * np.array([unit.kind == "row" and of_another_series_member(question, unit, [heading])
                                         for unit, heading in zip(units, above, strict=True)])


def _of_the_time(text: str, tables: Sequence[str]) -> list[bool]:
    """Which of alike tables, by the words over them, are of the edition that a question means by 旧费率 or 新版: each must say
    one year, and not all the same."""
    years = [set(_YEAR_SAID.findall(words)) for words in tables]
    old, new = bool(_OLD.search(text)), bool(_NEW.search(text))
    if old == new or not all(len(of) == 1 for of in years) or len(set.union(*years)) < 2:
        return [False] * len(tables)
    meant = (min if old else max)(set.union(*years))
    return [meant in of for of in years]


def without_key(question: str, units: Sequence[Unit]) -> np.ndarray:
    """1 for each row of a table by ages, years or terms (its first cell a bare number) where the question states none that
    is the row's: one row of a hundred answers nothing that was not asked of it."""
    return np.array([_keyed(unit) and _key_fits(unit, question) < 1 for unit in units], dtype="float64")


def with_key(question: str, units: Sequence[Unit]) -> np.ndarray:
    """1 for each row of such a table whose number the question states, of those whose columns it says most of; where there
    is none, for each unit about numbered years (第6个保单年度至第10个) that hold the one asked about."""
    parts = _parts_said(question, units)
    most = max(parts, default=-1)
    if most < 0:
        return np.array([holds_the_year(question, unit.plain) for unit in units], dtype="float64")
    return np.array([part == most for part in parts], dtype="float64")


def of_the_case(question: str, units: Sequence[Unit]) -> np.ndarray:
    """1 for each row whose number (its age, its term) the question states and whose column it names by a part at least
    (10年交, 女性): that such a cell is meant, the question says itself."""
    return np.array([parts > 0 for parts in _parts_said(question, units)], dtype="float64")


def _parts_said(question: str, units: Sequence[Unit]) -> list[int]:
    """Of each row of such a table whose number the question states how many parts of a column's name it says, of the column
    it says most of; -1 for every other unit."""
    return [most_parts(cells(u.text.split("\n")[-3])[1:], question)
            if u.kind == "row" and ((_keyed(u) and _key_fits(u, question) > 0) or _band_fits(question, u) > 0) else -1 for u in units]


def named_cell(question: str, units: Sequence[Unit]) -> np.ndarray:
    """1 for each row whose name and a column's name the question says (卖家版 … 同省): the cell is named, no other words are."""
    text = normalise(question)
    return np.array([unit.kind == "row" and _names_cell(text, unit) for unit in units], dtype="float64")


def _names_cell(text: str, unit: Unit) -> bool:
    columns = columns_of(unit)
    label = labels(columns)
    names = [name for name, _ in columns[1:]]
    if not any(_says(part, text) for name in names for part in (name, *name.split())):
        return False
    return any(_says(value, text) for _, value in columns[:label])


def _says(name: str, text: str) -> bool:
    """Whether a text says a cell's name, or the first of its words (卖家版 of 卖家版赔付)."""
    return any(said(one, text) or (len(one) > 4 and _HAN.match(one) and one[:3] in text) for one in aliases(name))


def _key(unit: Unit) -> str:
    lines = unit.text.split("\n")
    return f"{cells(lines[-3])[0].replace(' ', '')}：{cells(lines[-1])[0]}"


def of_another_series_member(question: str, unit: Unit, headings: Sequence[str]) -> bool:
    """Whether a unit is of another member of a series (计划一, 五级, 5类) than the question names, by what stands over it
    too; a row by the caption and header of its table."""
    told = unit.text if unit.kind == "row" else f"{unit.context} {unit.plain}"
    if unit.kind == "row":  # 类别：C
        told += "".join(f" {value}类" for name, value in columns_of(unit) if _CLASS.fullmatch(name) and _LETTER.fullmatch(value))
    return of_another_member(question, " ".join((*headings, told)))


def of_the_series_member(question: str, units: Sequence[Unit], above: Sequence[str]) -> np.ndarray:
    """1 for each unit that, with the heading above it, names the very member of a series (金卡, 计划二) which the question names."""
    return np.array([says_member_of(question, f"{over} {unit.plain}") for unit, over in zip(units, above, strict=True)], dtype="float64")


def of_no_case(question: str, unit: Unit) -> bool:
    """Whether a row is one age, year or term of many, and the question says none: whose figures are asked is open."""
    return _keyed(unit) and _key_fits(unit, question) == 0


def of_another_case(question: str, unit: Unit) -> bool:
    """Whether a row is of another age, year, term or sex than the one asked about, or it (or a sentence) has nothing for how
    long the question says that premiums are paid, no column or an empty cell: its figures are somebody else's."""
    if unit.kind != "row":
        return not asks_yes_no(question) and of_another_pay_term(question, unit)  # 可选3年交、5年交 does say whether 10年交
    sex, told = sex_said(question), set(_SEX.findall(unit.context))
    if _band_fits(question, unit) < 0 or (sex and told and sex not in told):
        return True
    return ((_keyed(unit) and _key_fits(unit, question) < 0) or of_another_pay_term(question, unit)
            or asked_cell_blank(unit, question) or _no_such_column(question, unit) or _no_such_step(question, unit))


def of_another_pay_term(question: str, unit: Unit) -> bool:
    """Whether a question says for how long premiums are paid (交15年), and a unit knows other terms only: the columns or
    the caption of a row, two or more of a sentence (3年交…，5年交及10年交…)."""
    text = normalise(question)
    asked = {*_PAY_TERM.findall(text), *_TO_PAY.findall(text)}
    words = " ".join((unit.context, unit.text.split("\n")[-3])) if unit.kind == "row" else unit.plain
    told = set(_PAY_TERM.findall(normalise(words)))
    return bool(asked and told) and not asked & told and (unit.kind == "row" or len(told) > 1)


def _no_such_column(question: str, unit: Unit) -> bool:
    """Whether the columns of a row are terms (定期 3个月, 1年, 2年), and none is the one that the question asks for."""
    if _band_fits(question, unit) > 0 or _keyed(unit):
        return False
    stated = [one for one in quantities(question) if one[1] == "月"]
    names = [name for name, _ in columns_of(unit)[1:] if _OF_TERM.search(name) and "第" not in name]  # 第2年 holds a year and a half
    of_terms = [found for name in names if (found := [band for band in bands(name) or row_bands(f"期限：{name.split()[-1]}") if band.unit == "月"])]
    return bool(stated) and len(of_terms) >= LEAST_TERMS and not any(fit(stated, found) > 0 for found in of_terms)


def _no_such_step(question: str, unit: Unit) -> bool:
    """Whether the columns of a row are steps in yuan (一档（100元/日）…) of the size that the question names, and none is that one;
    or all begin above the sum that it names (20万元起, 100万元起)."""
    stated = [value for value, base in quantities(question) if base == "元"]
    named = [(name, values) for name, _ in columns_of(unit)[1:]
             if (values := {float(figure.value) for figure in find_figures(normalise(name)) if figure.kind == "amount"})]
    least = [min(values) for name, values in named if _FROM_STEP.search(name)]
    if stated and len(least) == len(named) > 1 and max(stated) < min(least):
        return True
    steps = [values for name, values in named if not _OPEN_STEP.search(name)]
    sums = set().union(*steps)
    asked = [value for value in stated if sums and min(sums) / 5 <= value <= max(sums) * 5]
    return bool(asked) and len(steps) >= LEAST_TERMS and not sums & set(asked)


def _band_fits(question: str, unit: Unit) -> int:
    """As `fit`, of the ages, sums and terms that say which row it is: -1 of 51-60岁 for somebody of 68."""
    stated = quantities(question)
    if not stated:
        return 0
    columns = columns_of(unit)
    own = [band for name, value in columns[: labels(columns)] for band in row_bands(f"{name}：{value}")
           if band.unit in _WHOSE or _HELD.search(name)]
    return fit(stated, own)


def _key_fits(unit: Unit, question: str) -> int:
    """As `fit`. For how long premiums are paid (20年交) is no policy year."""
    key = _key(unit)
    return fit(quantities(_PAID.sub("", question) if _POLICY_YEAR.match(key) else question), row_bands(key))


def _keyed(unit: Unit) -> bool:
    if unit.kind != "row":
        return False
    first = cells(unit.text.split("\n")[-1])[0]
    return (first.isdigit() and bool(row_bands(_key(unit)))) or bool(_LAST_KEY.fullmatch(first) and _AGES.search(_key(unit)))


def _named(values: dict[int, str], text: str) -> dict[int, str]:
    """The rows whose cell the question says, with the name it says; 金卡 inside of 车主金卡 does not count."""
    found = {i: next((a for a in aliases(value) if said(a, text)), "") for i, value in values.items()}
    for alias in sorted(set(found.values()) - {""}, key=len, reverse=True):
        masked = text.replace(alias, " ")
        for i, other in found.items():
            if other and other != alias and other in alias and not said(other, masked):
                found[i] = ""
    return {i: alias for i, alias in found.items() if alias}
