"""The rest of a table that was cut at a page end when its document was turned into text: it begins with figures, and takes
its header from the table before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.documents.tables import is_figure
from rag.text.sentences import cells

FEWEST_COLUMNS = 3  # of two columns of figures nothing says that they belong together
_DIVIDER = re.compile(r"\|(?:\s*:?-{3,}:?\s*\|)+\s*")


def with_headers(lines: Sequence[str]) -> list[str]:
    """The lines of a Markdown text. A pipe table whose first row holds figures alone, and that follows under the same
    heading on one with as many columns and a header of words, gets that header."""
    done: list[str] = []
    header = ""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("#"):
            header = ""
        if line.startswith("|") and _DIVIDER.fullmatch(below):
            if header and _is_rest(cells(line), cells(header)):
                done += [header, below, line]
                continue
            header = line
        elif _DIVIDER.fullmatch(line) and len(done) > 1 and done[-2] == line:
            continue  # it stands already, before the row of figures
        done.append(line)
    return done


def _is_rest(row: Sequence[str], header: Sequence[str]) -> bool:
    return len(row) == len(header) >= FEWEST_COLUMNS and all(map(is_figure, row)) and not any(map(is_figure, header))
