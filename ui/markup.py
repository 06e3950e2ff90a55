"""Documents' and the model's words as HTML that can do nothing: every character is escaped, and only headings, tables,
paragraphs, bold and highlights are made into elements. There are no links and no images, whatever the text holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

# private-use characters stand for the ends of a highlight until the text is escaped
_ON, _OFF = "\ue000", "\ue001"
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*)$")
_RULE = re.compile(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*\|?\s*$")
_REFERENCE = re.compile(r"\[(\d{1,2})\]")


def plain(text: str) -> str:
    """One line or word for use inside HTML."""
    return html.escape(text, quote=True)


def markdown_plain(text: str) -> str:
    """The same words for a place that reads Markdown (labels, captions): nothing in them is markup any more."""
    # Streamlit finds :icons: and :colours[ ] after the backslashes have done their work: part the colon from the word
    text = re.sub(r":(?=\w)", ":\u200b", " ".join(text.split()))
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~<>$:&^=])", r"\\\1", text)


def answer_html(text: str) -> str:
    """An answer: paragraphs, with `[1]` raised."""
    blocks = [_bold(plain(block)).replace("\n", "<br>") for block in re.split(r"\n\s*\n", text.strip()) if block]
    marked = (_REFERENCE.sub(r'<sup class="odf-ref">\1</sup>', block) for block in blocks)
    return "".join(f"<p>{block}</p>" for block in marked)


def passage_html(text: str, highlights: Sequence[str] = ()) -> str:
    """A passage in the loader's Markdown: headings, pipe tables and paragraphs; `highlights` found in it are marked."""
    text = text.replace(_ON, "").replace(_OFF, "")
    for words in highlights:
        text = _marked(text, words)
    out, paragraph, table = [], [], []
    inline = _Inline()

    def flush() -> None:
        if table:
            out.append(_table(table, inline))
            table.clear()
        if paragraph:
            out.append("<p>" + "<br>".join(inline(line) for line in paragraph) + "</p>")
            paragraph.clear()

    for line in text.split("\n"):
        bare = line.replace(_ON, "").replace(_OFF, "").strip()
        heading = _HEADING.match(line.replace(_ON, "").replace(_OFF, ""))
        if bare.startswith("|"):
            if paragraph:
                flush()
            table.append(line)
        elif heading or not bare:
            flush()
            if heading:
                out.append(f'<p class="odf-h">{inline(re.sub(r"#{1,6} *", "", line, count=1))}</p>')
            else:
                inline(line)  # a highlight may end on an empty line
        else:
            if table:
                flush()
            paragraph.append(line)
    flush()
    return "".join(out)


class _Inline:
    """Escapes one run of text at a time; a highlight that goes on past its end goes on in the next run."""

    def __init__(self) -> None:
        self._open = False

    def __call__(self, text: str) -> str:
        before = self._open
        for character in text:
            if character in (_ON, _OFF):
                self._open = character == _ON
        escaped = _bold(plain(text)).replace(_ON, "<mark>").replace(_OFF, "</mark>")
        return ("<mark>" if before else "") + escaped + ("</mark>" if self._open else "")


def _bold(escaped: str) -> str:
    # not across the end of a highlight: the elements would overlap
    return _BOLD.sub(lambda m: m[0] if _ON in m[0] or _OFF in m[0] else f"<strong>{m[1]}</strong>", escaped)


def _marked(text: str, words: str) -> str:
    """`text` with the first occurrence of `words` between the highlight characters, white space aside."""
    pattern = r"\s*".join(re.escape(part) for part in words.split())
    found = re.search(pattern, text) if pattern else None
    if not found or _ON in found[0] or _OFF in found[0]:
        return text
    before = text[:found.start()]
    if before.count(_ON) != before.count(_OFF):  # inside another highlight already
        return text
    return f"{before}{_ON}{found[0]}{_OFF}{text[found.end():]}"


def _table(lines: Sequence[str], inline: _Inline) -> str:
    rows = []
    header = len(lines) > 1 and bool(_RULE.match(lines[1].replace(_ON, "").replace(_OFF, "")))
    for number, line in enumerate(lines):
        if _RULE.match(line.replace(_ON, "").replace(_OFF, "")):
            inline(line)
            continue
        bare = line.strip()
        # the highlight characters may stand outside the outer bars
        lead, trail = "", ""
        while bare[:1] in (_ON, _OFF):
            lead, bare = lead + bare[0], bare[1:].lstrip()
        while bare[-1:] in (_ON, _OFF):
            trail, bare = bare[-1] + trail, bare[:-1].rstrip()
        cells = re.split(r"(?<!\\)\|", bare.removeprefix("|").removesuffix("|"))
        cells[0], cells[-1] = lead + cells[0], cells[-1] + trail
        tag = "th" if header and number == 0 else "td"
        rows.append("<tr>" + "".join(
            f"<{tag}>{inline(cell.strip().replace(chr(92) + '|', '|'))}</{tag}>" for cell in cells) + "</tr>")
    return f'<div class="odf-table"><table>{"".join(rows)}</table></div>'
