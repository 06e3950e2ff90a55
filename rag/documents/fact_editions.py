"""Which edition a document is: version, days of issue and force, what it replaces and what replaces it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.documents.fact_head import Head, history_lines
from rag.text.chinese_numbers import chinese_number
from rag.text.dates import ANY_DAY, day_before, find_dates, first_day, years_after

_IN_FORCE_LABELS = ("生效日期", "施行日期", "实施日期", "执行日期", "启用日期", "生效时间", "实施时间", "施行时间", "执行时间")
_ISSUE_LABELS = ("发布日期", "发文日期", "公布日期", "印发日期", "成文日期", "签发日期", "颁布日期", "修订日期", "更新日期", "编制日期", "发布时间",
                 "更新时间", "制定日期")
_END_LABELS = ("失效日期", "废止日期", "停用日期", "有效期至", "有效期", "有效期限", "适用期间", "执行期间")
_OWN = (r"(?:本|该)(?:实施|暂行|管理|监管|业务|章程|实施细则|修订)?"
        r"(?:法|条例|办法|规定|规则|细则|准则|指引|解释|决定|公告|通知|标准|制度|章程|条款|合约|合同|协议|手册|意见|规程|文件|说明书|费率表|指南|"
        r"规范|公约|版(?:条款|概要|说明书|标准)?|期|表|产品)")
_FORCE = r"(?:正式)?(?:施行|实施|执行|生效|启用)"
_DAY_OF_OWN = re.compile(rf"(?:{_OWN}[^。；《》]{{0,30}}?|现予(?:公布|发布|印发)，?|现(?:公布|发布|印发)《[^。]{{2,120}}?》，?|(?:^|[。；])(?=自))自?于?({ANY_DAY})起?{_FORCE}(?![后前的以])")
_ON_ISSUE = re.compile(rf"(?:{_OWN}|现予(?:公布|发布)，?|[》）)]，)自?(?:公布|发布|印发|颁布|下发|签发|公告)之日起{_FORCE}")
_PROMULGATED, _PASSED, _REVISED = r"公布|发布|颁布|印发", r"通过|批准", r"修正|修订"
_HISTORY = re.compile(rf"({ANY_DAY})(?:(?!{ANY_DAY}).){{0,110}}?({_REVISED}|{_PROMULGATED}|{_PASSED})(?:公布|发布|通过|重新公布)*"
                      rf"(?=[）)]|$|\n|[，；\s]*(?:根据|自)?{ANY_DAY})")
_LAST = re.compile(r"[（(](\d{4}-\d\d-\d\d)[）)]$")
_STATUS = re.compile(r"已废止|已失效|已停用|已作废|已被替代|不再执行|已停止执行|已停售并废止")
_NEW_EDITION = r"由(?:《([^《》]+(?:《[^《》]*》[^《》]*)*)》[^，。；]{0,20}?|([^，。；《》]{2,40}?))(?:所?取代|替代|代替)"
_REPEALS = re.compile(r"同时废止|同时失效|即行废止|相应废止|同时停止(?:执行|使用)|自行废止")


def read_version(head: Head, labels: Mapping[str, str]) -> str:
    """2026版, 2018年修订, V3.0, 2024年第1号: by the title, the line under it, the label, the file's name, or the history
    of revisions under the title. A year and a version number may stand side by side."""
    named = next((found for found in (*map(_version_in, (head.title, *_under_title(head))), _revised_in(head),
                                      _version_in(head.stem)) if found), "")
    label = next((labels[name] for name in ("版本", "版本号", "文件版本") if labels.get(name)), "")
    label = label if len(label) <= 24 and "〔" not in label and re.search(r"\d|[一二三四五六七八九十]", label) else ""
    if named and label and not find_dates(label):  # 2026版 V3.0
        return f"{named} {label}"
    if label or named:
        return label or named
    history = _history(head)
    revised = max(((day, how) for day, how in history if how in ("修正", "修订")), default=None)
    # a file of a later day holds a later edition, whose revision its text does not name
    return f"{revised[0][:4]}年{revised[1]}" if revised and revised[0][:4] >= _issued(head, labels, history)[:4] else ""


_VERSION = re.compile(
    r"[（(\[【〔]\s*[^（）()\[\]【】]{0,6}?((?:\d{4}|[一二][〇○零一二三四五六七八九]{3})\s*年?\s*(?:\d{1,2}月)?\s*[A-Z]?款?"
    r"(?:第[\d一二三四五六七八九十]+[版号次]|版|修订版?|修正|更新|修改|(?<=[A-Z]款)|年?\d{1,2}月)[^（）()\[\]【】]{0,6}?)(?:[，,、][^（）()]*)?\s*[）)\]】〕]|"
    r"((?:19|20)\d\d\s*年?(?:\d{1,2}月)?(?:第[\d一二三四五六七八九十]+版|版|修订版?|修正))|^((?:19|20)\d\d年度)(?=.{4})|[（(【 _-]([Vv]\d+(?:\.\d+)*)(?![\d.])")


def _version_in(text: str) -> str:
    match = _VERSION.search(text)
    found = next((part for part in match.groups() if part), "") if match else ""
    return re.sub(r"\s+", "", found)


def _revised_in(head: Head) -> str:
    """Of months of revision in one bracket under the title the last: （2019年3月实施 … 2024年4月第四次修订）."""
    for line in head.lines[1:4]:
        if line[0] in "（(" and not re.search(ANY_DAY, line):
            found = re.findall(r"((?:19|20)\d\d年(?:\d{1,2}月)?)[^年（）]{0,8}?(修订|修正)", line)
            return "".join(found[-1]) if found else ""
    return ""


def _under_title(head: Head) -> list[str]:
    """The line that continues the title: （2025 年修订）."""
    return [line for line in head.lines[:4] if re.fullmatch(r"[（(][^（）()]{4,20}[）)]", line)]


def read_dates(head: Head, labels: Mapping[str, str], kind: str) -> tuple[str, str, str]:
    """(issued, effective, expires), each an ISO day or empty."""
    history = _history(head)
    issued = _issued(head, labels, history)
    effective = expires = ""
    for label in _IN_FORCE_LABELS:
        value = labels.get(label, "")
        days = [span.first.isoformat() for span in find_dates(value) if span.first == span.last]
        if days:
            effective = days[0]
            expires = days[1] if len(days) > 1 and re.search(r"至|到|—|~|－", value) else ""
            break
    for label in _END_LABELS:
        days = [span.last.isoformat() for span in find_dates(labels.get(label, "")) if span.first == span.last]
        if days and not expires:
            expires = day_before(days[-1]) if label in ("失效日期", "废止日期", "停用日期") else days[-1]
    if not effective:
        effective = _header_day(head)
    if not effective and kind != "起草说明":  # what explains a rule speaks of the rule's day, not of its own
        effective = _own_day(head) or _issue_day(head, labels, history)
    if not expires and kind != "起草说明":
        until = re.search(rf"{_OWN}[^。]{{0,40}}?有效期(?:至|到|截至|截止到?)({ANY_DAY})", _flat(head.tail))
        expires = first_day(until[1]) if until else ""
    if effective and not expires and kind != "起草说明":
        term = re.search(rf"{_OWN}(?:的)?有效期(?:为|限为|是)?([一二三四五六七八九十\d]{{1,3}})年", _flat(head.tail))
        years = chinese_number(term[1]) if term else None
        expires = years_after(effective, int(years)) if years else ""
    return issued, effective, expires


def read_status(head: Head, labels: Mapping[str, str], kind: str) -> tuple[str, str, str, list[str]]:
    """(是 where it says that it is no longer in force, what replaces it, its last day, the names of what it replaces)."""
    opening = _flat("\n".join(head.lines[:12]))
    said = " ".join((head.title, head.stem, *(labels.get(name, "") for name in ("状态", "效力", "时效性", "效力状态"))))
    status = re.search(r"状态[:：]?\D{0,3}(?:" + _STATUS.pattern + r"|已于)[^。]{0,80}", opening)
    repealed = bool(_STATUS.search(said) or status)
    ended = re.search(rf"{_OWN}(?:已)?自?于?({ANY_DAY})起?(?:废止|停止执行|失效|停用|不再(?:执行|适用))", opening)
    if ended is None and status:
        ended = re.search(rf"(?:自|于)({ANY_DAY})起?(?:废止|停用|失效|停止|由)", status[0])
    by = re.search(_NEW_EDITION, opening) if repealed or ended else None
    name = re.sub(r"^\d{4}(?:年\d+月\d+日|-\d\d-\d\d)起", "", (by[1] or by[2]).strip()) if by else ""
    supersedes = [] if kind == "起草说明" else _replaced(head)
    last_day = day_before(first_day(ended[1])) if ended and first_day(ended[1]) else ""
    return "是" if repealed or ended else "", name, last_day, supersedes


def _flat(text: str) -> str:
    """Blanks and line breaks inside a sentence are the layout's, not the text's."""
    return re.sub(r"[\s　*#>]+", "", text).replace(",", "，")


def _history(head: Head) -> list[tuple[str, str]]:
    """(day, what was done) of the lines under the title: 通过, 公布, 修正, 修订."""
    lines = history_lines(head)
    starts = [number for number, line in enumerate(lines) if re.match(rf"[（(]?\s*{ANY_DAY}", line)]
    found: list[tuple[str, str]] = []
    for number in starts:
        text = lines[number]
        if text[0] in "（(":  # one note over several lines: （1995年…通过 根据2002年…《…》修正）
            text = "".join(lines[number : number + 8])
        for match in _HISTORY.finditer(text):
            day = first_day(match[1])
            what = {"颁布": "公布", "发布": "公布", "印发": "公布", "批准": "通过"}.get(match[2], match[2])
            if day and (day, what) not in found:
                found.append((day, what))
    return found


def _issued(head: Head, labels: Mapping[str, str], history: list[tuple[str, str]]) -> str:
    days = [day for day, _ in history]
    if not days:
        days += [first_day(line) for line in head.lines[:14] if re.fullmatch(rf"\s*{ANY_DAY}\s*(?:发布|公布|印发|签发)\s*", line)]
    if not any(days):
        days.append(_signed(head))
    if not any(days):
        days += [first_day(labels[label]) for label in _ISSUE_LABELS if labels.get(label)][:1]
    if match := _LAST.search(head.stem):  # a name like 证券法(2019-12-28) says which edition the file holds
        days.append(match[1])
    return max(days, default="")


def _signed(head: Head) -> str:
    """The day under the signature of an order or announcement."""
    lines = head.tail.splitlines()[-30:]
    text = "\n".join(lines)
    text = re.sub(r"(?<=\d)\n(?=\d|年)", "", text)  # 202\n4年
    found = re.findall(rf"(?:^|\n)\s*(?:[^\n《》，。]{{0,40}}?(?:会|部|局|行|院|主席|署|办公厅|公司|中心)[^\n《》，。\d]{{0,12}})\s*\n?\s*({ANY_DAY})\s*(?:\n|$)", text)
    return first_day(found[-1]) if found else ""


def _header_day(head: Head) -> str:
    """2000年4月1日 施行 on a line of its own; 2024-12-24 实施 on a standard's cover."""
    history = "".join(history_lines(head))
    if match := re.search(rf"[（(][^（）()]*?(?:公布|发布|通过|修订|修正)[，；\s]*自({ANY_DAY})起{_FORCE}[^（）()]*[）)]", history):
        return first_day(match[1])
    for line in head.lines[:16]:
        if re.fullmatch(rf"\s*[（(]?\s*(?:自)?{ANY_DAY}起?\s*(?:起)?\s*{_FORCE}\s*[）)]?", line):
            return first_day(line)
    return ""


