"""What a document says of itself: read by rules from where it stands, empty where it does not stand."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import PurePosixPath

from rag.documents.document import Document
from rag.documents.fact_editions import read_dates, read_status, read_version
from rag.documents.fact_head import Head, read_institution, read_labels, read_number, read_product_codes
from rag.documents.fact_words import OF_PRODUCT, name_below, read_kind, read_product, read_topic
from rag.text.normalise import as_written, simplified

RULES = "11"  # raise it when the rules read other facts from the same text: stored documents are then read anew
HEAD_LINES, HEAD_CHARS = 60, 4000
TAIL_CHARS = 3000
_CLOSING = re.compile(r"第[一二三四五六七八九十百零\d]{1,7}条\s*本.{0,200}(?:施行|实施|执行|生效|废止)")


@dataclass(frozen=True)
class Facts:
    """Dates are ISO days. Every field is empty where the document does not say it.

    `number` is the document's own number (文号, 备案号, 注册号). `product_code` may hold several, with 、 between them.
    `issued` is the day of the latest issue or revision the text names, `effective` the first and `expires` the last day
    it is in force. `supersedes` holds the names of what this document replaces, with ； between them; `superseded_by`
    what replaces it. `repealed`: "是" where it says that it is no longer in force.
    """

    title: str = ""
    institution: str = ""
    product: str = ""
    product_code: str = ""
    number: str = ""
    kind: str = ""
    topic: str = ""
    version: str = ""
    issued: str = ""
    effective: str = ""
    expires: str = ""
    supersedes: str = ""
    superseded_by: str = ""
    repealed: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Facts))
DATES = ("issued", "effective", "expires")


def read_facts(document: Document) -> Facts:
    """The facts of a document, by its text and by the name of its file.

    Traditional characters are read as simplified ones; names and numbers are given as the document writes them.
    """
    text = "\n".join((document.title, PurePosixPath(document.source).stem, *(page.text for page in document.pages)))
    if simplified(text) == text:
        return _read(document)
    pages = tuple(replace(page, text=simplified(page.text)) for page in document.pages)
    read = _read(replace(document, title=simplified(document.title), source=simplified(document.source), pages=pages))
    return replace(read, title=document.title, **{
        name: _JOINTS.sub(lambda part: as_written(part[0], text), getattr(read, name)) for name in _WRITTEN})


_WRITTEN = ("institution", "product", "product_code", "number", "version", "supersedes", "superseded_by")
_JOINTS = re.compile("[^；]+")  # the names of several documents are joined by it


def _read(document: Document) -> Facts:
    head = _head(document)
    labels = read_labels(head.lines, head.cells)
    kind = read_kind(document.title, head)
    issued, effective, expires = read_dates(head, labels, kind)
    repealed, by, ended, supersedes = read_status(head, labels, kind)
    institution = read_institution(head, labels)
    product = read_product(document.title, kind, institution, labels)
    return Facts(
        title=document.title, institution=institution, product=name_below(product, head.lines) if kind in OF_PRODUCT else product,
        product_code="、".join(read_product_codes(labels)), number=read_number(head, labels), kind=kind,
        topic=read_topic(document.title, head.text), version=read_version(head, labels), issued=issued,
        effective=effective, expires=expires or ended, supersedes="；".join(supersedes), superseded_by=by,
        repealed=repealed)


def _head(document: Document) -> Head:
    """The document's beginning and end as the rules read them."""
    text = "\n".join(page.text for page in document.pages)
    lines: list[str] = []
    cells: list[tuple[str, ...]] = []
    size = 0
    for line in text.splitlines():
        line = re.sub(r"^[#>\s]+|\*\*", "", line).strip()
        if not line:
            continue
        if line.startswith("|"):
            cells.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
        else:
            lines.append(line)
        size += len(line)
        if len(lines) == HEAD_LINES or size > HEAD_CHARS:
            break
    tail = text[-TAIL_CHARS:]
    if len(text) > TAIL_CHARS:  # long annexes may stand behind the article that says from when it is in force
        tail = "\n".join([*(line for line in text[:-TAIL_CHARS].splitlines() if _CLOSING.match(line)), tail])
    return Head(document.title, PurePosixPath(document.source).stem, tuple(lines), tuple(cells), text, tail)
