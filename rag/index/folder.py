"""What lies in the indexed folder and among the uploads, and the administrator's changes to it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.documents.load import SUFFIXES
from rag.errors import OdfinError

TOPICS = ("保险", "理财", "基金", "股票", "贷款", "信用卡", "社保")
UPLOADS = "uploads"  # first part of an uploaded document's source
_BAD_NAME = re.compile(r'[\x00-\x1f<>:"|?*\\/]')


@dataclass(frozen=True)
class File:
    """A document on disk: its source (relative path with `/`), size in bytes, modification time in ns."""

    source: str
    path: Path
    size: int
    modified: int


def scan(directory: Path, uploads: Path) -> list[File]:
    """Every readable document below `directory` and the uploads, by source. Hidden files and links out are passed over."""
    if not directory.is_dir():
        raise OdfinError(f"没有文件夹 {directory}；请给出放文档的文件夹，例如 odfin index knowledge")
    found = _below(directory, "")
    if uploads.is_dir():
        found += _below(uploads, UPLOADS + "/")
    return sorted(found, key=lambda file: file.source)


def _below(root: Path, prefix: str) -> list[File]:
    files = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in names:
            path = Path(folder, name)
            if name.startswith((".", "~$")) or path.suffix.lower() not in SUFFIXES or not path.is_file():
                continue
            stat = path.stat()
            source = prefix + path.relative_to(root).as_posix()
            files.append(File(source, path, stat.st_size, stat.st_mtime_ns))
    return files


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
