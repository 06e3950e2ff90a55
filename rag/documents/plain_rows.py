"""Tables in plain text, written out cell by cell, whose rows all have one make: words and figures in the same places.

Nothing but the make tells the rows apart, so it must hold for three rows on end, suit the names of the columns, and have
figures in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.documents.lines import ends_sentence, starts_item, without_space
from rag.documents.plain_cells import STARTER, TOTALS, is_measured, is_plain_figure, suits, sums_row, whole_names
from rag.documents.tables import to_markdown

_FEWEST, _MOST = 3, 10  # columns
_LEAST_ROWS = 3
_LONGEST_NAME, _LONGEST_CELL = 20, 40
_OVER = re.compile(r"[（(]?(?:单位|币种)\s*[:：].*|.*(?:如下|情况|明细|[表：:。])")

# how names of columns end, brackets apart
_NAME = re.compile(
    r".*(?:名称|姓名|简称|全称|[额价值量数率重例比]|日期?|时间|期限?|年|年度|年末|类型|类别|分类|性质|方式?|人|关系|政策|内容|原因|机构|公司|单位|银行|等级|"
    r"展望|职务|账龄|代码|编号|号|地点?|地址|项目|科目|指标|产品|业务|行业|板块|股东|客户|供应商|关联方|状态|情况|备注|说明|用途|来源|币种|级别|标准|比重|"
    r"范围|[是能]否.{1,6}|变动|增减|增幅|性别|年龄|学历|学位|国籍|经历|任期|资格|证书|面积|收入|成本|利润|结果|结论|处理|措施|内容|依据|文号|余额)"
)

Make = tuple[bool, ...]


class RegularTables:
    """Asked page by page: a table goes on at the top of the next page, where its header need not be repeated."""

    def __init__(self) -> None:
        self._header: list[str] = []  # of a table that reached the end of the page before
        self._make: Make = ()

    def rebuild(self, lines: Sequence[str]) -> list[str]:
        """The page's lines with every such table as a pipe table."""
        places = [index for index, line in enumerate(lines) if line.strip()]
        texts = [lines[index].strip() for index in places]
        made: list[str] = []
        done = at = 0  # lines written; filled lines looked at
        header, make, self._header, self._make = self._header, self._make, [], ()
        while at < len(texts):
            start = at
            if at == 0 and header and texts[: len(header)] == header:
                at += len(header)
            if at == start and not (at == 0 and header):
                found = _header(texts, at)
                if found is None:
                    at += 1
                    continue
                header, make, at = found
            rows, after = _rows(texts, at, make)
            if not rows:
                at, header = start + 1, []
                continue
            rest = texts[after : after + 1 + len(make)]
            if rest and without_space(rest[0]) in TOTALS:
                sums = rest[1:]
                sums = sums[: next((k for k, text in enumerate(sums) if not is_plain_figure(text)), len(sums))]
                if cells := sums_row(sums, make[1:]):
                    rows.append([without_space(rest[0]), *cells])
                    after += 1 + len(sums)
            end = places[after] if after < len(texts) else len(lines)
            made += [*lines[done : places[start]], "", *to_markdown([header, *rows], 1).split("\n"), ""]
            done, at = end, after
            if after == len(texts):
                self._header, self._make = header, make
            header = []
        return [*made, *lines[done:]]


def _header(texts: Sequence[str], at: int) -> tuple[list[str], Make, int] | None:
    """(names of the columns, make of a row, first line of the first row) of a table that begins at `at`; of several ways
    to read it the one with the most rows."""
    above = texts[at - 1] if at else ""
    if not (STARTER.fullmatch(texts[at]) or (above and _OVER.fullmatch(above))) or _OVER.fullmatch(texts[at]):
        return None
    best: tuple[int, list[str], Make, int] | None = None
    for size in range(_FEWEST, _MOST + 4):
        names = texts[at : at + size]
        if len(names) < size or not _could_name(names[-1]):
            break
        header = whole_names(names)
        count = len(header)
        if not _FEWEST <= count <= _MOST:
            continue
        if not _are_names(header):
            continue
        make = tuple(map(is_measured, texts[at + size : at + size + count]))
        # a row of one label and nothing but figures is read elsewhere, with the labels that break
        if make[:1] == (True,) and is_plain_figure(texts[at + size]) and not re.match(r"(?:19|20)\d\d[-./年]", texts[at + size]):
            continue
        if not any(make) or sum(not figure for figure in make) < 2:
            continue
        rows, _ = _rows(texts, at + size, make)
        clear = len(rows) >= _LEAST_ROWS and all(suits(name, [row[c] for row in rows]) for c, name in enumerate(header))
        if clear and (best is None or len(rows) * count > best[0]):
            best = (len(rows) * count, header, make, at + size)
    return best[1:] if best else None


def _are_names(header: Sequence[str]) -> bool:
    """Names at both ends, and no more than one in four in between that does not end like one."""
    bare = [re.sub(r"[（(][^（()）]*[）)]", "", without_space(name)) for name in header]
    known = [bool(_NAME.fullmatch(name)) and not re.match(r"\d{1,3}(?!\d)", name) for name in bare]
    return known[0] and known[-1] and sum(known) >= 0.75 * len(known)


def _could_name(text: str) -> bool:
    return (
        len(text) <= _LONGEST_NAME
        and not is_measured(text)
        and not text.startswith(("|", "#"))
        and not re.search(r"[。；：:，]", text)
    )


def _rows(texts: Sequence[str], at: int, make: Make) -> tuple[list[list[str]], int]:
    """Rows of this make from `at` on, and where they end."""
    rows: list[list[str]] = []
    while at + len(make) <= len(texts):
        row = list(texts[at : at + len(make)])
        if without_space(row[0]) in TOTALS or any(
            is_measured(text) != figure or len(text) > _LONGEST_CELL or text.startswith(("|", "#")) or ends_sentence(text)
            for text, figure in zip(row, make, strict=True)
        ):
            break
        if starts_item(row[0]) and not starts_item(rows[0][0] if rows else row[0]):
            break  # a heading below the table
        rows.append(row)
        at += len(make)
    return rows, at
