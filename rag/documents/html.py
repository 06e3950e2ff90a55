"""HTML pages and HTML tables inside Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from bs4 import BeautifulSoup, Comment, NavigableString, Tag

from rag.documents.contents import strip_contents
from rag.documents.document import Document, Page
from rag.documents.encoding import decode
from rag.documents.lines import clean, close_up
from rag.documents.nested import Inner, with_places
from rag.documents.title import find_title
from rag.errors import DocumentError

_GONE = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "iframe",
    "nav",
    "footer",
    "aside",
    "form",
    "button",
    "select",
    "input",
    "object",
    "canvas",
    "video",
    "audio",
    "head",
)
_GONE_NAMES = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|menu|breadcrumbs?|footer|sidebar|toolbar|share|copyright|pagination|cookie|"
    r"advert|banner|related|recommend)(?:$|[-_\s])",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    (
        "p div section article main header ul ol li dl dt dd table blockquote pre h1 h2 h3 h4 h5 h6 figure figcaption "
        "address details summary hr body html center caption fieldset"
    ).split()
)


_DEEPEST = 250  # tags inside each other


def load_html(path: Path, source: str) -> Document:
    """A saved web page as one page of Markdown, without scripts, menus, the site's own header and imprint."""
    html, encoding, warnings = _decoded(path.read_bytes(), source)
    text, title = html_to_markdown(html)
    if not text.strip():
        raise DocumentError(
            f"{source}：网页中没有正文（可能由脚本生成），请在浏览器中打开后另存为完整网页或 PDF 再导入"
        )
    return Document(source, title or find_title(text.split("\n"), source), (Page(text),), encoding, warnings)


def html_to_markdown(html: str) -> tuple[str, str]:
    """(Markdown, title); the title is empty where the page names none. Raises RecursionError where tags are nested deeper
    than any page of a person's making."""
    soup = BeautifulSoup(html, "lxml")
    _check_depth(soup)
    named = close_up(clean(soup.title.get_text())) if soup.title else ""
    main = soup.find("main") or soup.find("article")
    root = main if isinstance(main, Tag) and len(main.get_text(strip=True)) > 200 else soup.body or soup
    _prune(root)
    lines: list[str] = []
    _render(root, lines)
    text = "\n".join(strip_contents(_tidy(lines)))
    heading = next((line.lstrip("# ") for line in text.split("\n") if re.match(r"# \S", line)), "")
    return text, heading or re.split(r"\s*[-_|–—]\s*", named)[0]


def _decoded(data: bytes, source: str) -> tuple[str, str, tuple[str, ...]]:
    declared = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", data[:2048], re.IGNORECASE)
    if declared:
        name = declared[1].decode("ascii").lower()
        name = "gb18030" if name in ("gb2312", "gbk", "gb18030") else name
        try:
            return data.decode(name), name, ()
        except (UnicodeDecodeError, LookupError):
            pass
    return decode(data, source)


def tables_to_markdown(text: str) -> str:
    """Every `<table>…</table>` in a Markdown text as a pipe table; `<br>` as a line break, other tags dropped."""

    def replaced(html: str) -> str:
        soup = BeautifulSoup(html, "lxml")
        _check_depth(soup)
        table = soup.find("table")
        return f"\n\n{_table(table)}\n\n" if isinstance(table, Tag) else ""

    parts, done = [], 0
    for start, end in _outermost(text):
        parts += [text[done:start], replaced(text[start:end])]
        done = end
    text = "".join([*parts, text[done:]])
    text = re.sub(r"<br\s*/?>", "\n", text, flags=re.IGNORECASE)
    return re.sub(
        r"</?(?:div|span|p|center|font|b|i|u|strong|em|sup|sub|details|summary|a|img)\b[^>]*>",
        "",
        text,
        flags=re.IGNORECASE,
    )


def _outermost(text: str) -> list[tuple[int, int]]:
    """Where tables stand that are in no other one; one that is never closed ends with the next that is."""
    tags = list(re.finditer(r"<(/?)table(?:\s[^>]*)?>", text, flags=re.IGNORECASE))
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for tag in tags:
        if not tag[1]:
            opened.append(tag.start())
        elif opened:
            start = opened.pop()
            while found and found[-1][0] > start:
                found.pop()
            found.append((start, tag.end()))
    if opened and (after := next((index for index, (start, _) in enumerate(found) if start > opened[0]), None)) is not None:
        found[after] = (opened[0], found[after][1])
    return found


def _check_depth(root: Tag) -> None:
    # every tag's words are looked at for each tag around it: without a bound a hostile page takes hours
    waiting = [(root, 0)]
    while waiting:
        tag, depth = waiting.pop()
        if depth > _DEEPEST:
            raise RecursionError
        waiting += [(child, depth + 1) for child in tag.children if isinstance(child, Tag)]


def _prune(root: Tag) -> None:
    for node in root.find_all(string=lambda string: isinstance(string, Comment)):
        node.extract()
    whole = len(root.get_text(strip=True))
    for tag in list(root.find_all(True)):
        if tag.decomposed or tag is root:
            continue
        names = " ".join([*(tag.get("class") or []), str(tag.get("id") or "")])
        hidden = tag.has_attr("hidden") or "display:none" in str(tag.get("style") or "").replace(" ", "")
        menu = (
            _GONE_NAMES.search(names)
            and tag.name not in ("body", "main", "article", "table", "td", "tr")
            and tag.find(["h1", "table"]) is None
            and len(tag.get_text(strip=True)) < 0.4 * whole  # a name alone does not condemn the text itself
        )
        gone = tag.name in _GONE or tag.get("role") in ("navigation", "contentinfo", "search")
        if gone or hidden or menu:
            tag.decompose()
    for tag in root.find_all(lambda tag: tag.name == "header" or tag.get("role") == "banner"):
        if not tag.decomposed and _is_site_header(tag, root):
            tag.decompose()
    for tag in root.find_all(["ul", "ol", "div", "p", "td"]):
        if not tag.decomposed and _is_menu(tag) and len(tag.get_text(strip=True)) < 0.4 * whole:
            tag.decompose()


