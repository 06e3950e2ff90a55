"""Saved e-mails: the letter is the first page, readable attachments are the pages after it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from rag.documents.document import Document, Page
from rag.documents.encoding import decode
from rag.documents.html import html_to_markdown
from rag.documents.limits import Limits
from rag.documents.lines import clean, close_up
from rag.documents.plain import rejoin, wrap_width
from rag.errors import DocumentError

_DEEPEST = 3  # a letter in a letter in a letter
_HEADERS = (("subject", "主题"), ("from", "发件人"), ("to", "收件人"), ("cc", "抄送"), ("date", "日期"))

# names of persons go beyond GB2312, whatever a header declares
_GB = re.compile(rb"(=\?|\*(?:0\*)?=)(?:gb2312|gb_2312-80|gbk|x-gbk|cp936)(\?[bq]\?|'[\w-]*')", re.IGNORECASE)


def load_mail(path: Path, source: str, limits: Limits, more_time: Callable[[int], None], depth: int = 1) -> Document:
    """Subject, sender, receivers and date head the letter's text; what is attached and cannot be read is a warning."""
    message = BytesParser(policy=policy.default).parsebytes(_GB.sub(rb"\g<1>gb18030\g<2>", path.read_bytes()))
    subject = close_up(_header(message, "subject"))
    heads = [f"{name}：{value}" for key, name in _HEADERS if (value := _header(message, key))]
    body, encoding = _body(message, source)
    if not heads and not body.strip():
        raise DocumentError(f"{source}：不是邮件，或邮件是空的，请用邮件软件重新导出为 .eml 再导入")
    letter = "\n\n".join(
        [*([f"# {subject}"] if subject else []), *(head for head in heads if head[:3] != "主题："), body]
    )
    pages, warnings = [Page(letter.strip(), 1)], []
    for name, data in _attachments(message):
        try:
            attached = _read_attached(name, data, source, limits, more_time, depth)
        except DocumentError as error:
            warnings.append(f"附件没有读入：{str(error).removeprefix(f'{source} 的附件 ')}")
            continue
        warnings += [f"附件 {name}：{warning}" for warning in attached.warnings]
        for page in attached.pages:
            # its own headings stand below its name
            text = re.sub(r"^(?=#{1,5} )", "#", page.text, flags=re.MULTILINE)
            pages.append(Page(f"# 附件：{name}\n\n{text}", len(pages) + 1))
    return Document(source, subject or Path(source).stem, tuple(pages), encoding, tuple(warnings))


def _read_attached(
    name: str, data: bytes, source: str, limits: Limits, more_time: Callable[[int], None], depth: int
) -> Document:
    from rag.documents.load import SUFFIXES, load_document  # which imports this module

    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise DocumentError(f"{source} 的附件 {name}：不支持 {suffix or '没有扩展名的'} 文件")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "attachment" + suffix)
        path.write_bytes(data)
        title = f"{source} 的附件 {name}"
        if suffix == ".eml":
            if depth >= _DEEPEST:
                raise DocumentError(f"{title}：邮件套得太深")
            return load_mail(path, title, limits, more_time, depth + 1)
        return replace(load_document(path, title, limits, more_time), source=source)


def _header(message: EmailMessage, key: str) -> str:
    raw = next((str(value) for name, value in message.raw_items() if name.lower() == key), None)
    if raw is None:
        return ""
    try:
        text = _named(raw) if _raw_bytes(raw) else str(message[key])
    except Exception:  # the standard parser trips over some malformed addresses and dates
        text = raw
    if key == "date":
        try:
            return f"{parsedate_to_datetime(text):%Y-%m-%d %H:%M}"
        except (TypeError, ValueError):
            return close_up(clean(text))
    return close_up(clean(re.sub(r"\s+", " ", text)))


def _body(message: EmailMessage, source: str) -> tuple[str, str | None]:
    """(Markdown, encoding): HTML where it has a table or there is no plain text, else the plain text."""
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    web = _words(html, source) if html is not None else ("", None)
    text = _words(plain, source) if plain is not None else ("", None)
    if web[0].strip() and (not text[0].strip() or re.search(r"<table\b", web[0], re.IGNORECASE)):
        return html_to_markdown(web[0])[0], web[1]
    lines = [close_up(line) for line in clean(text[0]).split("\n")]
    return "\n".join(rejoin(lines, wrap_width(lines))).strip(), text[1]


def _words(part: EmailMessage, source: str) -> tuple[str, str | None]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        return "", None
    name = (part.get_content_charset() or "").lower()
    name = "gb18030" if name in ("gb2312", "gbk", "gb18030", "x-gbk", "cp936") else name
    try:
        return data.decode(name), name
    except (UnicodeDecodeError, LookupError):
        return decode(data, source)[:2]


def _attachments(message: EmailMessage) -> list[tuple[str, bytes]]:
    """(file name, content); pictures that belong to the letter's layout are left out."""
    found = []
    for number, part in enumerate(message.iter_attachments(), 1):
        if part.get_content_maintype() == "image" and (
            part["content-id"] or part.get_content_disposition() == "inline"
        ):
            continue
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            name = part.get_filename() or f"{_header(inner, 'subject') or f'邮件{number}'}.eml"
            found.append((_file_name(name), inner.as_bytes(policy=policy.default)))
            continue
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            found.append((_file_name(part.get_filename() or f"附件{number}"), data))
    return found


def _raw_bytes(text: str) -> bool:
    return any("\udc80" <= char <= "\udcff" for char in text)


def _named(raw: str) -> str:
    """Raw bytes of some Chinese encoding, which the parser keeps as surrogates."""
    return decode(raw.encode("utf-8", "surrogateescape"), "")[0] if _raw_bytes(raw) else raw


def _file_name(name: str) -> str:
    return close_up(clean(re.sub(r"[\s/\\]+", " ", _named(name)))) or "附件"
