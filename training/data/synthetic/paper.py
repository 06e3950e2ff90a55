"""The parts a made-up document is put together from, and chance for its names and figures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

PLACES = "江岭 云泽 望川 澜石 青屿 松壑 沧浦 琅溪 竹海 景明 泊舟 远汀 栖霞岭 明溪谷 北辰洲 汉麓 瑶岸 清河湾 苍梧洲 槐江".split()
WORDS = ("安 康 福 禧 瑞 祥 悦 臻 恒 盈 鑫 丰 惠 优 智 睿 信 诚 和 泰 颐 嘉 锦 佑 守 护 传 世 如 意 添 利 宝 享 尊 卓 越 金 玉 满 堂 年 年 长 青 "
         "启 航 远 见 乐 活 春 晖").split()


@dataclass(frozen=True)
class Sheet:
    """One table: `form` names its schema, so that all tables of one form can be held out together."""

    form: str
    heading: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Paper:
    """One document: `notes` are (heading, sentences)."""

    title: str
    name: str
    topic: str
    sheets: tuple[Sheet, ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]


class Dice:
    """Names and figures by chance, in the steps that such figures come in."""

    def __init__(self, seed: str):
        self.chance = random.Random(seed)

    def one(self, options: Sequence):
        return self.chance.choice(options)

    def some(self, options: Sequence, low: int, high: int) -> list:
        """Between `low` and `high` of them, in their order."""
        count = min(len(options), self.chance.randint(low, high))
        return [options[i] for i in sorted(self.chance.sample(range(len(options)), count))]

    def whole(self, low: int, high: int, step: int = 1) -> int:
        return low + step * self.chance.randint(0, (high - low) // step)

    def rate(self, low: float, high: float, step: float = 0.05, digits: int = 2) -> str:
        """A percentage such as 1.25%."""
        return f"{low + step * self.chance.randint(0, round((high - low) / step)):.{digits}f}%"

    def rising(self, first: int, factor_low: float, factor_high: float, count: int) -> list[int]:
        """`count` numbers, each a little larger than the one before."""
        values = [float(first)]
        for _ in range(count - 1):
            values.append(values[-1] * self.chance.uniform(factor_low, factor_high))
        return [round(value) for value in values]

    def place(self) -> str:
        return self.one(PLACES)

    def brand(self) -> str:
        """Two characters of good omen."""
        return "".join(self.chance.sample(WORDS, 2))


def comma(value: int) -> str:
    return f"{value:,}"
