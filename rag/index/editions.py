"""Which edition of a law or product is in force on a day, and what to say of it when it is cited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rag.documents.facts import Facts
from rag.index.asked import AskedTime
from rag.text.dates import Span, find_dates
from rag.text.normalise import normalise

NOT_IN_FORCE = 0.7  # of its score keeps what is no longer, or not yet, in force
FORMER_EDITION = 1.4  # the former edition itself, where it is asked for, before what is in force and like it
LATER_EDITION = 0.9  # another edition than that of the time asked about, where it may hold the figure that is asked for

_EDITION = re.compile(
    r"(?<![第\d])(?<!目标)(?<!日期)(?:19|20)\d\d(?:-\d\d-\d\d|\s*年度?\s*(?:\d{1,2}月)?\s*(?:第[\d一二三四五六七八九十]+[版号次])?|\s*[a-z]款|(?=\s*(?:版|修订|修正)))"
    r"\s*(?:版|修订版?|修正|更新|修改)?|"
    r"v\d+(?:\.\d+)*|已?(?:废止|停用|失效|作废)|已被替代|不再执行|试行|暂行(?=[)）])|修订稿?|修正|范本|更新|最新版?|现行版?|旧版|新版|标题[:：]")
_ISSUE = re.compile(r"(?:19|20)\d\d\s*年?\s*(?:面向[^第]{0,40})?[^,，。]{0,30}?第\s*[\d一二三四五六七八九十]+\s*期")  # 2026年第5期 is a product
_OF_TABLE = re.compile(r"表[(（](?:19|20)\d\d\s*年?\s*第\s*[\d一二三四五六七八九十]+\s*期[)）]$")  # 利率表（2025年第三期）: each replaces the one before
_PUBLISHED = re.compile(r"^【[^】]*】")
_GENERIC = re.compile(
    r"产品|保险|理财|基金|贷款|信用卡|业务|收费|费用|费率|利率|标准|条款|说明书|说明|资料概要|概要|合同|合约|协议|办法|规定|规则|制度|手册|指南|常见问题|"
    r"问答|faq|一览表?|对照表|表|目录|清单|须知|公告|通知|附件|摘要|客户|个人|投保|理赔|操作|流程|服务|年度|报告|[^\w]|[\d_]|text|doc|att|csrc", re.IGNORECASE)
_NO_EDITIONS = ("公告通知", "报告", "起草说明", "募集文件")  # next year's report does not replace this year's
_OF_PRODUCT = ("条款", "产品说明书", "合同")
_COMPANY = re.compile(r"公司|银行|基金|证券|保险|信托|信用社|中心")
_COMPANY_FORM = re.compile(r"股份有限公司|有限责任公司|有限公司|[（(].*?[）)]")


@dataclass(frozen=True)
class State:
    """Of one document on one day. `why` is empty where it is in force; `successor` names what is in force instead."""

    in_force: bool = True
    why: str = ""  # "" | "尚未施行" | "已到期" | "已废止" | "已被替代"
    successor: str = ""

    @property
    def words(self) -> str:
        """Why it is not in force, and what is instead: 已被《X》替代, 已废止 …; empty where it is."""
        return f"已被《{self.successor.strip('《》')}》替代" if self.successor else self.why


@dataclass(frozen=True)
class _Member:
    key: str
    facts: Facts
    start: date | None
    end: date | None
    years: frozenset[int]  # that its version names


def family_name(facts: Facts) -> str:
    """What all editions of one law or product are called; empty where the title is too general to tell."""
    if facts.kind in _NO_EDITIONS:
        return ""
    title = normalise(_PUBLISHED.sub("", facts.title)).replace("中华人民共和国", "")
    issues = [] if facts.kind == "费率表" and _OF_TABLE.search(title) else _ISSUE.findall(title)
    name = _EDITION.sub("", _ISSUE.sub("", title))
    name = re.sub(r"[\s《》<>〈〉“”\"'()（）\[\]【】〔〕,，、:：_—–-]+", "", name)
    name = name.removesuffix("更新")
    if len(_GENERIC.sub("", name)) < 2:  # 信用卡收费标准 is one house's; 产品说明书 says nothing without its product
        if not facts.institution or len(name) < 4 or (facts.kind in _OF_PRODUCT and not facts.product):
            return ""
        name += facts.product
    return "".join((name, *issues))


class Editions:
    """Built once over the facts of a snapshot's documents; every question is then a few look-ups. Keys are the caller's."""

    def __init__(self, facts: Mapping[str, Facts]):
        self._members = {key: _member(key, one) for key, one in facts.items()}
        self._families: dict[str, tuple[str, ...]] = {}
        by_name: dict[str, list[str]] = {}
        for key, one in facts.items():
            if name := family_name(one):
                by_name.setdefault(name, []).append(key)
        for keys in by_name.values():
            for group in _by_institution(keys, facts):
                if len(group) > 1:
                    self._families.update(dict.fromkeys(group, tuple(group)))
        self._later = {key: self._successors(key, named) for key, named in _named_by(self._members).items()}
        self._last = {key: self._last_day(one) for key, one in self._members.items()}

    def family(self, key: str) -> tuple[str, ...]:
        """The keys of all editions of the same law or product, this one among them; empty where it is the only one."""
        return self._families.get(key, ())

    def state(self, key: str, on: date) -> State:
        """Whether this edition is in force on that day, and if not, why and what is."""
        me = self._members[key]
        if me.start and me.start > on:
            return State(False, "尚未施行")
        last = self._last[key]
        if not (last < on if last else me.facts.repealed):
            return State()
        newest = max((one for one in self._later[key] if one.start <= on), key=lambda one: one.start, default=None)
        successor = _name(newest.facts) if newest else me.facts.superseded_by
        why = "已被替代" if successor else "已废止" if me.facts.repealed else "已到期"
        return State(False, why, successor)

    def start(self, key: str) -> date | None:
        """The day from which this edition holds, or on which it was issued; None where it says neither."""
        return self._members[key].start

    def years(self, key: str) -> frozenset[int]:
        """The years by which this edition may be called: those its name says, and that of its first day."""
        me = self._members[key]
        return me.years | ({me.start.year} if me.start else frozenset())

    def is_notice(self, key: str) -> bool:
        return self._members[key].facts.kind == "公告通知"

    def overlaps(self, key: str, span: Span) -> bool:
        """Whether this edition is in force on one day of the span at least, as far as one can tell."""
        start, last = self._members[key].start, self._last[key]
        return (start is None or start <= span.last) and (last is None or last >= span.first)

    def begins_after(self, key: str, span: Span) -> date | None:
        """The day from which this edition holds, where that is after the whole span; else None. A report or a
        prospectus tells of years before it."""
        me = self._members[key]
        return me.start if me.start and me.start > span.last and me.facts.kind not in _NO_EDITIONS else None

    def share(self, key: str, asked: AskedTime, today: date) -> float:
        """What the score of this edition is multiplied by for a question about that time; 0 where another one answers.

        The time asked about leaves only the editions in force then; where there is none, today's answers.
        """
        if asked.both:
            return 1.0
        family = self.family(key)
        if asked.month and (begun := {one for one in family if (start := self._members[one].start) and start.month == asked.month}):
            return FORMER_EDITION if key in begun else 0.0
        meant = set() if asked.now else self._meant(family or (key,), asked, today)
        if key in meant:
            former = (asked.old or asked.edition) and not self.state(key, today).in_force
            return FORMER_EDITION if former and family else 1.0
        state = self.state(key, today)
        if meant:
            return LATER_EDITION if asked.loose and state.why != "尚未施行" else 0.0
        if state.in_force or (state.why == "尚未施行" and not family):
            return 1.0
        answered = any(self.state(other, today).in_force for other in family)
        return 0.0 if answered and not (asked.coming and state.why == "尚未施行") else NOT_IN_FORCE

    def _meant(self, family: Iterable[str], asked: AskedTime, today: date) -> set[str]:
        """The editions of a family that a question about another time means."""
        if asked.span is None:
            return {key for key in family if self.state(key, today).why not in ("", "尚未施行")}
        whole_year = asked.span.first.month == 1 and asked.span.last.month == 12
        named = {key for key in family if whole_year and asked.span.year in self._members[key].years}
        return named if named and asked.edition else named | {key for key in family if self.overlaps(key, asked.span)}

    def _successors(self, key: str, named: Iterable[str]) -> list[_Member]:
        """The later editions of the family and what says by name that it replaces this one."""
        me = self._members[key]
        family = [self._members[other] for other in self.family(key)]
        later = [one for one in family if me.start and one.start and one.start > me.start]
        return later + [one for other in named if (one := self._members[other]).start and one not in later]

    def _last_day(self, me: _Member) -> date | None:
        days = [one.start - timedelta(days=1) for one in self._later[me.key]]
        return min((*days, *([me.end] if me.end else [])), default=None)

    def edition(self, key: str, on: date) -> str:
        """How a citation names the edition: 2026版，2026-01-01起施行; and what became of it where it is not in force."""
        facts, state = self._members[key].facts, self.state(key, on)
        parts = []
        if facts.version and normalise(facts.version) not in normalise(facts.title):
            parts.append(facts.version)
        if facts.effective and not (facts.issued > facts.effective and facts.kind == "法规制度"):
            parts.append(f"{facts.effective}起施行")
        elif facts.issued and not facts.version:
            parts.append(f"{facts.issued}发布")
        if state.why == "已到期" and facts.expires:
            parts.append(f"有效期至{facts.expires}")
        elif not state.in_force:
            parts.append(state.words)
        return "，".join(parts)


def _member(key: str, facts: Facts) -> _Member:
    days = [date.fromisoformat(day) for day in (facts.effective, facts.issued) if day]
    named = [span for text in (facts.version, facts.title) for span in find_dates(text)][:1]
    start = max(days, default=None) or (named[0].first if named else None)
    years = {named[0].year} if named else {date.fromisoformat(facts.issued).year} if facts.issued else set()
    end = date.fromisoformat(facts.expires) if facts.expires else None
    return _Member(key, facts, start, end, frozenset(years))


def _name(facts: Facts) -> str:
    version = facts.version.split(" ")[0]
    return facts.title if not version or normalise(version) in normalise(facts.title) else f"{facts.title}（{version}）"


def _by_institution(keys: Iterable[str], facts: Mapping[str, Facts]) -> list[list[str]]:
    """Groups of the same house; what names none belongs to every group of its name if there is only one."""
    groups: list[list[str]] = []
    nameless = []
    for key in keys:
        mine = facts[key].institution
        if not mine:
            nameless.append(key)
            continue
        for group in groups:
            if _same_house(mine, facts[group[0]].institution):
                group.append(key)
                break
        else:
            groups.append([key])
    if len(groups) <= 1:
        return [[*(groups[0] if groups else []), *nameless]]
    return groups


def _same_house(one: str, other: str) -> bool:
    """Two companies are one house where one's name begins the other's; offices of the state pass on their laws."""
    one, other = (_COMPANY_FORM.sub("", name) for name in (one, other))
    if not (_COMPANY.search(one) and _COMPANY.search(other)) or "中国人民银行" in (one, other):
        return True
    return one.startswith(other) or other.startswith(one)


def _named_by(members: Mapping[str, _Member]) -> dict[str, list[str]]:
    """key -> the documents that say by name that they replace it."""
    by_title: dict[str, list[str]] = {}
    by_number: dict[str, str] = {}
    for key, one in members.items():
        by_title.setdefault(_plain(one.facts.title), []).append(key)
        if one.facts.number:
            by_number[_plain(one.facts.number)] = key
    found: dict[str, list[str]] = {key: [] for key in members}
    for key, one in members.items():
        for name in filter(None, one.facts.supersedes.split("；")):
            title = re.match(r"《((?:[^《》]|《[^《》]*》)+)》", name)
            number = re.search(r"(?<=（)[^（）]*号(?=[^号）]*）)", name)
            old = by_title.get(_plain(title[1] if title else name), []) if not number or not title else []
            numbered = by_number.get(_plain(number[0] if number else name))
            if number and title and numbered is None:
                old = by_title.get(_plain(title[1]), [])
            for other in {*old, *([numbered] if numbered else [])} - {key}:
                start = members[other].start
                if one.start and (start is None or start < one.start):
                    found[other].append(key)
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", "", normalise(text).replace("中华人民共和国", ""))
