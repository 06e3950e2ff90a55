"""What lies in the indexed folder and among the uploads, and the administrator's changes to it."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.documents.load import SAVE_AS, SUFFIXES
from rag.errors import OdfinError
from rag.index.names import shown_name, storable
from rag.storage import reason

TOPICS = ("保险", "理财", "基金", "股票", "贷款", "信用卡", "社保")
UPLOADS = "uploads"  # first part of an uploaded document's source
_BAD_NAME = re.compile(r'[\x00-\x1f<>:"|?*\\/]')


@dataclass(frozen=True)
class File:
    """A document on disk: its source (relative path with `/`, as `shown_name` writes it), size in bytes, modification time
    in ns. Only `path` opens it."""

    source: str
    path: Path
    size: int
    modified: int


@dataclass(frozen=True)
class Listing:
    """What was found: documents by source, folders that cannot be listed, and what was passed over; each with one line."""

    files: tuple[File, ...]
    closed: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


def scan(directory: Path, uploads: Path) -> list[File]:
    """Every document below `directory` and the uploads, by source. Raises OdfinError where the folder cannot be listed."""
    return list(survey(directory, uploads).files)


def survey(directory: Path, uploads: Path) -> Listing:
    """The same, with what was not looked into.

    Hidden files and links to folders are passed over in silence. A link that leads nowhere is listed: reading it says
    so, and what was indexed of it goes on answering. A folder that cannot be listed is no empty folder. The parts that a
    browser keeps beside a saved page (`X_files/` beside `X.html`) are that page's scripts and pictures, no documents.
    An office file in a format that is not read (.doc, .wps) is passed over with a line, unless it lies there saved as
    another; whatever else is no document, in silence.
    """
    if not storable(str(directory)):
        raise OdfinError(f"文件夹 {shown_name(directory.as_posix())} 的名字不是 UTF-8；请改名后再索引")
    if not directory.is_dir():
        raise OdfinError(f"没有文件夹 {directory}；请给出放文档的文件夹，例如 odfin index knowledge")
    files: list[File] = []
    closed: list[tuple[str, str]] = []
    skipped: list[tuple[str, str]] = []
    for root, prefix in ((directory, ""), (uploads, UPLOADS + "/")):
        if root.is_dir():
            _below(root, prefix, files, closed, skipped)
    if any(not source for source, _ in closed):
        raise OdfinError(f"文件夹 {directory} 打不开；请检查权限，或网络盘是否断开")
    return Listing(_once_each(files, skipped), tuple(closed), tuple(skipped))


def _once_each(files: list[File], skipped: list[tuple[str, str]]) -> tuple[File, ...]:
    """By source. Of two files that are called the same once their names are readable, the one whose name is so on disk."""
    found: dict[str, File] = {}
    for file in sorted(files, key=lambda file: (file.source, file.path.name != PurePosixPath(file.source).name)):
        if file.source in found:
            skipped.append((file.source, f"{file.source}：另一个文件的名字含换行或不是 UTF-8，读出来与它相同，没有索引；请给它改名"))
        else:
            found[file.source] = file
    return tuple(found.values())


def _below(root: Path, prefix: str, files: list[File], closed: list[tuple[str, str]], skipped: list[tuple[str, str]]) -> None:
    def cannot(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # gone since its parent was listed
            source = _source(root, prefix, Path(error.filename)) + "/"
            closed.append(("" if source == "./" else source, f"{source}：文件夹打不开（{reason(error)}），其中已索引的文档保持不变"))

    for folder, folders, names in os.walk(root, onerror=cannot):
        pages = {name.rpartition(".")[0]: name for name in names if name.lower().endswith((".html", ".htm"))}
        for name in sorted(folders):
            page = pages.get(name[: -len("_files")]) if name.endswith(("_files", ".files")) else None
            if page and (count := sum(_wanted(n) for _, _, inside in os.walk(Path(folder, name)) for n in inside)):
                source = _source(root, prefix, Path(folder, name)) + "/"
                skipped.append((source, f"{source}：网页“{shown_name(page)}”另存时附带的 {count} 个文件，没有单独索引"))
            if page or name.startswith("."):
                folders.remove(name)
        folders.sort()
        present = {name.lower() for name in names}
        for name in sorted(names):
            path = Path(folder, name)
            if _wanted(name) and (found := _stat(path)) is not None:
                files.append(File(_source(root, prefix, path), path, found.st_size, found.st_mtime_ns))
            elif (other := SAVE_AS.get(path.suffix.lower())) and not name.startswith((".", "~$")) and not (
                    {f"{path.stem.lower()}.{made}" for made in (other, "pdf")} & present) and _stat(path) is not None:
                source = _source(root, prefix, path)
                skipped.append((source, f"{source}：{path.suffix.lower()} 文件读不了，没有索引；请用原软件另存为 {other} 再放入"))


def _wanted(name: str) -> bool:
    return not name.startswith((".", "~$")) and Path(name).suffix.lower() in SUFFIXES


def _stat(path: Path) -> os.stat_result | None:
    """Of the file, or of the link itself where it leads nowhere; None where there is neither any more, or no file."""
    try:
        found = path.stat()
    except OSError:
        try:
            found = path.lstat()
        except OSError:
            return None
        return found
    return found if stat.S_ISREG(found.st_mode) else None


def _source(root: Path, prefix: str, path: Path) -> str:
    return prefix + shown_name(path.relative_to(root).as_posix())


def topic_of(source: str) -> str:
    """The topic a document's folder names, or an empty string."""
    return next((part for part in PurePosixPath(source).parts[:-1] if part in TOPICS), "")


def save_upload(uploads: Path, filename: str, data: bytes, topic: str, limit_mb: int) -> str:
    """Put a document among the uploads, whole or not at all, and return its source. Raises OdfinError."""
    name = PurePosixPath(filename.replace("\\", "/")).name.strip()
    if not name or name.startswith(".") or _BAD_NAME.search(name) or len(name.encode()) > 200:
        raise OdfinError(f"文件名“{filename[:60]}”不能用；请改成 60 字以内、不含特殊符号的名字")
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise OdfinError(f"“{name}”的格式读不了；可上传 {'、'.join(sorted(s.lstrip('.') for s in SUFFIXES))}")
    if topic not in TOPICS:
        raise OdfinError(f"主题“{topic}”不在七个主题里：{'、'.join(TOPICS)}")
    if not data:
        raise OdfinError(f"“{name}”是空文件；请检查后重新上传")
    if len(data) > limit_mb * 1_000_000:
        raise OdfinError(f"“{name}”有 {len(data) / 1e6:.0f} MB，超过上限 {limit_mb} MB；请拆分后上传")
    folder = uploads / topic
    folder.mkdir(parents=True, exist_ok=True)
    arriving = folder / f".{name}.arriving"
    arriving.write_bytes(data)
    arriving.replace(folder / name)
    return f"{UPLOADS}/{topic}/{name}"


def uploaded_path(uploads: Path, source: str) -> Path | None:
    """Where an uploaded document lies, or None where `source` is not one."""
    if not source.startswith(UPLOADS + "/"):
        return None
    path = (uploads / source.removeprefix(UPLOADS + "/")).resolve()
    return path if path.is_relative_to(uploads.resolve()) else None
