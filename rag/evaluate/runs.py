"""A run's folder: `config.json`, `rows.jsonl` (one line as each row is ready) and `summary.json`.

A run that was interrupted goes on in the same folder: rows that are there are not asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from rag.errors import OdfinError
from rag.models.store import sha256_of
from rag.settings import Settings
from rag.student.adapter import adapter_of

Row = dict[str, Any]
Key = tuple[str, str, str, str]
RUN_FIELDS = {"home", "knowledge", "language", "telegram_token", "telegram_url", "ui_host", "ui_port", "upload_mb",
              "server_key", "hub_endpoint", "threads"}  # say nothing about the answers


def key_of(row: Row) -> Key:
    return row["part"], row["set"], row["system"], row["id"]


class Run:
    """Opens a new folder, or an old one to go on with. Raises OdfinError where that was run with other settings."""

    def __init__(self, folder: Path, config: dict[str, Any], resume: bool = False):
        self.folder = folder
        self.rows: dict[Key, Row] = {}
        if resume:
            self._take_up(config)
        else:
            folder.mkdir(parents=True)
        _write(folder / "config.json", config)
        self._file = (folder / "rows.jsonl").open("a", encoding="utf-8")

    def _take_up(self, config: dict[str, Any]) -> None:
        try:
            old = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OdfinError(f"{self.folder} 不是评测结果文件夹（没有可读的 config.json）；请核对 --resume 的路径") from error
        for name in ("settings", "sets"):
            if old.get(name) != config[name]:
                raise OdfinError(f"{self.folder} 是用另一套{'设置' if name == 'settings' else '题集或索引'}跑的，不能接着跑；请去掉 --resume 重新评测")
        rows = self.folder / "rows.jsonl"
        if not rows.is_file():
            return
        whole = []
        for line in rows.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue  # the line that was being written when the run was cut off
            self.rows[key_of(row)] = row
            whole.append(line)
        rows.write_text("".join(f"{line}\n" for line in whole), encoding="utf-8")

    def known(self, part: str, questions: str, system: str, identity: str) -> Row | None:
        return self.rows.get((part, questions, system, identity))

    def add(self, row: Row) -> Row:
        self.rows[key_of(row)] = row
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._file.flush()
        return row

    def finish(self, summary: dict[str, Any]) -> None:
        _write(self.folder / "summary.json", summary)
        self._file.close()


def new_folder(settings: Settings, kind: str) -> Path:
    """ODFIN_HOME/runs/<kind>-<time>, not there yet."""
    name = f"{kind}-{datetime.now():%Y%m%d-%H%M%S}"
    folder, number = settings.home / "runs" / name, 1
    while folder.exists():
        number += 1
        folder = settings.home / "runs" / f"{name}-{number}"
    return folder


def describe_settings(settings: Settings) -> dict[str, Any]:
    """The settings that shape answers, without secrets, and one hash over them."""
    values = settings.model_dump(mode="json", exclude=RUN_FIELDS)
    adapter = adapter_of(settings)
    if adapter is None:
        values["adapter"] = "off"
    elif adapter.is_file():  # the same name may be another adapter tomorrow
        values["adapter"] = f"{adapter.name} {sha256_of(adapter)[:16]}"
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
    return {"hash": digest, **values}


def code_version() -> str:
    """A hash over the package's own source: says which program answered, with or without a repository."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(f"{file.relative_to(package).as_posix()}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _write(path: Path, value: dict[str, Any]) -> None:
    arriving = path.with_suffix(f".{os.getpid()}")
    arriving.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    arriving.replace(path)
