"""What can be asked to be worked out of a row: each kind names the tables it fits, asks, and writes its formula."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from rag.calculate.result import number
from training.data.reading.cells import full_cells
from training.data.reading.grid import Grid
from training.data.reading.units import is_bare

_PER = {"每1万元": 10_000, "每10万元": 100_000, "每1,000元": 1_000, "每千元": 1_000}
_RATE = re.compile(r"(\d+(?:\.\d+)?)%(?=[（(]|$)")
_OF_THE_REST = re.compile(r"剩余本金的(\d+(?:\.\d+)?)%")
_TERM = re.compile(r"(\d+|[一二三五])(年|个月)期?")
_YEARS = {"一": 1, "二": 2, "三": 3, "五": 5}
_RUNNING = re.compile(r"(管理费|托管费|销售服务费)率?(?:（年）)?")


@dataclass(frozen=True)
class Sum:
    """`row` is what the figure stands in; `said` is the answer with {v} for the value.

    `lone`: the figure alone is read and scaled; the calculator asks more of such a question (age, sex, the product's name).
    """

    kind: str
    row: int
    question: str
    formula: str
    said: str
    lone: bool = False


def premium(grid: Grid, chance: random.Random) -> Sum | None:
    """A premium per so much cover, for other cover."""
    places = [(r, c) for r, c in full_cells(grid) if is_bare(grid.rows[r][c]) and grid.columns[c].unit == "元"
              and any(grid.columns[c].per.startswith(per) for per in _PER)]
    if not places:
        return None
    r, c = chance.choice(places)
    per = next(per for per in _PER if grid.columns[c].per.startswith(per))
    cover, rate = _PER[per] * chance.randint(2, 30), Decimal(grid.rows[r][c].replace(",", ""))
    thing, attribute = grid.said(r, c)
    asked = chance.choice(("{w}保额，{r}，{c}一共多少钱", "{r}买{w}的话，{c}要交多少", "我想做{w}，{r}，{c}总共多少", "算一下{r}{c}，按{w}"))
    return Sum("premium", r, asked.format(w=_money(cover), r=thing, c=attribute), f"{rate}×{cover}÷{_PER[per]}",
               f"{_money(cover)}保额的{attribute}为{{v}}。", lone=True)


def instalment(grid: Grid, chance: random.Random) -> Sum | None:
    """What a purchase in instalments costs: each payment, all fees, all together."""
    term = _column(grid, r"^期数")
    places = [(r, c) for r, c in full_cells(grid) if term is not None and re.search(r"分期$|^每期(?:手续)?费率", grid.header[c])
              and _RATE.match(grid.rows[r][c]) and re.fullmatch(r"\d+期?", grid.rows[r][term])]
    if not places:
        return None
    r, c = chance.choice(places)
    sort = grid.header[c] if grid.header[c].endswith("分期") else grid.rows[r][0]
    periods, amount, rate = int(grid.rows[r][term].rstrip("期")), chance.randint(2, 60) * 1000, _rate(grid.rows[r][c])
    ways = ((f"{amount}÷{periods}＋{amount}×{rate}", f"{sort}{_money(amount)}分{periods}期，每期应还{{v}}。",
             ("{s}{w}分{n}期，每期还多少", "{w}办{s}，分{n}期每期要还多少钱", "我有{w}想做{s}分{n}期，每个月还多少")),
            (f"{amount}×{rate}×{periods}", f"{sort}{_money(amount)}分{periods}期，手续费（利息）合计{{v}}。",
             ("{s}{w}分{n}期，手续费一共多少", "{w}做{s}{n}期，总共多少手续费", "{s}分{n}期，{w}的利息合计是多少钱")),
            (f"{amount}＋{amount}×{rate}×{periods}", f"{sort}{_money(amount)}分{periods}期，一共还{{v}}。",
             ("{s}{w}分{n}期，总共要还多少钱", "{w}办{s}分{n}期，连手续费一共还多少钱")))
    formula, said, asked = chance.choice(ways)
    return Sum("instalment", r, chance.choice(asked).format(s=sort, w=_money(amount), n=periods), formula, said)


def deposit(grid: Grid, chance: random.Random) -> Sum | None:
    """Interest of a deposit kept to its end."""
    about = "".join((grid.title, *grid.headings, grid.caption, *grid.header))
    places = [(r, c) for r, c in full_cells(grid) if re.search(r"存", about) and not re.search(r"贷", about.replace("存贷", ""))
              and re.search(r"利率|整存整取", grid.header[c]) and _RATE.match(grid.rows[r][c]) and _TERM.search(grid.rows[r][0])]
    if not places:
        return None
    r, c = chance.choice(places)
    term = _TERM.search(grid.rows[r][0])
    months = (_YEARS.get(term[1]) or int(term[1])) * (12 if term[2] == "年" else 1)
    large = "大额" in about + grid.rows[r][0]
    amount, rate = chance.randint(20, 60) * 10_000 if large else chance.randint(1, 40) * 5000, _rate(grid.rows[r][c])
    sort, asked = "大额存单" if large else "定期", ("{w}存{t}{s}，到期利息多少", "存{w}的{t}{s}，到期有多少利息", "{t}{s}存{w}，利息一共多少钱", "我存{w}{s}{t}，到期能拿多少利息")
    return Sum("deposit", r, chance.choice(asked).format(w=_money(amount), t=term[1] + term[2], s=sort), f"{amount}×{rate}×{months}÷12",
               f"{_money(amount)}存{term[1]}{term[2]}，到期利息约{{v}}。")


def purchase(grid: Grid, chance: random.Random) -> Sum | None:
    """The fee inside a sum that buys a fund."""
    places = [(r, c) for r, c in full_cells(grid) if grid.name and re.search(r"申购金额|认购金额", grid.header[0]) and re.search(r"费率", grid.header[c])
              and _RATE.fullmatch(grid.rows[r][c])]
    if not places:
        return None
    r, c = chance.choice(places)
    amount, rate = chance.choice((1, 2, 5, 8, 30, 60, 80, 120, 150, 260, 300, 600, 800)) * 10_000, _rate(grid.rows[r][c])
    asked = ("申购{w}{f}，申购费多少钱", "买{w}的{f}，申购费要多少", "{w}申购{f}要多少申购费")
    return Sum("purchase_fee", r, chance.choice(asked).format(w=_money(amount), f=grid.name), f"{amount}－{amount}÷（1＋{rate}）",
               f"申购{_money(amount)}，申购费约{{v}}。")


def redemption(grid: Grid, chance: random.Random) -> Sum | None:
    """The fee for selling a fund after so many days."""
    places = [(r, c) for r, c in full_cells(grid) if grid.name and _column(grid, r"持有") is not None and re.search(r"费率", grid.header[c])
              and _RATE.fullmatch(grid.rows[r][c])]
    if not places:
        return None
    r, c = chance.choice(places)
    amount, days, rate = chance.randint(1, 60) * 5000, chance.choice((3, 5, 12, 20, 45, 75, 100, 150, 200, 300, 400, 500)), _rate(grid.rows[r][c])
    asked = ("{f}持有{d}天赎回{w}，赎回费多少", "拿了{d}天的{f}，赎回{w}要多少赎回费", "赎回{w}{f}，持有{d}天，赎回费多少钱")
    return Sum("redemption_fee", r, chance.choice(asked).format(f=grid.name, w=_money(amount), d=days), f"{amount}×{rate}",
               f"持有{days}天赎回{_money(amount)}，赎回费约{{v}}。")


def running(grid: Grid, chance: random.Random) -> Sum | None:
    """What a year's running costs of a fund or product come to."""
    places = [(r, c) for r, c in full_cells(grid) if _RATE.fullmatch(grid.rows[r][c])
              and (_RUNNING.search(grid.header[c]) or (grid.name and _RUNNING.fullmatch(grid.rows[r][0]) and re.search(r"年费率", grid.header[c])))]
    if not places:
        return None
    r, c = chance.choice(places)
    fee = (_RUNNING.search(grid.header[c]) or _RUNNING.fullmatch(grid.rows[r][0]))[1]
    thing = grid.rows[r][0] if _RUNNING.search(grid.header[c]) else grid.name
    amount, rate = chance.randint(1, 60) * 5000, _rate(grid.rows[r][c])
    asked = ("持有{w}{f}，一年{c}多少钱", "{w}的{f}放一年，{c}是多少钱", "买了{w}{f}，{c}一年扣多少")
    return Sum("running_fee", r, chance.choice(asked).format(w=_money(amount), f=thing, c=fee), f"{amount}×{rate}",
               f"持有{_money(amount)}{thing}，一年的{fee}约{{v}}。")


def penalty(grid: Grid, chance: random.Random) -> Sum | None:
    """A penalty for paying early, as a share of what is left."""
    places = [(r, c) for r, c in full_cells(grid) if "违约金" in grid.header[c] and _OF_THE_REST.match(grid.rows[r][c])]
    if not places:
        return None
    r, c = chance.choice(places)
    amount, rate = chance.randint(1, 60) * 5000, Decimal(_OF_THE_REST.match(grid.rows[r][c])[1]) / 100
    thing = grid.label(r)
    asked = ("{r}剩余本金{w}，提前结清违约金多少钱", "{r}还剩{w}本金想提前结清，违约金要多少", "{r}提前结清，剩余本金{w}，要交多少违约金")
    return Sum("penalty", r, chance.choice(asked).format(r=thing, w=_money(amount)), f"{amount}×{number(rate)}", "违约金为{v}。")


def first_payment(grid: Grid, chance: random.Random) -> Sum | None:
    """The first monthly payment of a loan repaid in equal parts of its principal."""
    term = _column(grid, r"期限")
    places = [(r, c) for r, c in full_cells(grid) if term not in (None, c) and re.search(r"^(?:执行)?年?利率|贷款利率", grid.header[c])
              and _RATE.fullmatch(grid.rows[r][c]) and re.fullmatch(r"\d+(?:年|个月)", grid.rows[r][term])]
    if not places:
        return None
    r, c = chance.choice(places)
    said = grid.rows[r][term]
    months = int(re.match(r"\d+", said)[0]) * (12 if said.endswith("年") else 1)
    amount, rate = chance.randint(1, 30) * 10_000, _rate(grid.rows[r][c])
    asked = ("{p}借{w}，{t}，等额本金首月还多少钱", "{p}贷{w}分{t}还，等额本金第一个月要还多少", "{w}的{p}，期限{t}，按等额本金首月还款是多少钱")
    return Sum("first_payment", r, chance.choice(asked).format(p=grid.label(r), w=_money(amount), t=said), f"{amount}÷{months}＋{amount}×{rate}÷12",
               "等额本金首月还{v}。")


KINDS: tuple[Callable[[Grid, random.Random], Sum | None], ...] = (
    premium, instalment, deposit, purchase, redemption, running, penalty, first_payment)


def _column(grid: Grid, words: str) -> int | None:
    return next((c for c, name in enumerate(grid.header) if re.search(words, name)), None)


def _rate(cell: str) -> str:
    """A percentage as the decimal number that a formula takes: 1.50% is 0.015."""
    return number(Decimal(_RATE.match(cell)[1]) / 100)


def _money(value: int) -> str:
    return f"{value // 10_000}万元" if value % 10_000 == 0 else f"{value:,}元"
