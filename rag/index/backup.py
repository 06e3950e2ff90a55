"""Everything an institution would miss, in one archive: made while the system runs, checked before it lands elsewhere.

In it: the catalogue (documents' pieces, snapshots, keyword index), the vectors, the uploads, the lexicon, and the console's, journal's
and bot's databases. Not in it: the models (fetched and verified anew), the folder of documents (the institution's own), the
settings (`.env` holds secrets), and Chroma's files, which the next indexing run makes again from the vectors.

The databases are copied with SQLite's backup API. The catalogue names the rows of the file of vectors that belong to it,
and rows are never changed once written: a copy of the catalogue, and then of those rows, is one state.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from rag.errors import BusyError, OdfinError
from rag.index.catalogue import Catalogue, now
from rag.index.matrix import Matrix
from rag.storage import told_plainly

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = ("catalogue.db", "console.db", "journal.db", "bot.db")
FILES = ("console-last-run.json", "lexicon.tsv")
FOLDERS = ("uploads", "vectors")
REPLACED = (*DATABASES, *FILES, *FOLDERS, "chroma")  # by a restore
BLOCK = 1 << 20
ATTEMPTS = 3
# what zipfile and json raise over files that are damaged, locked with a password or something else altogether
_NO_BACKUP = (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError, RuntimeError, OverflowError, OSError)

Tell = Callable[[str, int, int], None]  # file, number, of how many


@dataclass(frozen=True)
class BackupReport:
    """What an archive holds. `bytes` are those of the archive itself."""

    file: str
    created: str
    snapshot: int | None
    documents: int
    chunks: int
    files: int
    bytes: int

    def to_json(self) -> dict:
        return asdict(self)


def back_up(home: Path, target: Path, tell: Tell = lambda *_: None) -> BackupReport:
    """Write an archive of a live system to `target`, whole or not at all. Raises OdfinError."""
    if not (home / "catalogue.db").is_file():
        raise OdfinError(f"{home} 里没有索引，没有可备份的内容；请先运行 odfin index")
    if target.exists():
        raise OdfinError(f"{target} 已经存在；请换一个文件名，或先移走它")
    with told_plainly(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f".{target.name}.arriving")
    for attempt in range(ATTEMPTS):
        try:
            with told_plainly(target.parent), TemporaryDirectory(dir=home, prefix=".backup-") as scratch:
                report = _write(home, Path(scratch), arriving, tell)
            arriving.replace(target)
            return BackupReport(**{**report, "file": str(target), "bytes": target.stat().st_size})
        except FileNotFoundError:  # the file of vectors was written anew meanwhile
            if attempt == ATTEMPTS - 1:
                raise OdfinError("备份期间索引一直在变化；请稍后再试") from None
        finally:
            arriving.unlink(missing_ok=True)
    raise AssertionError


def _write(home: Path, scratch: Path, arriving: Path, tell: Tell) -> dict:
    for name in DATABASES:
        if (home / name).is_file():
            with closing(sqlite3.connect(home / name, timeout=30)) as live, closing(sqlite3.connect(scratch / name)) as copy:
                live.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    catalogue = Catalogue(scratch / "catalogue.db")
    live = catalogue.live()
    sources = [(name, scratch / name, None) for name in DATABASES if (scratch / name).is_file()]
    sources += [(name, home / name, None) for name in FILES if (home / name).is_file()]
    sources += list(_vectors(catalogue, home))
    sources += list(_uploads(home))
    catalogue.close()
    manifest = {"format": FORMAT, "created": now(), "snapshot": live.id if live else None,
                "documents": live.documents if live else 0, "chunks": live.chunks if live else 0, "files": []}
    with zipfile.ZipFile(arriving, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, (name, path, size) in enumerate(sources, 1):
            tell(name, number, len(sources))
            manifest["files"].append({"path": name, **_pack(archive, name, path, size)})
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return {"created": manifest["created"], "snapshot": manifest["snapshot"], "documents": manifest["documents"],
            "chunks": manifest["chunks"], "files": len(sources)}


def _vectors(catalogue: Catalogue, home: Path) -> Iterator[tuple[str, Path, int]]:
    """The files of vectors, each with the bytes of it that the catalogue knows."""
    for collection in sorted({s.vectors for s in catalogue.snapshots()}):
        path, size = Matrix(catalogue, home / "vectors", collection).extent()
        if size:
            yield f"vectors/{path.name}", path, size


def _uploads(home: Path) -> Iterator[tuple[str, Path, None]]:
    for path in sorted((home / "uploads").rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(home).as_posix(), path, None


def _pack(archive: zipfile.ZipFile, name: str, path: Path, size: int | None) -> dict:
    """Put a file (its first `size` bytes) into the archive; returns its length, checksum and modification time in ns."""
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(name, time.localtime()[:6])
    # floats do not shrink
    info.compress_type = zipfile.ZIP_STORED if path.suffix == ".f32" else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as sink:
        found = os.fstat(source.fileno())  # of what is read, whatever lies there by now
        left = total = found.st_size if size is None else size
        while left > 0:
            block = source.read(min(BLOCK, left))
            if not block:
                raise FileNotFoundError(path)
            digest.update(block)
            sink.write(block)
            left -= len(block)
    return {"bytes": total, "sha256": digest.hexdigest(), "modified": found.st_mtime_ns}


def contents(source: Path) -> tuple[BackupReport, dict[str, tuple[int, int]]]:
    """What an archive says it holds: its report, and by kind ("databases", "vectors", "uploads") files and bytes.

    Nothing is unpacked. Raises OdfinError where it is no whole backup.
    """
    held = dict.fromkeys(("databases", "vectors", "uploads"), (0, 0))
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read(MANIFEST))
        for one in manifest["files"]:
            kind = PurePosixPath(one["path"]).parts[0]
            kind = "databases" if kind in DATABASES else kind
            if kind in held:
                held[kind] = held[kind][0] + 1, held[kind][1] + one["bytes"]
        return _report(source, manifest), held
    except _NO_BACKUP as error:
        raise OdfinError(f"{source.name} 不是完整的备份（{' '.join(str(error).split())[:80]}）；请删除它并重新备份") from error


def _report(source: Path, manifest: dict) -> BackupReport:
    return BackupReport(str(source), manifest["created"], manifest["snapshot"], manifest["documents"], manifest["chunks"],
                        len(manifest["files"]), source.stat().st_size)


def restore(source: Path, home: Path, overwrite: bool = False, tell: Tell = lambda *_: None) -> BackupReport:
    """Put an archive's content into `home`. Every checksum is verified before anything of `home` is touched.

    A home that holds data already is refused unless `overwrite`; what was there is then kept beside it in a folder
    `replaced-…`. Raises OdfinError, and BusyError while an indexing run is under way there.
    """
    present = [name for name in REPLACED if (home / name).exists() and (not (home / name).is_dir() or any((home / name).iterdir()))]
    if present and not overwrite:
        raise OdfinError(f"{home} 里已有数据（{'、'.join(present)}）；换一个 ODFIN_HOME，或加 --overwrite（原来的数据会移到 {home}/replaced-… 里）")
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home, prefix=".restoring-") as scratch:
        manifest = _unpack(source, Path(scratch), tell)
        try:
            with FileLock(home / "index.lock").acquire(timeout=0):
                _land(Path(scratch), home, [n for name in REPLACED for n in (name, f"{name}-wal", f"{name}-shm")])
        except Timeout:
            raise BusyError("另一个索引任务正在进行；请等它结束后再恢复") from None
    return _report(source, manifest)


def _unpack(source: Path, scratch: Path, tell: Tell) -> dict:
    """Everything of an archive into a scratch folder, verified; returns the manifest."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] > FORMAT:
                raise OdfinError(f"{source} 由更新的版本备份（格式 {manifest['format']}）；请先升级本程序")
            names = {one["path"] for one in manifest["files"]}
            if strangers := set(archive.namelist()) - names - {MANIFEST}:
                raise OdfinError(f"{source} 里有清单之外的文件（{sorted(strangers)[0]}）；这份备份被改动过，没有恢复")
            for number, one in enumerate(manifest["files"], 1):
                tell(one["path"], number, len(manifest["files"]))
                target = scratch / _inside(one["path"], source)
                target.parent.mkdir(parents=True, exist_ok=True)
                digest, size = hashlib.sha256(), 0
                with archive.open(one["path"]) as packed, target.open("wb") as file:
                    while block := packed.read(BLOCK):
                        digest.update(block)
                        file.write(block)
                        size += len(block)
                if (size, digest.hexdigest()) != (one["bytes"], one["sha256"]):
                    raise OdfinError(f"{source} 里的 {one['path']} 与校验和不符；备份已损坏，没有恢复任何内容")
                if "modified" in one:  # the catalogue knows an upload by its time; older archives do not tell it
                    os.utime(target, ns=(one["modified"], one["modified"]))
    except FileNotFoundError:
        raise OdfinError(f"没有文件 {source}") from None
    except _NO_BACKUP as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise OdfinError(f"{scratch.parent} 所在的磁盘写满了；没有恢复任何内容，请腾出空间后再试") from error
        raise OdfinError(f"{source} 不是完整的备份（{' '.join(str(error).split())[:80]}）；没有恢复任何内容") from error
    return manifest


def _inside(name: str, source: Path) -> Path:
    """A path of an archive, below the folder it is unpacked in and of a kind that belongs there."""
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or parts[0] not in (*DATABASES, *FILES, *FOLDERS) or "\\" in name or ":" in parts[0]:
        raise OdfinError(f"{source} 里的路径 {name} 不属于备份；没有恢复任何内容")
    return Path(*parts)


def _land(scratch: Path, home: Path, names: list[str]) -> None:
    """Move what is there aside and what was unpacked into its place, the catalogue last."""
    aside = home / f"replaced-{time.strftime('%Y%m%d-%H%M%S')}"
    for name in names:
        if (home / name).exists():
            aside.mkdir(exist_ok=True)
            (home / name).rename(aside / name)
    for path in sorted(scratch.iterdir(), key=lambda path: path.name == "catalogue.db"):
        shutil.move(path, home / path.name)
