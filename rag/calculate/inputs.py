"""Looks for an input the question leaves out in the evidence: table cells by row and column, ratios by their words.

An evidence text opens with a line that says where it stands (title and headings); below it stands a sentence, or a
table row under its caption and header in Markdown. What is ambiguous (two fitting texts that say different things,
none nearer to the question than the other) is not found: asking is better than a wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.text.chinese_numbers import chinese_number
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.sentences import cells, sentences

_N = r"\d[\d,]*(?:\.\d+)?|[零一二两三四五六七八九十]+"
_PERCENT = re.compile(r"(?<![\d.])(?P<n>\d+(?:\.\d+)?)\s?(?P<unit>[%‰])|万分之(?P<wan>[零一二三四五六七八九十点]+|\d+(?:\.\d+)?)")
_EXAMPLE = re.compile(r"^\W*(?:[(（]?\d[)）]?)?(示例|举例|案例|例如|比如|例|情景|测算)|假设|某客户|[先女]士|=|＝|×|÷")
_SUPERSEDED = re.compile(r"已废止|已停用|已失效|已作废|旧标准|旧版|不再执行")
_GRAM = re.compile(r"[一-鿿a-z]+")


@dataclass(frozen=True)
class Text:
    """One evidence text taken apart. `row` is empty for a sentence. `index` is its place in the evidence."""

    index: int
    about: str
    said: str
    header: tuple[str, ...] = ()
    row: tuple[str, ...] = ()

    @property
    def example(self) -> bool:
        """A worked example's figures are those of the example, not of the customer."""
        return not self.row and bool(_EXAMPLE.search(self.said))

    def column(self, words: str, not_words: str = "") -> list[tuple[str, str]]:
        """(header, cell) of the columns whose header matches."""
        return [(h, c) for h, c in zip(self.header, self.row, strict=False)
                if re.search(words, h) and not (not_words and re.search(not_words, h))]


@dataclass(frozen=True)
class Found:
    """A value with the text it was read from. `label` says how it stands there."""

    value: Decimal
    raw: str
    index: int
    label: str = ""


def take_apart(evidence: Sequence[str]) -> list[Text]:
    """Evidence texts as Texts; those of documents no longer in force are left out."""
    texts: list[Text] = []
    for index, whole in enumerate(evidence):
        lines = [line for line in normalise(whole).split("\n") if line.strip()]
        if not lines or _SUPERSEDED.search(lines[0]):
            continue
        table = [line for line in lines if line.lstrip().startswith("|")]
        above = [line for line in lines if not line.lstrip().startswith("|")]
        if len(table) >= 3:
            header = cells(table[0])
            texts.extend(Text(index, " ".join(above), "", tuple(header), tuple(cells(line))) for line in table[2:])
        elif len(above) > 1:
            for said in above[1:]:
                texts.extend(Text(index, above[0], one) for one in sentences(said))
        else:
            texts.extend(Text(index, "", one) for one in sentences(above[0] if above else ""))
    return texts


def grams(text: str) -> set[str]:
    """Character pairs of the words of a text, by which a question and a row are compared."""
    pairs: set[str] = set()
    for run in _GRAM.findall(normalise(text)):
        pairs |= {run[i : i + 2] for i in range(len(run) - 1)}
    return pairs


# What a sum is asked with; what is left of a question without it names the product, sort, or party.
_ASKING = re.compile(
    r"等额本[息金]|最低还款额?|应纳税所得额?|万份收益|年化收益率?|年?利率|[申认]购费?率?|赎回费?率?|手续费|违约金|印花税|过户费|罚息|利息|本息|本金"
    r"|提前还款?|每个?月|一个月|每期|每年|月供|首月|末月|多少钱?|贷款|借款|到期|定期|客户|逾期|持有|净值|合计|一共|总共|不打折|打折|放款|还清|结清"
    r"|分期|一天|工资|个人|自己|大概|大约|请问|需要|应该|的话|期限|费率|比例|用了|部分|全部|落在|如果|卖出|买入|整存整取|年期|融资|融券|收益|上浮|加收|合同|股票"
    r"|在?(?:app|手机银行|手机|网上|线上|柜台|官网)(?:上|里)?|贷(?=\d)|(?<=想)贷|(?<=要)贷|[我想的买还要总存能拿费收卖了用交缴帮算块元年天期吗呢在就按话分供只没未才满多少大笔付份万亿千百十个月日借打折说第是有和与把被给让去来得过]"
    r"|[\d.,%‰]+")
