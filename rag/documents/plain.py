"""Markdown and text files, whatever their encoding and however their lines were wrapped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rag.documents.contents import contents_titles, mark_headings, running_lines, strip_contents, strip_navigation
from rag.documents.document import Document, Page
from rag.documents.encoding import decode
from rag.documents.html import tables_to_markdown
from rag.documents.lines import ENDS, LABEL, clean, close_up, ends_sentence, join, starts_item, width
from rag.documents.plain_numbered import rebuild_numbered
from rag.documents.plain_pairs import rebuild_pairs
from rag.documents.plain_rows import RegularTables
from rag.documents.plain_scattered import gather
from rag.documents.plain_tables import CellTables, separate_tables
from rag.documents.table_rest import with_headers
from rag.documents.title import find_title, named_by_file

_RULE = re.compile(r"^[ \t　]*(?:={5,}|\*{5,}|_{5,})[ \t]*$", re.MULTILINE)
_MARKER = re.compile(
    r"\s*(?:\[P(\d+)\]|<!--\s*page\s*[:=]?\s*(\d+)\s*-->|-{3,}\s*第\s*(\d+)\s*[页頁]\s*-{3,})\s*", re.IGNORECASE
)


def load_text(path: Path, source: str) -> Document:
    """A `.txt` file: page markers alone on a line (`[P12]`) become pages, form feeds too; menus of saved web pages,
    running heads and contents go; hard-wrapped lines are joined."""
    text, encoding, warnings = decode(path.read_bytes(), source)
    pages = _pages(_RULE.sub("", clean(text, tabs="\t")))
    lines = [[close_up(line) for line in separate_tables(page)] for _, page in pages]
    heads: list[str] = []
    if len(pages) == 1:
        lines = [strip_navigation(lines[0])]
        first = lines[0]
    else:
        first = lines[0]
        drop = running_lines(lines)
        heads = [line for index, line in enumerate(lines[1]) if index in drop[1]]
        lines = [
            [line for index, line in enumerate(page) if index not in gone]
            for page, gone in zip(lines, drop, strict=True)
        ]
    lines = [gather(page) for page in lines]
    margin = wrap_width([line for page in lines for line in page])
    # a running head is no part of the text, but on the first page it may be half of the title
    title = find_title([*first, *(line for page in lines[1:3] for line in page)], source)
    if title == named_by_file(source) and heads:
        title = find_title(heads, source)
    announced = contents_titles([line for page in lines for line in page])
    made = []
    cells, regular = CellTables(), RegularTables()
    lines = rebuild_numbered([mark_headings(strip_contents(page), announced) for page in lines])
    for (number, _), page in zip(pages, lines, strict=True):
        page = cells.rebuild(regular.rebuild(rebuild_pairs(page)))
        made.append(Page("\n".join(rejoin(page, margin)).strip(), number))
    return Document(source, title, tuple(made), encoding, warnings)


def load_markdown(path: Path, source: str) -> Document:
    """A Markdown file as one page: HTML comments, images and front matter gone, HTML tables as pipe tables."""
    text, encoding, warnings = decode(path.read_bytes(), source)
    text = clean(text)
    front = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    named = re.search(r"^title:\s*[\"']?(.+?)[\"']?\s*$", front[1], re.MULTILINE) if front else None
    if front:
        text = text[front.end() :]
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"!\[[^\]]{0,500}\]\([^)]{0,2000}\)", "", text)  # bounded: a hundred thousand brackets take no hours
    text = re.sub(r"\[((?:[^\[\]]|\[[^\[\]]{0,100}\]){1,500})\]\((?:https?:|#|/|\.)[^)]{0,2000}\)", r"\1", text)
    text = tables_to_markdown(_plain_formulas(text))
    lines = with_headers(_setext([line.rstrip() for line in text.split("\n")]))
    body = [line for line in lines if not line.lstrip().startswith(("|", "#"))]
    lines = strip_contents([line if line.lstrip().startswith("|") else close_up(line) for line in lines])
    lines = rejoin(lines, wrap_width(body))
    title = named[1] if named else _heading(lines) or find_title(lines, source)
    return Document(source, title, (Page("\n".join(lines).strip()),), encoding, warnings)


_FORMULA = {
    r"\times": "×",
    r"\div": "÷",
    r"\leq": "≤",
    r"\geq": "≥",
    r"\le": "≤",
    r"\ge": "≥",
    r"\cdot": "·",
    r"\pm": "±",
    r"\%": "%",
    r"\$": "$",
    r"\sim": "~",
    r"\approx": "≈",
    r"\neq": "≠",
}


def _plain_formulas(text: str) -> str:
    """`$80\\%$` and `$\\times (1 + 3.0\\%)$` as a reader sees them; what is more than that stays as it is."""

    def plain(match: re.Match[str]) -> str:
        inner = match[1]
        for name, sign in _FORMULA.items():
            inner = re.sub(re.escape(name) + (r"(?![A-Za-z])" if name[-1].isalpha() else ""), sign, inner)
        inner = re.sub(r"\\(?:mathrm|text|mathbf|textbf)\s*\{([^{}]*)\}", r"\1", inner)
        return match[0] if "\\" in inner or "{" in inner else inner.strip()

    return re.sub(r"\$([^$\n]{1,80})\$", plain, text)


def _heading(lines: Sequence[str]) -> str | None:
    """The first `#` heading; where it is only the company's name, the ones after it belong to the title."""
    found = []
    for line in lines[:60]:
        if match := re.match(r"#{1,2}\s+(.+)", line):
            found.append("# " + match[1])
    return find_title(found, "") or None if found else None


