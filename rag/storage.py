"""What the disk refuses, told in one clear line: full, read-only, no permission, gone.

SQLite, Chroma and the system each say it in their own way.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import OdfinError

_REASONS = {
    errno.ENOENT: "文件不存在，可能刚被移走，或链接指向的文件已不在", errno.ELOOP: "链接绕成了圈", errno.EACCES: "没有权限",
    errno.EPERM: "没有权限", errno.EISDIR: "是文件夹，不是文件", errno.EIO: "磁盘读写出错", errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额", errno.EFBIG: "文件太大", errno.EROFS: "只读", errno.ESTALE: "网络盘已断开",
    errno.ENOTCONN: "网络盘已断开", errno.ENAMETOOLONG: "文件名太长", errno.EMFILE: "同时打开的文件太多"}  # fmt: skip
_FULL = ("database or disk is full", "no space left", "disk quota", "disk is full", "file too large")
_CLOSED = ("readonly database", "read-only file system", "unable to open database file", "permission denied", "os error 30")
_BROKEN = ("malformed", "not a database")
_FAULT = ("disk i/o error", "input/output error")


def reason(error: OSError) -> str:
    """Why the system refuses, in a few words."""
    return _REASONS.get(error.errno, error.strerror or type(error).__name__)


def refusal(error: BaseException, where: Path) -> OdfinError | None:
    """The line for an error of storage at `where`; None for any other error."""
    if not isinstance(error, (OSError, sqlite3.Error)) and not type(error).__module__.startswith("chromadb"):
        return None
    number, text = getattr(error, "errno", None), str(error).lower()
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(words in text for words in _FULL):
        return OdfinError(f"{where} 所在的磁盘写满了；已有的索引照常使用，腾出空间后再运行一次，会从断处继续")
    if number in (errno.EROFS, errno.EACCES, errno.EPERM) or any(words in text for words in _CLOSED):
        return OdfinError(f"数据目录 {where} 不能写（只读或没有权限）；已有的索引照常使用，请改权限或换一个 ODFIN_HOME 再运行")
    if any(words in text for words in _BROKEN):
        return OdfinError(f"{where} 里的数据库损坏（{' '.join(str(error).split())[:80]}）；请用 odfin restore 从备份恢复")
    if number == errno.EIO or any(words in text for words in _FAULT):
        return OdfinError(f"{where} 读写出错（{' '.join(str(error).split())[:80]}）；请检查磁盘后再运行一次")
    return None


@contextmanager
def told_plainly(where: Path) -> Iterator[None]:
    """Raises OdfinError with one line where storage at `where` refuses; other errors pass."""
    try:
        yield
    except OdfinError:
        raise
    except Exception as error:
        if line := refusal(error, where):
            raise line from error
        raise