COVERED = 0.6  # of the words that name something must stand in the text an input is read from


def covers(question: str, words: str) -> bool:
    """Whether a text speaks of what the question names (优势成长 is not 优选成长, 首套 not 二套)."""
    named = grams(_ASKING.sub(" ", normalise(question)))
    return not named or len(named & grams(words)) >= COVERED * len(named)


def nearest(question: str, options: Iterable[tuple[Found, str]], least: int = 0) -> Found | None:
    """The option whose words share most with the question; None where different values are equally near.

    Also None where the best shares fewer than `least` character pairs, or does not speak of what the question names.
    """
    options = [(found, words) for found, words in options if covers(question, words)]
    asked = grams(question)
    scored = sorted(((len(asked & grams(words)), -found.index, found) for found, words in options),
                    key=lambda s: (-s[0], -s[1]))
    if not scored or scored[0][0] < least:
        return None
    best = scored[0][0]
    values = {found.value for score, _, found in scored if score == best}
    return scored[0][2] if len(values) == 1 else None


def percentages(text: str) -> list[tuple[Decimal, str]]:
    """Percentages of a text as fractions, with their spelling."""
    found = []
    for m in _PERCENT.finditer(text):
        if m["n"]:
            found.append((Decimal(m["n"]) / (100 if m["unit"] == "%" else 1000), m.group()))
        else:
            value = chinese_number(m["wan"])
            if value is not None:
                found.append((value / 10000, m.group()))
    return found


Fits = Callable[[str, str], "bool | None"]  # (header, cell) → fits, does not fit, says nothing about it


def cell_rate(question: str, texts: Sequence[Text], columns: str, fits: Sequence[Fits] = (), not_columns: str = "",
              need: int = 0, head: tuple[Decimal, str] | None = None, least: int = 0) -> Found | None:
    """A percentage from the column whose header matches `columns`, of the row nearest to the question.

    Every one of `fits` must not be refused by any cell of the row; the first `need` of them must be met by one.
    `head` is a value with its unit that a range in the column's own header must hold: 赎回费率(7至29日). `least`: so
    many character pairs at least must be shared with the question.
    """
    options = []
    for text in texts:
        if not text.row or not _row_fits(text, fits, need):
            continue
        for header, cell in text.column(columns, not_columns):
            if head and within(header, *head) is False:
                continue
            rate = _only_rate(cell)
            if rate is not None:
                options.append((Found(*rate, text.index, f"{_label(text)} {header}".strip()), f"{_words(text)} {header}"))
    return nearest(question, options, least)


def matrix_rate(question: str, texts: Sequence[Text], months: int, about: str, least: int = 0) -> Found | None:
    """A rate from a table whose columns are terms (12个月, 5年以上至20年) and whose rows are sorts of customers or loans."""
    options = []
    for text in texts:
        if not text.row or not re.search(about, text.about):
            continue
        for header, cell in zip(text.header, text.row, strict=False):
            if within(header, Decimal(months), "月") and (rate := _only_rate(cell)) is not None:
                options.append((Found(*rate, text.index, f"{_label(text)} {header}"), _words(text)))
    return nearest(question, options, least)


