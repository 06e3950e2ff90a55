"""One door for every format: a file in, a `Document` out, or one clear line why not."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rag.documents.document import Document
from rag.documents.limits import MAX_BYTES, MAX_CHARS, MAX_UNPACKED, Limits
from rag.errors import DocumentError

_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
SUFFIXES: frozenset[str] = frozenset(
    (".pdf", ".docx", ".pptx", ".xlsx", ".xlsm", ".csv", ".tsv", ".html", ".htm", ".md", ".markdown", ".txt", ".eml", *_PICTURES)
)  # fmt: skip

_OFFICE = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_BY_SUFFIX = {".xlsm": "xlsx", ".tsv": "csv", ".htm": "html", ".markdown": "md", **dict.fromkeys(_PICTURES, "image")}
_NAMES = {"image": "图片", "html": "网页", "eml": "邮件"}
# office formats that are not read, and what to save them as
SAVE_AS = {
    **dict.fromkeys((".doc", ".docm", ".dot", ".wps", ".rtf", ".odt", ".pages"), "docx"),
    **dict.fromkeys((".xls", ".xlsb", ".et", ".ods", ".numbers"), "xlsx"),
    **dict.fromkeys((".ppt", ".pptm", ".pps", ".ppsx", ".dps", ".odp"), "pptx"), ".ofd": "pdf",
}  # fmt: skip


MoreTime = Callable[[int], None]


def load_document(
    path: Path, source: str, limits: Limits | None = None, more_time: MoreTime = lambda pages: None
) -> Document:
    """Read `path` in this process; `source` is its name in messages and in the index.

    Files of unknown making are read through `rag.documents.reader`, which does this in a child process.
    The content decides over the suffix where the two disagree (a warning says so). `more_time(n)` is called before n
    pages are read by OCR. Raises DocumentError with one Chinese line: what is wrong, in which file, how to mend it.
    """
    limits = limits or Limits()
    try:
        kind, warning = _kind(path, source)
        document = _loader(kind, limits, more_time)(path, source)
    except DocumentError:
        raise
    except PermissionError as error:
        raise DocumentError(f"{source}：没有读取权限，请检查文件权限") from error
    except FileNotFoundError as error:
        raise DocumentError(f"{source}：文件不存在，可能已被移走") from error
    except zipfile.BadZipFile as error:
        raise DocumentError(f"{source}：文件不完整或已损坏（压缩结构读不出），请重新下载或另存一份") from error
    except MemoryError as error:
        raise DocumentError(f"{source}：内容太大，内存不够，请拆成几个文件再导入") from error
    except RecursionError as error:
        raise DocumentError(f"{source}：文件内嵌套层数过多，无法读取，请另存为 PDF 再导入") from error
    except Exception as error:  # parsers of foreign formats raise whatever they like
        if re.search(r"bad.?alloc|out of memory|cannot allocate memory", str(error), re.IGNORECASE):
            raise DocumentError(f"{source}：内容太大，内存不够，请拆成几个文件再导入") from MemoryError()
        raise DocumentError(
            f"{source}：无法读取，文件内容不合它的格式（已损坏，或由不规范的软件写成），请用原软件打开并另存一份再导入"
        ) from error
    if not any(page.text.strip() for page in document.pages):
        raise DocumentError(f"{source}：没有读到文字，请确认文件有内容；扫描件请先做文字识别（OCR）")
    if len(document.pages) > limits.pages:
        raise DocumentError(f"{source}：有 {len(document.pages)} 页，超过上限 {limits.pages} 页，请拆成几个文件再导入")
    if (size := sum(len(page.text) for page in document.pages)) > MAX_CHARS:
        raise DocumentError(
            f"{source}：有 {size / 10_000:.0f} 万字，超过上限 {MAX_CHARS // 10_000} 万字，请拆成几个文件再导入"
        )
    return replace(document, warnings=(warning, *document.warnings)) if warning else document


def _kind(path: Path, source: str) -> tuple[str, str | None]:
    """The format by content and suffix, and a warning where they disagree."""
    size = path.stat().st_size
    if size == 0:
        raise DocumentError(f"{source}：文件是空的（0 字节），请重新上传")
    if size > MAX_BYTES:
        raise DocumentError(
            f"{source}：文件有 {size / 1024 / 1024:.0f} MB，超过上限 {MAX_BYTES // 1024 // 1024} MB，请拆成几个文件再导入"
        )
    suffix = path.suffix.lower()
    stated = _BY_SUFFIX.get(suffix, suffix.lstrip("."))
    with path.open("rb") as file:
        head = file.read(4096)
    found = _sniff(path, head, source)
    if found is None:
        if suffix in (".pdf", ".docx", ".pptx", ".xlsx", ".xlsm", *_PICTURES):
            what = suffix.lstrip(".").upper()
            text = b"<html" in head.lower() or b"<!doctype html" in head.lower()
            if text:
                return "html", f"扩展名是 {suffix}，内容是网页，已按网页读取"
            raise DocumentError(f"{source}：内容不是 {what} 文件（文件头不对），可能下载不完整或扩展名写错，请重新下载")
        if suffix not in SUFFIXES:
            supported = "、".join(sorted(SUFFIXES))
            raise DocumentError(f"{source}：不支持 {suffix or '没有扩展名的'} 文件，请转换为其中一种：{supported}")
        if not head.strip(b"\x00"):
            raise DocumentError(f"{source}：文件内容全是零字节，可能下载中断，请重新下载")
        return stated, None
    if found == stated:
        return found, None
    name = _NAMES.get(found, found)
    return found, f"扩展名是 {suffix or '（无）'}，内容是{name}，已按{name}读取"


def _sniff(path: Path, head: bytes, source: str) -> str | None:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        suffix = path.suffix.lower()
        if suffix in (".docx", ".xlsx", ".pptx", ".xlsm"):
            raise DocumentError(f"{source}：文件有密码保护或是旧版 Office 格式，请去掉密码并另存为 {suffix} 再导入")
        raise DocumentError(f"{source}：是旧版 Office 格式，请另存为 .{SAVE_AS.get(suffix, 'docx')} 再导入")
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise DocumentError(f"{source}：解压后超过 {MAX_UNPACKED // 1024 // 1024} MB，不予读取")
            for entry in entries:
                for prefix, kind in _OFFICE.items():
                    if entry.filename.startswith(prefix):
                        return kind
        raise DocumentError(f"{source}：是压缩包而不是文档，请解压后把里面的文件逐个导入")
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")) or (
        (head.startswith(b"RIFF") and head[8:12] == b"WEBP") or (head.startswith(b"BM") and head[6:10] == bytes(4))
    ):
        return "image"
    if head.startswith(b"Rar!") or head.startswith(b"7z\xbc\xaf") or head.startswith(b"\x1f\x8b"):
        raise DocumentError(f"{source}：是压缩包而不是文档，请解压后把里面的文件逐个导入")
    return None


def _loader(kind: str, limits: Limits, more_time: MoreTime) -> Callable[[Path, str], Document]:
    """Imported on use: each parser costs start-up time that other formats need not pay."""
    if kind == "pdf":
        from rag.documents.pdf import load_pdf

        return lambda path, source: load_pdf(path, source, limits, more_time)
    if kind == "image":
        from rag.documents.image import load_image

        return lambda path, source: load_image(path, source, limits, more_time)
    if kind == "eml":
        from rag.documents.mail import load_mail

        return lambda path, source: load_mail(path, source, limits, more_time)
    if kind == "docx":
        from rag.documents.docx import load_docx

        return load_docx
    if kind == "pptx":
        from rag.documents.pptx import load_pptx

        return load_pptx
    if kind == "xlsx":
        from rag.documents.sheets import load_xlsx

        return load_xlsx
    if kind == "csv":
        from rag.documents.sheets import load_csv

        return load_csv
    if kind == "html":
        from rag.documents.html import load_html

        return load_html
    if kind == "md":
        from rag.documents.plain import load_markdown

        return load_markdown
    from rag.documents.plain import load_text

    return load_text
