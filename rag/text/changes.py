"""Sentences and rows by which a notice changes a figure: 自9月15日起，赎回费率由0.5%调整为0.45%; 所载“1.80%”应为“1.85%”;
项目 | 调整前 | 调整后.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rag.text.dates import ANY_DAY, find_dates
from rag.text.figures import Figure, find_figures
from rag.text.sentences import Unit, cells, sentences, split_units

# stand in every statement of a change, so that the pieces to look through can be found by them
SIGNS = ("整为", "整至", "整后", "调至", "调到", "高至", "高到", "升至", "低至", "降至", "降为", "降到", "短为", "短至", "长为", "长至", "改为",
         "更为", "正为", "应为", "复为", "加至", "加到", "少至", "少到", "宽至", "改后")
_VERB = r"(?:统一|相应|一并)?(?:调整|下调|上调|调低|调高|提高|提升|降低|下降|降|增加|减少|缩短|延长|变更|更正|修改|上浮|恢复|放宽|调|改)(?:为|至|到)"
_IN = r"(?:[^，。；;,]|,(?=\d{3}))"  # of one clause
_FROM_TO = re.compile(rf"(?:由|从)(?:原来?的?|现行的?)?(?P<old>(?:(?![、由从]){_IN}){{1,24}}?){_VERB}(?P<new>{_IN}{{1,40}})")
_MISPRINT = re.compile(r"[“\"「](?P<old>[^”\"」]{1,60})[”\"」]应为[“\"「]?(?P<new>[^”\"」。；;]{1,60})")
_BEFORE, _AFTER = re.compile(r"(?:调整|变更|修改|修订)前|^原"), re.compile(r"(?:调整|变更|修改|修订)后|^[新现]")
_BEGINS = re.compile(rf"自?(?P<day>{ANY_DAY})[^，。；;]{{0,6}}?(?:起|开始|后)|于(?P<on>{ANY_DAY})[^，。；;]{{0,4}}(?:生效|执行|施行)")


@dataclass(frozen=True)
class Change:
    """`old` was said of `subject` and is now `new`; `unit` are the words that say so, which hold from `begins` on (None
    where they name no day)."""

    unit: Unit
    subject: str
    old: str
    new: str
    begins: date | None = None

    def changes(self, figures: list[Figure]) -> bool:
        """Whether one of these figures is the old one."""
        was = {(f.value, f.unit) for f in find_figures(self.old) if f.kind != "word"}
        return any((f.value, f.unit) in was for f in figures)


def find_changes(text: str) -> list[Change]:
    """Every change of a figure that a passage of Markdown states, in order. A day holds until another is named."""
    found: list[Change] = []
    begins: date | None = None
    for unit in split_units(text):
        if unit.kind == "row":
            found.extend(_of_row(unit, begins))
            continue
        for sentence in sentences(unit.text):
            if days := [day for match in _BEGINS.finditer(sentence) for day in find_dates(match["day"] or match["on"])]:
                begins = days[-1].first
            found.extend(_of_sentence(sentence, begins))
    return found


def _of_sentence(sentence: str, begins: date | None) -> list[Change]:
    found, start = [], 0
    for match in sorted([*_FROM_TO.finditer(sentence), *_MISPRINT.finditer(sentence)], key=lambda one: one.start()):
        if find_figures(match["old"]) and match["old"] != match["new"]:
            subject = sentence[start : match.start()] + (match["old"] if match.re is _MISPRINT else "")
            found.append(Change(Unit(sentence, sentence), subject.strip("，,。；; "), match["old"], match["new"], begins))
        start = match.end()
    return found


def _of_row(unit: Unit, begins: date | None) -> list[Change]:
    lines = unit.text.split("\n")
    columns = list(zip(cells(lines[-3]), cells(lines[-1]), strict=False))
    old = [(name, value) for name, value in columns if _BEFORE.search(name)]
    new = [(name, value) for name, value in columns if _AFTER.search(name)]
    pairs = [(old[0], new[0])] if len(old) == len(new) == 1 else _same_columns(old, new)
    subject = "　".join([unit.context, *(value for name, value in columns if (name, value) not in (*old, *new))]).strip()
    return [Change(unit, f"{subject}　{_without_time(name)}".strip() if len(pairs) > 1 else subject, was, now, begins)
            for (name, was), (_, now) in pairs if was != now and find_figures(was)]


def _same_columns(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of columns that are called the same but for before and after: 调整前限额 and 调整后限额."""
    after = {_without_time(name): (name, value) for name, value in new}
    return [(one, after[_without_time(one[0])]) for one in old if _without_time(one[0]) in after]


def _without_time(name: str) -> str:
    return _AFTER.sub("", _BEFORE.sub("", name))


def tells_old(words: str, passages: Iterable[str]) -> bool:
    """Whether words tell a figure that one of these passages says has changed, and not the new one."""
    told = find_figures(words)
    values = {(f.value, f.unit) for f in told}
    return any(change.changes(told) and not values.intersection((f.value, f.unit) for f in find_figures(change.new))
               for passage in passages for change in find_changes(passage))