def _is_site_header(tag: Tag, root: Tag) -> bool:
    """What a site prints over each of its pages (its name, a hotline, the way in), not the head of the text itself."""
    if any(up.name not in ("div", "body", "html", "[document]") for up in tag.parents):
        return False
    words = re.sub(r"\s+", "", tag.get_text())
    if len(words) > _SITE_HEADER or tag.find(["h1", "table"]) or _OF_TEXT.search(words):
        return False
    titles = [title for title in root.find_all("h1") if title.get_text(strip=True)]
    return bool(titles) or tag.find(re.compile("h[2-6]")) is None


_SITE_HEADER = 120  # characters
_OF_TEXT = re.compile(r"发布|發布|日期|时间|時間|来源|來源|文号|文號|生效|施行|〔\d{4}〕|\d{4}年\d{1,2}月")


def _is_menu(tag: Tag) -> bool:
    """Nothing but a row of short links."""
    links = [link.get_text(strip=True) for link in tag.find_all("a")]
    if len(links) < 5 or tag.find("table") is not None:
        return False
    text = re.sub(r"[\s|>›»·/-]+", "", tag.get_text())
    return sum(map(len, links)) >= 0.9 * len(text) and sum(map(len, links)) <= 10 * len(links)


def _inline(node: Tag | NavigableString) -> str:
    if isinstance(node, NavigableString):
        return re.sub(r"[\s\u3000]+", " ", str(node))
    if node.name == "br":
        return "\n"
    return "".join(_inline(child) for child in node.children if isinstance(child, (Tag, NavigableString)))


def _render(node: Tag, lines: list[str], mark: str = "") -> None:
    """Append the lines of `node`; `mark` is put before the first text line (a list item's number)."""
    text = ""

    def flush() -> None:
        nonlocal text, mark
        for part in clean(text).split("\n"):
            if part.strip():
                lines.append(mark + close_up(part))
                mark = ""
        if text.strip():
            lines.append("")
        text = ""

    count = int(str(node.get("start") or 1)) - 1 if node.name == "ol" and str(node.get("start") or 1).isdigit() else 0
    for child in node.children:
        if isinstance(child, NavigableString):
            text += _inline(child)
        elif not isinstance(child, Tag):
            continue
        elif child.name not in _BLOCKS and child.find(list(_BLOCKS)) is None:
            text += _inline(child)
        else:
            flush()
            if re.fullmatch("h[1-6]", child.name):
                lines += ["", "#" * int(child.name[1]) + " " + close_up(clean(_inline(child)).replace("\n", " ")), ""]
            elif child.name == "table":
                lines += ["", _table(child), ""]
            elif child.name == "li":
                count += 1
                before = len(lines)
                _render(child, lines, f"{count}. " if node.name == "ol" else "- ")
                lines[before:] = [line for line in lines[before:] if line]
            else:
                _render(child, lines, mark)
    flush()


def _table(table: Tag, within: str = "") -> str:
    """Pipe table with merged cells repeated; a table inside a cell comes after it, under a line that says where it stood."""
    grid: dict[tuple[int, int], str] = {}
    inner: list[Inner] = []
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    if not rows:
        return close_up(clean(_inline(table)).replace("\n", " "))
    heads = 0
    for r, row in enumerate(rows):
        column = 0
        cells = row.find_all(["td", "th"], recursive=False)
        if cells and all(cell.name == "th" for cell in cells) and heads == r:
            merged = any(_span(cell, "colspan") > 1 for cell in cells)  # then what stands below it is a head as well
            heads = r + (max(_span(cell, "rowspan") for cell in cells) if merged else 1)
        for cell in cells:
            while (r, column) in grid:
                column += 1
            held = [other for other in cell.find_all("table") if other.find_parent("table") is table]
            for other in held:
                other.replace_with(NavigableString(_HELD))
            parts = (cell.get_text(" ") if cell.find(list(_BLOCKS)) else _inline(cell)).split(_HELD)
            inner += [Inner(r, column, _one_line(words), other) for words, other in zip(parts, held, strict=False)]
            value = _one_line(" ".join(parts))
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for dr in range(min(down, len(rows) - r)):
                for dc in range(across):
                    grid[r + dr, column + dc] = value
            column += across
    width = max((column for _, column in grid), default=-1) + 1
    made, placed = with_places(
        [[grid.get((r, column), "") for column in range(width)] for r in range(len(rows))], inner, heads or None, within
    )
    caption = table.find("caption")
    before = [close_up(clean(caption.get_text(" ")))] if isinstance(caption, Tag) else []
    after = [part for one in placed for part in (one.caption, _table(one.table, one.caption)) if part]
    return "\n\n".join([*before, made, *after])


_HELD = "\x00"  # where a table stood in its cell; no parser lets this character through


def _one_line(text: str) -> str:
    return close_up(re.sub(r"\s*\n\s*", " ", clean(text)))


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or 1)
    return max(1, min(int(value), 200)) if value.isdigit() else 1


def _tidy(lines: list[str]) -> list[str]:
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return text.strip("\n").split("\n")