def _only_rate(cell: str) -> tuple[Decimal, str] | None:
    """The one percentage of a cell; of several the one before a bracket: 0.58%(12.61%), 0(机构1.00%). 免收 is 0."""
    if cell in ("0", "免收", "无", "免"):
        return Decimal(0), cell
    if m := re.match(r"(0|\d+(?:\.\d+)?%)\s?\(", cell):
        return Decimal(m[1].rstrip("%")) / 100, m[1]
    rates = percentages(cell)
    return rates[0] if len(rates) == 1 and not re.search(r"[\d%]\s?[-—至到~]\s?\d", cell) else None


def row_rate(question: str, texts: Sequence[Text], rows: str, cell_words: str = "", not_rows: str = "") -> Found | None:
    """A percentage from a row one of whose cells or caption matches `rows` (项目：证券交易印花税；费率：0.05%)."""
    options = []
    for text in texts:
        if not text.row or not re.search(rows, text.row[0]) or (not_rows and re.search(not_rows, " ".join(text.row))):
            continue
        for header, cell in zip(text.header[1:], text.row[1:], strict=False):
            rates = percentages(cell)
            if len(rates) == 1 and (not cell_words or re.search(cell_words, header + cell)):
                options.append((Found(rates[0][0], rates[0][1], text.index, text.row[0]), _words(text) + header))
    return nearest(question, options)


def said_rate(question: str, texts: Sequence[Text], words: str, not_words: str = "") -> Found | None:
    """A percentage right behind words that match, in a sentence that is no example: 违约金为…的1%."""
    # not across another item of an enumeration: 佣金、印花税(卖方0.05%)
    gap = r"(?:[^。;%‰、,]|,(?=标准|按|为|比例|金额)){0,24}?"
    pattern = re.compile(rf"(?:{words}){gap}(?P<rate>\d+(?:\.\d+)?\s?[%‰]|万分之[^的,。;]{{1,3}})")
    before = re.compile(rf"(?P<rate>\d+(?:\.\d+)?\s?[%‰]|万分之[^的,。;]{{1,3}})(?:收取|计收|支付|的|加收)?(?:{words})")
    options = []
    for text in texts:
        if text.row or text.example:
            continue
        for m in [*pattern.finditer(text.said), *before.finditer(text.said)]:
            rates = percentages(m["rate"])
            around = text.said[max(0, m.start() - 12) : m.end() + 4]
            # of a range no end is the rate
            if rates and not re.search(r"^\s?[-—至到~]", text.said[m.end("rate") :]) and not re.search(
                    r"[-—至到~]\s?$", text.said[: m.start("rate")]) and not (not_words and re.search(not_words, around)):
                options.append((Found(rates[0][0], rates[0][1], text.index, m.group()), text.about + " " + text.said))
    return nearest(question, options)


def said_amount(question: str, texts: Sequence[Text], words: str) -> Found | None:
    """Yuan right behind words that match: 免赔额10,000元, 起付线…1,300元; in a sentence that is no example."""
    options = []
    for text in texts:
        if text.row:
            for header, cell in zip(text.header, text.row, strict=False):
                m = re.fullmatch(r"([\d,]+(?:\.\d+)?)元?", cell)
                if m and re.search(words, header + text.row[0]):
                    options.append((Found(Decimal(m[1].replace(",", "")), cell, text.index, text.row[0]),
                                    _words(text) + header))
        elif not text.example:
            for m in re.finditer(rf"(?:{words})[^。;,\d]{{0,8}}(\d[\d,]*(?:\.\d+)?)(万?)元", text.said):
                value = Decimal(m[1].replace(",", "")) * (10000 if m[2] else 1)
                options.append((Found(value, m[1] + m[2] + "元", text.index, m.group()), text.about + text.said))
    return nearest(question, options)


def bounds(text: Text) -> tuple[Decimal | None, Decimal | None]:
    """(最低…元, 最高…元) that stand in the same text."""
    words = text.said or " ".join(text.row)
    least = re.search(r"最低(?:为|收取|人民币|按)*(\d[\d,.]*)元", words)
    most = re.search(r"(?:最高|封顶)(?:为|收取|人民币|不超过)*(\d[\d,.]*)元", words)
    return tuple(Decimal(m[1].replace(",", "")) if m else None for m in (least, most))


