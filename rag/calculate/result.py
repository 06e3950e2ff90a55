"""What a calculation hands back, and how its figures are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

LONGEST = 200  # characters up to which a text is filled with caveats and with the titles of documents
QUESTION = "question"
CUSTOM = "惯例"  # what is counted so by custom where neither question nor document says otherwise


class Input(NamedTuple):
    """One figure that went in. `where`: QUESTION, the law or rule it stands in, or an index into the evidence."""

    name: str
    value: str
    where: str | int


@dataclass(frozen=True)
class Calculation:
    """A worked sum. `result` is a short Chinese sentence, `formula` one line with the numbers put in, `rows` the lines of
    a schedule. `warnings` are always said (收益不确定), `caveats` where there is room."""

    result: str
    formula: str
    inputs: tuple[Input, ...]
    caveats: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """`told` where the documents have no titles."""
        return self.told({})

    def told(self, titles: Mapping[int, str]) -> str:
        """What the customer reads: result, formula, schedule, where each input comes from, and the caveats that still fit.

        `titles` are those of the evidence by index; a title is left out, its [n] stays, where the text would grow long.
        """
        head = "\n".join((self.result, f"算式：{self.formula}", *self.rows))
        tail = "".join(f"\n{warning}" for warning in self.warnings)
        stated = self._stated(titles)
        if len(head) + len(stated) + len(tail) > LONGEST:
            stated = self._stated({})
        text = head + stated + tail
        for caveat in self.caveats:
            if len(text) + len(caveat) + 1 <= LONGEST:
                text += f"\n{caveat}"
        return text

    def _stated(self, titles: Mapping[int, str]) -> str:
        """输入：本金30万、期限20年（问题）；年利率3.6%（《…》[1]）; "" where nothing went in."""
        numbers = {place: number for number, place in enumerate(self.evidence, 1)}
        groups: dict[str, list[str]] = {}
        for one in self.inputs:
            if isinstance(one.where, int):
                title = f"《{titles[one.where]}》" if titles.get(one.where) else ""
                source = f"（{title}[{numbers[one.where]}]）" if title else f"[{numbers[one.where]}]"
            else:
                source = f"（{'问题' if one.where == QUESTION else one.where}）"
            said = f"{one.name}{one.value}"
            if said not in groups.setdefault(source, []):
                groups[source].append(said)
        if not groups:
            return ""
        return "\n输入：" + "；".join(f"{'、'.join(said)}{source}" for source, said in groups.items())

    @property
    def evidence(self) -> tuple[int, ...]:
        """Indexes of the evidence texts that inputs were read from, each once, in order."""
        return tuple(dict.fromkeys(i.where for i in self.inputs if isinstance(i.where, int)))


@dataclass(frozen=True)
class Missing:
    """An input that neither question nor evidence gives. `ask` is the question to put to the customer.

    `alone`: no document's words can be the answer, the customer's own figures make it.
    """

    name: str
    ask: str
    alone: bool = False


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Commercial rounding (half up), as amounts of money are rounded."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def yuan(value: Decimal) -> str:
    """12,345.60元; whole yuan without decimals only where the sum is exactly whole."""
    value = rounded(value)
    return f"{value:,.0f}元" if value == value.to_integral_value() else f"{value:,.2f}元"


def number(value: Decimal, places: int = 6) -> str:
    """A number as it is put into a formula, without trailing zeros."""
    value = rounded(value, places).normalize()
    return f"{value:,f}"


def percent(value: Decimal, places: int | None = None) -> str:
    """A fraction as per cent: 0.026 is 2.6%; with `places` exactly so many digits."""
    return f"{rounded(value * 100, places):f}%" if places is not None else f"{number(value * 100)}%"
