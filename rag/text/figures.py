"""Figures in Chinese text: finding them, comparing them, checking an answer's against its sources.

The door to this subject; the parts are `figure_finder`, `table_cells` and `number_check`. All arithmetic is Decimal.
"""

from __future__ import annotations

from rag.text.figure_finder import Figure, find_figures
from rag.text.number_check import negation_flipped, same, unsupported

__all__ = ["Figure", "find_figures", "negation_flipped", "same", "unsupported"]
