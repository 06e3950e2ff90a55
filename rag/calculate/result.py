"""What a calculation hands back, and how its figures are written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

LONGEST = 200  # characters of the text a customer reads


class Input(NamedTuple):
    """One figure that went in. `where`: "question", "law" (a bracket table of `taxes`), or an index into the evidence."""

    name: str
    value: str
    where: str | int


@dataclass(frozen=True)
class Calculation:
    """A worked sum. `result` is a short Chinese sentence, `formula` one line with the numbers put in."""

    result: str
    formula: str
    inputs: tuple[Input, ...]
    caveats: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What the customer reads, at most LONGEST characters: result, formula, and the caveats that still fit."""
        text = f"{self.result}\n算式：{self.formula}"
        if len(text) > LONGEST:
            text = self.result
        for caveat in self.caveats:
            if len(text) + len(caveat) + 1 <= LONGEST:
                text += f"\n{caveat}"
        return text

    @property
    def evidence(self) -> tuple[int, ...]:
        """Indexes of the evidence texts that inputs were read from, each once, in order."""
        return tuple(dict.fromkeys(i.where for i in self.inputs if isinstance(i.where, int)))


@dataclass(frozen=True)
class Missing:
    """An input that neither question nor evidence gives. `ask` is the question to put to the customer."""

    name: str
    ask: str


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
