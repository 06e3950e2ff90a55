"""`odfin documents`: what is indexed and what each document says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size

from rag.errors import IndexMissingError
from rag.index.build import Indexer
from rag.settings import Settings


@dataclass(frozen=True)
class _Column:
    """`usual` is its width where there is no terminal to fit, `least` what it keeps in a narrow one."""

    name: str
    heading: str
    usual: int
    least: int


_COLUMNS = (
    _Column("kind", "类别", 10, 6), _Column("institution", "机构", 20, 8), _Column("product", "产品", 24, 8),
    _Column("version", "版本", 14, 6), _Column("effective", "施行", 10, 10), _Column("expires", "到期", 10, 10),
    _Column("in_force", "效力", 8, 8), _Column("title", "标题", 30, 8), _Column("source", "文件", 0, 16))
_GAP = "  "
_WIDE = 140  # in a narrower terminal the file's name must do for the title, and 效力 for the last day


def rows(settings: Settings) -> list[dict[str, Any]]:
    """One object a document: source, status, pages, chunks, every fact, the facts edited by hand, and `in_force`: "现行",
    or why not ("读不了" where nothing of it could be read). Raises IndexMissingError before the first index."""
    indexer = Indexer(settings)
    if indexer.catalogue.live() is None:
        raise IndexMissingError("还没有索引；请先运行 odfin index，或在控制台“知识库”页点“重新索引”")
    return [{"source": row.source, "status": row.status, "reason": row.reason, "pages": row.pages, "chunks": row.chunks,
             **row.facts.to_json(), "title": row.title, "topic": row.topic, "in_force": row.in_force}
            for row in indexer.documents()]


def table(listed: Sequence[dict[str, Any]], width: int | None = None) -> Iterator[str]:
    """The same for reading: one line a document. In a terminal of `width` columns a line of headings stands above, and what
    is too long is cut; without a width nothing is."""
    columns = [column for column in _COLUMNS if width is None or width >= _WIDE or column.name not in ("title", "expires")]
    lines = [[str(row[column.name]) or "—" for column in columns] for row in listed]
    widths = [column.usual for column in columns]
    if width is not None:
        lines.insert(0, [column.heading for column in columns])
        widths = _fitted(columns, [max(map(cell_len, cells)) for cells in zip(*lines, strict=True)], width)
    for line in lines:
        cells = [_cell(text, wide, column, cut=width is not None)
                 for text, wide, column in zip(line, widths, columns, strict=True)]
        yield _GAP.join(cells).rstrip()


def _fitted(columns: Sequence[_Column], wanted: Sequence[int], width: int) -> list[int]:
    """The widths of the columns: as wanted where there is room, else the widest give way, down to their least."""
    widths = list(wanted)
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        spare = [wide - column.least for wide, column in zip(widths, columns, strict=True)]
        if max(spare) <= 0:
            break
        widths[spare.index(max(spare))] -= 1
    return widths


def _cell(text: str, width: int, column: _Column, cut: bool) -> str:
    """Padded to `width` columns of a terminal, of which a Chinese character takes two."""
    if cell_len(text) > width and not cut:
        return text
    if cell_len(text) > width:  # of a path the end tells more
        text = ("…" + set_cell_size(text[::-1], width - 1)[::-1].strip() if column.name == "source"
                else set_cell_size(text, width - 1).strip() + "…")
    return set_cell_size(text, width)
