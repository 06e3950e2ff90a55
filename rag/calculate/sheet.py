"""The working sheet of one sum: figures of the question, evidence taken apart, and what has been put in so far."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rag.calculate.inputs import Found, Text, take_apart
from rag.calculate.result import CUSTOM, QUESTION, Calculation, Input, Missing
from rag.calculate.stated import Figures, Stated

Worked = Calculation | Missing | None


class Needed(Exception):
    """Raised inside a recipe where an input is found nowhere."""

    def __init__(self, name: str, ask: str):
        super().__init__(name)
        self.missing = Missing(name, ask)


class Sheet:
    """Recipes take their inputs through it, so that each is remembered with the place it came from."""

    def __init__(self, figures: Figures, evidence: Sequence[str], target: str = ""):
        self.figures = figures
        self.question = figures.question
        self.texts: list[Text] = take_apart(evidence)
        self.target = target
        self.inputs: list[Input] = []
        self.taken: list[Stated | Found] = []
        self.caveats: list[str] = []
        self.warnings: list[str] = []

    def take(self, name: str, *options: Stated | Found | None, ask: str = "") -> Decimal:
        """The first option that is there, remembered as `name`. Raises Needed with `ask` where none is."""
        value = self.maybe(name, *options)
        if value is None:
            raise Needed(name, ask or f"请问{name}是多少？")
        return value

    def maybe(self, name: str, *options: Stated | Found | None) -> Decimal | None:
        """As `take`, but None where no option is there."""
        for option in options:
            if option is not None:
                self.taken.append(option)
                where = option.index if isinstance(option, Found) else QUESTION
                self.inputs.append(Input(name, option.raw.strip(), where))
                return option.value
        return None

    def law(self, name: str, value: str, law: str) -> None:
        """An input that stands in a law or rule, as `taxes` names it."""
        self.inputs.append(Input(name, value, law))

    def custom(self, name: str, value: str) -> None:
        """An input that neither question nor document states and that is counted so by custom."""
        self.inputs.append(Input(name, value, CUSTOM))

    def note(self, caveat: str) -> None:
        """Said where there is room."""
        self.caveats.append(caveat)

    def warn(self, warning: str) -> None:
        """Always said."""
        self.warnings.append(warning)

    def has(self, *words: str) -> bool:
        return any(word in self.question for word in words)

    def words_of(self, found: Found) -> str:
        """All words of the text a value was read from."""
        return " ".join(f"{t.about} {t.said} {' '.join(t.row)}" for t in self.texts if t.index == found.index)

    def done(self, result: str, formula: str, rows: Sequence[str] = ()) -> Calculation:
        return Calculation(result, formula, tuple(self.inputs), tuple(self.caveats), (*self.warnings, *self._left_out()), tuple(rows))

    def _left_out(self) -> tuple[str, ...]:
        """The sums and rates of the question that went into nothing: the customer must see that they were not counted."""
        spoken = {one.start for one in self.taken if isinstance(one, Stated)}
        known = {one.value for one in self.taken}
        left = [one.raw.strip() for one in self.figures.all if one.kind in ("money", "percent") and not one.vague
                and one.start not in spoken and one.value not in known and one.value]
        return (f"没有用到：{'、'.join(dict.fromkeys(left))}；与计算有关的话，请换个说法再问。",) if left and spoken else ()
