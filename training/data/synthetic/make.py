"""Made-up documents by seed, as what can be asked about."""

from __future__ import annotations

from collections.abc import Iterator

from rag.text.sentences import Unit
from training.data.licences import SYNTHETIC
from training.data.reading.grid import Grid
from training.data.reading.material import Clauses
from training.data.synthetic import cards, funds, insurance, loans, others
from training.data.synthetic.paper import Dice, Paper

MAKERS = (*insurance.MAKERS, *cards.MAKERS, *funds.MAKERS, *loans.MAKERS, *others.MAKERS)


def documents(count: int, seed: int) -> Iterator[tuple[list[Grid], list[Clauses]]]:
    """`count` documents; the same ones for the same seed. Every maker's turn comes equally often."""
    for number in range(count):
        paper = MAKERS[number % len(MAKERS)](Dice(f"{seed}/{number}"))
        yield read(paper, f"synthetic/{seed}-{number:04}/{paper.title}")


def read(paper: Paper, source: str) -> tuple[list[Grid], list[Clauses]]:
    """The tables and the notes of one document."""
    grids = [Grid(source, paper.title, (sheet.heading,), sheet.caption, sheet.header, sheet.rows, paper.topic, SYNTHETIC,
                  f"synthetic:{sheet.form}", paper.name) for sheet in paper.sheets if len(sheet.rows) > 1]
    clauses = [Clauses(source, paper.title, (heading,), tuple(Unit(s, s) for s in said), paper.topic, SYNTHETIC, paper.name)
               for heading, said in paper.notes]
    return grids, clauses