def _own_day(head: Head) -> str:
    """本办法自…起施行: at the end of a law, in the order that issues it, or in the first lines of a tariff."""
    title = re.escape(re.sub(r"\s+|^【[^】]*】《?|》$", "", head.title))
    for part in (head.tail, "\n".join(head.lines)):
        flat = _flat(part)
        days = [first_day(match[1]) for match in _DAY_OF_OWN.finditer(flat)]
        days += [first_day(day) for day in re.findall(rf"《?{title}》，?自({ANY_DAY})起{_FORCE}", flat)] if len(title) > 4 else []
        if any(days):
            return next(day for day in reversed(days) if day)
    return ""


def _issue_day(head: Head, labels: Mapping[str, str], history: list[tuple[str, str]]) -> str:
    """The day of issue, where the text says 自公布之日起施行 and when that was."""
    if not (_ON_ISSUE.search(_flat(head.tail)) or _ON_ISSUE.search(_flat("\n".join(head.lines)))):
        return ""
    if published := [day for day, what in history if what == "公布"]:
        return max(published)
    return "" if history else _issued(head, labels, history)


def _replaced(head: Head) -> list[str]:
    """The names in 《》 of what this document repeals, with their numbers where they have one."""
    found: list[str] = []
    opening, ending = _flat("\n".join(head.lines)), _flat(head.tail)
    for text in (opening, ending):
        for sentence in re.split(r"[。；]", text):
            if not _REPEALS.search(sentence):
                continue
            words = re.split(rf"起{_FORCE}[，,。]?", sentence)[-1]
            names = re.findall(r"《(?:[^《》]|《[^《》]*》)+》(?:（[^（）]{4,30}号[^（）]{0,6}）)?", words)
            names += [] if names else re.findall(
                r"[一-鿿]{2,12}[〔\[]\d{4}[〕\]]\d+号|(?:19|20)\d\d年[^，。；《》年]{0,12}?(?=同时废止)", words)
            found += [name for name in names if name not in found]
    replaced = re.findall(r"(?:替代|代替)(《(?:[^《》]|《[^《》]*》)+》|(?:JR|GB)(?:/T)?\d+(?:\.\d+)*[—–-]+\d{4})", opening)
    found += [name for name in replaced if name not in found]
    found = list(dict.fromkeys(re.sub(r"[–-]+(?=\d{4}$)", "—", name) for name in found))
    return [name.removeprefix("《").removesuffix("》") if name.count("《") == 1 and name.endswith("》") else name
            for name in found]
