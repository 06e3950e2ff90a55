"""The head of a document: labelled values (产品代码：CHB-XF-01), whose document it is, and its numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.text.dates import ANY_DAY


@dataclass(frozen=True)
class Head:
    """A document as the rules read it: `lines` of its beginning without tables, `cells` the table rows among them,
    the whole `text`, and its `tail`. `stem` is the name of its file."""

    title: str
    stem: str
    lines: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    text: str
    tail: str


_LABELS = (
    "产品名称", "理财产品名称", "基金名称", "险种名称", "保险产品名称", "产品简称", "险种简称",
    "产品代码", "产品编码", "险种代码", "保险产品代码", "理财产品代码", "基金代码", "基金主代码", "登记编码", "产品登记编码", "理财产品登记编码", "理财登记编码", "全国银行业理财信息登记系统编码",
    "文件编号", "文号", "发文字号", "备案编号", "备案号", "备案文号", "注册号", "注册号为", "条款编码", "编号", "报备编号", "文档编号",
    "版本", "版本号", "文件版本", "状态", "效力", "时效性", "效力状态",
    "生效日期", "施行日期", "实施日期", "执行日期", "启用日期", "生效时间", "实施时间", "施行时间", "执行时间",
    "失效日期", "废止日期", "有效期", "有效期至", "有效期限", "适用期间", "执行期间", "停用日期", "截止日期",
    "发布日期", "发文日期", "公布日期", "印发日期", "成文日期", "签发日期", "编制日期", "更新日期", "修订日期", "发布时间", "颁布日期",
    "更新时间", "制定日期",
    "发布部门", "发布机构", "发布单位", "制定机关", "发文机关", "发文单位", "制定部门", "主办单位", "发行人", "基金管理人", "产品管理人",
    "管理人", "保险人", "承保公司", "承保机构", "编制单位", "发行机构", "发布机关", "公布机关", "归口部门", "责任部门", "机构名称", "发文机构", "发卡机构", "发卡行", "发卡银行", "贷款人", "甲方", "来源",
)
_LABEL = re.compile(rf"(?<![一-鿿])({'|'.join(sorted(_LABELS, key=len, reverse=True))})\s*[:：]|"
                    rf"({'|'.join(sorted((n for n in _LABELS if len(n) >= 4 or n in ('版本', '版本号', '状态')), key=len, reverse=True))})\s*[:：]")
_VALUE_ENDS = re.compile(r"[　|｜；;]|【(?!\d{4}】)|\s{2,}|\s(?=\S{2,12}[:：])|[。]")
_CODE_LABELS = ("产品代码", "产品编码", "险种代码", "保险产品代码", "理财产品代码", "基金代码", "基金主代码")

_ORGANS = (r"全国人民代表大会常务委员会|全国人民代表大会|全国人大常委会|国务院办公厅|国务院证券委员会|国务院|政务院|最高人民法院|最高人民检察院|"
           r"中国人民银行|国家金融监督管理总局|中国证券监督管理委员会|中国银行保险监督管理委员会|中国银行业监督管理委员会|"
           r"中国保险监督管理委员会|中国证监会|证监会|中国银保监会|中国银监会|中国保监会|财政部|国家税务总局|人力资源社会保障部|人力资源和社会保障部|"
           r"国家外汇管理局|国家工商行政管理总局|国家市场监督管理总局|国家发展和改革委员会|住房和城乡建设部|国家医疗保障局")
_COMPANY = (r"[一-鿿A-Za-z（）()·]{2,30}?(?:股份有限公司|有限责任公司|有限公司|保险公司|银行|信用社|信用合作联社|农商行|"
            r"交易所|登记结算公司|(?:管理|服务|结算|登记|经办)中心|协会|学会|理事会|管理局|人民政府|总局|[省市]\S{1,10}局|证券业协会|集团)(?!股份|有限|责任|[）)])")
_DEPARTMENT = r"(?:(?:[一-鿿]{2,10}(?:部|中心|分行|支行|分公司|总部|处))?)"
_ORG = re.compile(rf"(?:{_ORGANS}|{_COMPANY}{_DEPARTMENT})")
_ORGS = re.compile(rf"{_ORG.pattern}(?:[（(][^（）()]{{1,6}}[）)])?(?:\s*[、与和及/ ]\s*{_ORG.pattern}(?:[（(][^（）()]{{1,6}}[）)])?)*")
_ORG_LABELS = ("发布部门", "发布机构", "发布单位", "制定机关", "发文机关", "发文单位", "发文机构", "制定部门", "发布机关", "公布机关", "主办单位",
               "承保公司", "承保机构", "编制单位", "发行机构", "产品管理人", "基金管理人", "管理人", "保险人", "发行人", "归口部门", "责任部门",
               "机构名称")
_PARTY_LABELS = ("发卡机构", "发卡行", "发卡银行", "贷款人", "甲方", "来源")  # who is party to it, where nobody says who made it
_SELF = re.compile(rf"(?:“?(?:我们|本公司|我公司|本行|我行|保险人)”?[、，或]?)+(?:均|系|是|，)?\s*指“?({_ORG.pattern})|"
                   rf"(?<![一-鿿])({_ORG.pattern})[（(]以下(?:简)?称(?:为)?[“\"]?(?:本行|我行|本公司|我公司|发卡机构|发卡银行|发卡行|甲方|贷款人|保险人|管理人|我们)")
_BANK = (r"(?!外资|商业|村镇|民营|政策性|中小|关于|手机|网上|电话|电子|直销|私人|个人|企业)[一-鿿]{2,6}银行(?:[（(]中国[）)](?:股份)?有限公司)?"
         r"(?!业|保险|卡|间|账户|存款|理财|结算|管理|监管|监督|法)(?=.{3})")
_BARE = frozenset((*_LABELS, "索引号", "分类", "名称", "主题词"))  # a web page may put a label and its value on two lines
_SHOW = re.compile(r"[（(](?:示例|盖章|公章|以下[^（）()]*)[）)]")

_ACT_NUMBER = re.compile(
    r"[一-鿿、]{2,40}?(?:令|公告)?[〔\[［【（(]\s*(?:19|20)\d\d\s*[〕\]］】）)][一-鿿]{0,10}\s?第?\s*\d+\s*号|"
    r"[一-鿿、]{2,40}(?:令|公告)\s*(?:(?:19|20)\d\d年)?\s*[〔【]?第\s*\d+\s*号[〕】]?|(?:JR|GB|YD|GA)(?:/T|/Z)?\s*\d+(?:\.\d+)*\s*[—-]+\s*\d{4}")
_NUMBER_LABELS = ("文号", "发文字号", "备案编号", "备案号", "备案文号", "注册号", "注册号为", "文件编号", "条款编码", "报备编号", "文档编号",
                  "编号", "登记编码", "产品登记编码", "理财产品登记编码", "理财登记编码", "全国银行业理财信息登记系统编码")


def read_labels(lines: Sequence[str], cells: Sequence[Sequence[str]] = ()) -> dict[str, str]:
    """label -> value, of the first place where a label has one: in a line, where labels may stand close together, or in a
    table of two or four columns of names and values."""
    found: dict[str, str] = {}
    for index, line in enumerate(lines):
        if len(line) > 400:
            line = line[:400]
        places = list(_LABEL.finditer(line))
        for number, place in enumerate(places):
            end = places[number + 1].start() if number + 1 < len(places) else len(line)
            value = _VALUE_ENDS.split(line[place.end() : end].strip(), maxsplit=1)[0].strip()
            if not value and number + 1 == len(places) and index + 1 < len(lines) and not _LABEL.search(lines[index + 1]):
                value = lines[index + 1].strip() if len(lines[index + 1]) <= 40 else ""
            if value:
                found.setdefault(place[1] or place[2], value)
    for line, after in itertools.pairwise(lines):
        if line in _LABELS and after not in _BARE:
            found.setdefault(line, after)
    for row in cells:
        if len(row) in (2, 4):
            for name, value in zip(row[::2], row[1::2], strict=True):
                if name in _LABELS and value and value not in _LABELS:
                    found.setdefault(name, value)
    return found


def read_product_codes(labels: Mapping[str, str]) -> list[str]:
    """The codes of the product, as labelled."""
    return next((codes for label in _CODE_LABELS if (codes := _codes(labels.get(label, "")))), [])


def _codes(value: str) -> list[str]:
    codes = []
    for part in re.split(r"[、，,；;/\s]+", value):
        part = re.sub(r"^[A-Z]类|[（(][A-Z]类[）)]$", "", part)
        if re.fullmatch(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._-]{2,24}", part):
            codes.append(part)
        else:
            break
    return codes


def read_institution(head: Head, labels: Mapping[str, str]) -> str:
    """Whose document it is: by label, by a line of its own, by 本公司指…, by the title, or by who issued it."""
    if name := _labelled(labels, _ORG_LABELS):
        return name
    for line in head.lines[:14]:
        for part in _own_parts(line):
            if part != head.title and _ORGS.fullmatch(part):
                return _SHOW.sub("", part)
    if name := _labelled(labels, _PARTY_LABELS):
        return name
    opening = "".join(head.lines)
    if match := _SELF.search(opening):
        return match[1] or match[2]
    if issuer := _issuer(head):
        return issuer
    match = re.match(rf"(?:{_ORGANS})(?=关于|\S{{2,6}}决定书)|(?:上海|深圳|北京|香港|大连|郑州|广州)\S{{2,6}}?交易所(?=.{{3}})|{_BANK}|[^，。《》]{{4,30}}?(?:股份有限公司|有限责任公司|有限公司)(?=.{{3}})", head.title)
    return match[0] if match else _signature(head)


def _labelled(labels: Mapping[str, str], names: Sequence[str]) -> str:
    return next((_SHOW.sub("", match[0]) for name in names if (match := _ORGS.match(labels.get(name, "")))), "")


def _own_parts(line: str) -> list[str]:
    """What stands by itself in the line before its first label: the whole of it, or the parts between its blanks."""
    place = _LABEL.search(line)
    before = (line[: place.start()] if place else line).strip()
    if "。" in before or len(before) > 120:
        return []
    return [before, *re.split(r"[\s　]+|【", before)]


def history_lines(head: Head) -> list[str]:
    """The lines between the title and the first article, where a law says when it was passed and amended."""
    lines: list[str] = []
    for line in head.lines[:30]:
        if re.match(r"第[一1]\s?[条章编]|目\s*录|一、|[^（(].*[。：:]$", line):
            break
        lines.append(line)
    return lines


def _issuer(head: Head) -> str:
    """Who passed or issued it, by the lines under the title: 2015年1月5日 国家工商行政管理总局令第73号公布."""
    found = ""
    for line in history_lines(head):
        if act := re.match(rf"[（(]?\s*{ANY_DAY}\s*(?:中华人民共和国)?(?:第\S{{1,3}}届)?((?:{_ORGANS}|[一-鿿]{{2,8}}[部局署])"
                           rf"(?:、(?:{_ORGANS}|[一-鿿]{{2,8}}[部局署]))*)", line):
            found = act[1]
        elif (match := re.fullmatch(r"([一-鿿、\s]{4,40}?)(?:令|公告)", line)) and _ORGS.fullmatch(match[1].strip()):
            found = match[1].strip()
    return found


def _signature(head: Head) -> str:
    """The name over the date at the end."""
    lines = [line.strip() for line in head.tail.splitlines() if line.strip()]
    for line, after in zip(lines[-12:], lines[-11:], strict=False):
        if re.match(ANY_DAY, after) and _ORGS.fullmatch(line):
            return line
    return ""


def read_number(head: Head, labels: Mapping[str, str]) -> str:
    """The document's own number, as labelled or on a line of its own under the title."""
    for label in _NUMBER_LABELS:
        value = labels.get(label, "")
        filed = re.match(r"[（(][^（）()]{2,12}[）)].{0,40}?\d{4}.{0,12}?\d+号", value)  # (某财险)(备-家财)〔2023〕(主)012号
        value = filed[0] if filed else value.split(" ")[0]
        if filed or (re.search(r"\d{2}", value) and not value.startswith(("（", "("))):
            return value
    if re.search(r"[〔\[]\d{4}[〕\]]", labels.get("版本", "")):  # an office calls its number the version
        return labels["版本"]
    found = ""
    for line, after in itertools.pairwise(head.lines[:10]):
        if re.fullmatch(r"[一-鿿、\s]{4,40}(?:令|公告)", line) and re.fullmatch(r"(?:(?:19|20)\d\d\s*年\s*)?第?\s*\d+\s*号", after):
            return line + after
    for whole in (re.sub(r"\s+", " ", line) for line in head.lines[:14]):
        line = re.sub(rf"^[（(]?\s*{ANY_DAY}\s*", "", whole)
        if found and line == whole:
            break
        for match in _ACT_NUMBER.finditer(line):
            before, after = line[: match.start()].strip(), line[match.end() :].strip()
            alone = not after or re.match(r"请扫描|发布|公布|(?:第.次)?修[订正]|代替|20\d\d", after)
            if alone and (not before or before.endswith(("公司", "】"))) and not before.startswith("代替"):
                found = match[0].strip()  # of the decrees under a law's title the last one
                break
    return found
