"""The door for files of unknown making: each is parsed in a child process with a cap on time, memory and pages."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag.documents.document import Document
from rag.documents.limits import Limits
from rag.errors import DocumentError

if TYPE_CHECKING:
    from rag.settings import Settings

_PROJECT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0
_IDLE_SECONDS = 60.0
_LONGEST_ANSWER = 256 * 1024 * 1024
# what a parser needs of the environment; tokens and keys are not among it
_PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "PYTHONHOME", "VIRTUAL_ENV", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE",
)  # fmt: skip


class DocumentReader:
    """Reads documents one at a time in a child process that is kept for the next one.

    A child that crashes, runs out of memory or overruns its time is replaced, and its document is a `DocumentError`;
    nothing a file contains can take this process down. The child ends when it has been idle for a minute. Calls from
    several threads wait for each other.
    """

    def __init__(self, limits: Limits | None = None):
        self.limits = limits or Limits()
        self._lock = threading.RLock()
        self._child: _Child | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> DocumentReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, None where none is running."""
        return self._child.process.pid if self._child else None

    def start(self) -> None:
        """Start the child now, so that the first document need not wait for it. Raises DocumentError."""
        with self._lock:
            if self._child is None:
                self._child = _Child(self.limits.memory_mb)

    def close(self) -> None:
        with self._lock:
            if self._timer:
                self._timer.cancel()
            if self._child:
                self._child.end()
            self._child = self._timer = None

    def read(self, path: Path, source: str) -> Document:
        """The document at `path`; `source` is its name in messages. Raises DocumentError: one Chinese line saying what
        is wrong, in which file, how to mend it."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
            try:
                document, fault = self._read_once(path, source)
                if fault and fault.again:
                    # the child had read other documents before: it may have died of them
                    document, fault = self._read_once(path, source)
            except BaseException:  # Ctrl-C: the child is in the middle of something
                self.close()
                raise
            self._rest()
            if document is None:
                raise DocumentError(fault.reason)
            return document

    def _read_once(self, path: Path, source: str) -> tuple[Document | None, _Fault]:
        try:
            self.start()
        except DocumentError as error:
            raise DocumentError(f"{source}：{error}") from error
        child = self._child
        fresh = child.answered == 0
        answer = child.ask(path, source, self.limits)
        if answer.get("tired") or "died" in answer:
            child.end()
            self._child = None
        if "document" in answer:
            try:
                return Document.from_json(answer["document"], source), _NO_FAULT
            except (TypeError, KeyError, ValueError):
                answer = {"died": "broken"}
                self.close()
        if "error" in answer:
            return None, _Fault(str(answer["error"]), bool(answer.get("memory")) and not fresh)
        if answer["died"] == "late":
            return None, _Fault(
                f"{source}：{answer['allowed']:.0f} 秒内没有读完，已中止，请拆成几个文件或另存一份再导入", False
            )
        return None, _Fault(
            f"{source}：读取时解析程序崩溃（文件可能已损坏，或内容太大超过 {self.limits.memory_mb} MB 内存上限），"
            "请用原软件打开并另存一份再导入",
            not fresh,
        )

    def _rest(self) -> None:
        self._timer = threading.Timer(_IDLE_SECONDS, self.close)
        self._timer.daemon = True
        self._timer.start()


class _Fault:
    """Why a document was not read, and whether a fresh child should try it `again`."""

    def __init__(self, reason: str, again: bool):
        self.reason, self.again = reason, again


_NO_FAULT = _Fault("", False)


class _Child:
    """One running `rag.documents.worker`."""

    def __init__(self, memory_mb: int):
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # Chinese file names must pass whatever the locale; threads' arenas and stacks count as memory
        environment |= {"PYTHONUTF8": "1", "PYTHONSAFEPATH": "1", "PYTHONPATH": str(_PROJECT), "MALLOC_ARENA_MAX": "2",
                        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip
        self.answered = 0
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rag.documents.worker", str(memory_mb)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            )  # fmt: skip
        except OSError as error:
            raise DocumentError(f"读取程序启动不了（{error.strerror}），请检查内存和进程数上限后重试") from error
        self._answers: queue.Queue[dict] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        if not self._next(_START_SECONDS).get("ready"):
            self.end()
            raise DocumentError("读取程序启动不了，请检查内存上限设置 ODFIN_PARSE_MEMORY_MB 和 Python 环境")

    def ask(self, path: Path, source: str, limits: Limits) -> dict:
        """The child's answer, or `{"died": "late" | "crashed"}` where it gave none."""
        request = {"path": str(path.absolute()), "source": source, "limits": asdict(limits)}
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return {"died": "crashed"}
        allowed = limits.seconds
        started = time.monotonic()
        while True:
            answer = self._next(max(0.0, started + allowed - time.monotonic()))
            pages = answer.get("ocr_pages")
            if not isinstance(pages, int):
                break
            allowed = limits.seconds + min(pages, limits.ocr_pages) * limits.ocr_page_seconds
        self.answered += 1
        return {**answer, "allowed": allowed} if answer.get("died") == "late" else answer

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def _next(self, seconds: float) -> dict:
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return {"died": "late"}

    def _listen(self) -> None:
        """Runs in a thread: answers to the queue, one last entry when the child has gone."""
        with self.process.stdout as channel:
            while (line := channel.readline(_LONGEST_ANSWER)).endswith(b"\n"):
                try:
                    answer = json.loads(line)
                except ValueError:
                    break
                if not isinstance(answer, dict):
                    break
                self._answers.put(answer)
        self._answers.put({"died": "crashed"})


_shared: dict[Limits, DocumentReader] = {}
_sharing = threading.Lock()


def read_document(path: Path, source: str, settings: Settings) -> Document:
    """`DocumentReader.read` by a reader that the whole program shares. Raises DocumentError."""
    return _reader(settings).read(path, source)


def start_reader(settings: Settings) -> None:
    """Let the shared reader's child start beside what the caller does next: it needs a second, and a document is coming.

    Where it cannot start, the document says so.
    """
    def start() -> None:
        with contextlib.suppress(DocumentError):
            _reader(settings).start()

    threading.Thread(target=start, name="start-reader", daemon=True).start()


def _reader(settings: Settings) -> DocumentReader:
    limits = limits_of(settings)
    with _sharing:
        return _shared.setdefault(limits, DocumentReader(limits))


def limits_of(settings: Settings) -> Limits:
    return Limits(
        seconds=settings.parse_seconds,
        memory_mb=settings.parse_memory_mb,
        pages=settings.parse_pages,
        ocr=settings.ocr,
        ocr_page_seconds=settings.ocr_page_seconds,
        ocr_pages=settings.ocr_pages,
        threads=settings.cpu_threads,
    )


@atexit.register
def close_readers() -> None:
    """End the children of the shared readers; the next document starts one anew."""
    for reader in _shared.values():
        reader.close()