# -- conditions of a row ----------------------------------------------------------------------------------------------

def term_fits(months: int) -> Fits:
    """Cells that name a term of a loan, deposit or instalment plan."""

    def fits(header: str, cell: str) -> bool | None:
        if re.search(r"期数", header) and re.fullmatch(r"\d+期?", cell):
            return int(cell.strip("期")) == months
        if re.fullmatch(r"年限|期限\(年\)", header) and re.fullmatch(r"\d+年?", cell):
            return int(cell.strip("年")) * 12 == months
        if not re.search(r"期限|年限|存期|档|期数|品种|类别|项目|种类", header):
            return None
        return within(re.sub(r"(\d|[一二三四五六七八九十]+)年期", r"\1年", cell), Decimal(months), "月")

    return fits


def measure_fits(value: Decimal, unit: str, headers: str) -> Fits:
    """Cells under `headers` that hold a range the value (yuan, months or days as `unit` says) must lie in."""
    return lambda header, cell: within(cell, value, unit) if re.search(headers, header) else None


_FACTOR = {("年", "月"): 12, ("年", "天"): 365, ("月", "天"): 30, ("月", "月"): 1, ("天", "天"): 1, ("元", "元"): 1}


def within(cell: str, value: Decimal, unit: str) -> bool | None:
    """Whether `value` lies in the range a cell states: 满6个月不满1年, 7至29日, M<100万元, 5年以上, 20年内, 三年.

    None where it states no figure of that unit.
    """
    cell = normalise(cell)
    cell = re.sub(r"(\d+(?:\.\d+)?|[一二两三四五六七八九十]+)(?=[-—至到~](?:\d|[一二两三四五六七八九十])+(?:年|个月|天|日|万元))",
                  lambda m: m.group() + re.search(r"年|个月|天|日|万元", cell[m.end() :]).group(), cell)
    numbers = []
    for figure in find_figures(cell):
        if isinstance(figure.value, tuple):
            if figure.kind == "range" and (figure.unit, unit) in _FACTOR:
                factor = _FACTOR[figure.unit, unit]
                numbers += [(figure.start, figure.end, v * factor) for v in figure.value]
            continue
        if (figure.unit, unit) in _FACTOR:
            numbers.append((figure.start, figure.end, figure.value * _FACTOR[figure.unit, unit]))
    if not numbers:
        return None
    if len(numbers) == 1:
        start, end, bound = numbers[0]
        before, after = cell[max(0, start - 4) : start], cell[end : end + 5]
        if re.search(r"不足|不满|未满|<$|小于|低于", before):
            return value < bound
        if re.search(r"不超过|≤$", before) or re.match(r"[(]?含?[)]?(?:以内|以下|内|及以下)|≤", after):
            strict = re.match(r"以下", after) and unit == "元"
            return value < bound if strict else value <= bound
        if re.match(r"[(]?含?[)]?(?:以上|及以上)|≤|起", after) or re.search(r"满|≥$|超过|>$|大于|>=$", before):
            strict = re.search(r"超过|>$|大于", before) or (re.match(r"以上", after) and unit == "月")
            return value > bound if strict else value >= bound
        return value == bound
    low, high = numbers[0], numbers[-1]
    open_high = re.search(r"不满|不足|未满|<|不含", cell[low[1] : high[0] + 0] + cell[high[1] :])
    open_low = re.search(r"超过|>|大于", cell[: low[0]])
    above = value > low[2] if open_low else value >= low[2]
    return above and (value < high[2] if open_high else value <= high[2])


def _row_fits(text: Text, fits: Sequence[Fits], need: int) -> bool:
    for at, fit in enumerate(fits):
        said = [fit(h, c) for h, c in zip(text.header, text.row, strict=False)]
        if False in said or (at < need and True not in said):
            return False
    return True


def _words(text: Text) -> str:
    return text.about + " " + " ".join(text.row)


def _label(text: Text) -> str:
    return text.row[0] if text.row else ""
