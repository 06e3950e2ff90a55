"""Figures in Chinese text: finding them, comparing them, checking an answer's against its sources.

The door to this subject; the parts are `figure_finder`, `table_cells`, `figure_places`, `number_check` and `negation`. All arithmetic is Decimal.
"""

from __future__ import annotations

from rag.text.figure_finder import Figure, find_figures
from rag.text.negation import flipped_against, negation_flipped
from rag.text.number_check import same, unsupported

__all__ = ["Figure", "find_figures", "flipped_against", "negation_flipped", "same", "unsupported"]