def _setext(lines: list[str]) -> list[str]:
    made: list[str] = []
    for line in lines:
        if (
            re.fullmatch(r"={3,}|-{3,}", line)
            and made
            and made[-1].strip()
            and not made[-1].startswith(("|", "#", "-", ">"))
        ):
            made[-1] = ("# " if line[0] == "=" else "## ") + made[-1]
        elif not re.fullmatch(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*", line):
            made.append(line)
    return made


def _pages(text: str) -> list[tuple[int | None, list[str]]]:
    lines = text.split("\n")
    if sum(bool(_MARKER.fullmatch(line)) for line in lines) >= 1:
        pages: list[tuple[int | None, list[str]]] = [(None, [])]
        for line in lines:
            if match := _MARKER.fullmatch(line):
                pages.append((int(next(group for group in match.groups() if group)), []))
            else:
                pages[-1][1].append(line)
        return [page for page in pages if page[0] is not None or any(line.strip() for line in page[1])]
    if "\f" in text.strip("\f\n"):
        return [(number, page.split("\n")) for number, page in enumerate(text.strip("\f").split("\f"), 1)]
    return [(None, lines)]


def wrap_width(lines: Sequence[str]) -> int:
    """Columns at which the text was hard-wrapped; 0 where it was not.

    Wrapped text has many lines that break off at one width in the middle of a sentence.
    """
    lines = list(dict.fromkeys(lines))
    widths = sorted(width(line) for line in lines if width(line) >= 24)
    if len(widths) < 5:
        return 0
    margin = widths[int(len(widths) * 0.85)]
    if margin > 160:
        return 0
    near = [line for line in lines if 0.86 * margin <= width(line) <= 1.1 * margin]
    broken = sum(not ends_sentence(line) for line in near)
    return margin if broken >= 0.25 * len(widths) and broken >= 4 else 0


def rejoin(lines: Sequence[str], margin: int) -> list[str]:
    """Hard-wrapped lines joined into paragraphs; lone labels and fragments go with what follows them.

    Blank lines, headings, tables, list items and lines that stop short of the margin end a paragraph.
    """
    made: list[str] = []
    labelled = False
    last = ""  # the last piece put on made[-1], as it stood in the file
    for line in lines:
        if not line.strip():
            # extraction puts blank lines into sentences at page ends only; elsewhere they part paragraphs
            made.append("")
            last = ""
            continue
        if (
            last
            and made[-1]
            and not line.startswith(("#", "|", ">"))
            and not made[-1].startswith(("#", "|"))
            and _goes_on(made, last, line, margin, labelled)
        ):
            labelled = _is_label(made)
            made[-1] = f"{made[-1]} {line}" if labelled else join(made[-1], line)
            last = made[-1] if labelled else line
        else:
            made.append(line)
            last, labelled = line, False
    return made


# a line never ends its sentence with one of these
_OPEN = tuple("和及与或为的对在于由将以其向从至把被按经（《“〔")


def _is_fragment(last: str, line: str) -> bool:
    """`2025年` `12` `月`, `第一章` `总` `则`: one line broken at every change of font."""
    if (
        len(line) == 1
        and len(last) <= 8
        and "\u4e00" <= line <= "\u9fff"
        and (len(last) == 1 or last[-1].isdigit() or re.fullmatch(r"第\S{1,4}[章节節编編]\s*.?", last))
    ):
        return True
    if last[-1] in "〔[《“" or (last[-1] in "年月" and re.fullmatch(r"\d{1,2}", line)):
        return True
    return bool(re.fullmatch(r"\d{1,2}", last)) and line[0] in "月日年号"


def _is_label(made: Sequence[str]) -> bool:
    """The last paragraph so far is a number alone, and no figure of a table that was written out cell by cell."""
    return LABEL.fullmatch(made[-1]) is not None and not (
        made[-1][0].isdigit() and len(made) > 1 and re.fullmatch(r"[-\d.,%％—\s]+", made[-2])
    )


def _goes_on(made: Sequence[str], last: str, line: str, margin: int, labelled: bool) -> bool:
    """`last` ends the paragraph `made[-1]`; `labelled`: it began with a number that stood on a line of its own."""
    if _is_fragment(last, line):
        return True
    if _is_label(made):
        return not LABEL.fullmatch(line) and bool(re.search("[\u4e00-\u9fff]", line[:8]))
    if margin == 0:
        return False
    if ends_sentence(last):
        return (
            width(last) >= 0.9 * margin
            and not starts_item(line)
            and not last.endswith(("：", ":", "；", ";"))
            and (width(line) >= 0.4 * margin or ends_sentence(line))
        )
    if (
        width(last) >= 0.5 * margin
        and not starts_item(line)
        and (last.endswith(_OPEN) or (last[-1].isdigit() and line[0] in "年月日万亿元%％周岁个股"))
    ):
        return True
    if (
        starts_item(line)
        and not last.endswith(("，", ",", "、", "第", "《", "（", "“"))
        and width(last) < 0.93 * margin
    ):
        return False
    if last.endswith(("，", ",", "、")) and not last.endswith(ENDS):
        return width(last) >= 0.5 * margin or made[-1] != last
    return width(last) >= 0.86 * margin or (labelled and width(last) >= 0.6 * margin)
