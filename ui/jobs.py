"""Long work of the console (re-indexing, a backup): one run at a time, in a thread the server owns.

Browser tabs only look at `state()`; closing or reloading one changes nothing. The result of the last run outlives the
server in a small JSON file.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from rag.errors import OdfinError

logger = logging.getLogger(__name__)


class ProgressLike(Protocol):
    """What the indexer reports: its stage ("read", "embed", "publish"), done of total, and a word on what."""

    stage: str
    done: int
    total: int
    detail: str


# runs the indexer; calls the given function as it goes; returns `IndexReport.to_json()`
Work = Callable[[Callable[[ProgressLike], None]], dict[str, Any]]


class StoppedError(Exception):
    """Raised inside the run where the administrator asked to stop; nothing of it is published."""


@dataclass(frozen=True)
class JobState:
    """A picture of the present or the last run. Times are seconds since the epoch, 0.0 where there was none.

    After a run exactly one of `report` and `error` is set, or `stopped` is true.
    """

    number: int = 0
    running: bool = False
    stopping: bool = False
    stage: str = ""
    done: int = 0
    total: int = 0
    detail: str = ""
    by: str = ""
    started_at: float = 0.0
    finished_at: float = 0.0
    report: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    stopped: bool = False

    @property
    def fraction(self) -> float:
        """How much of the present stage is done, 0.0 to 1.0."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0


class ReindexJob:
    """`work` runs in a daemon thread: when the server goes, an unfinished run goes with it, unpublished."""

    def __init__(self, work: Work, record: Path, failed: str = "重新索引时出错（{kind}），原索引不受影响；详情见日志。") -> None:
        """`failed`: the line for an error that nobody foresaw; `{kind}` is its name."""
        self._work = work
        self._failed = failed
        self._record = record
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._state = self._recall()

    def state(self) -> JobState:
        with self._lock:
            return self._state

    def start(self, by: str) -> bool:
        """Begin a run; False where one is going on already."""
        with self._lock:
            if self._state.running:
                return False
            self._stop.clear()
            self._state = JobState(number=self._state.number + 1, running=True, by=by, started_at=time.time())
            self._thread = threading.Thread(target=self._run, name="reindex", daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """Ask the run to end at its next step. The index stays as it was."""
        with self._lock:
            if self._state.running:
                self._stop.set()
                self._state = replace(self._state, stopping=True)

    def wait(self, timeout: float | None = None) -> JobState:
        """Block until the run has ended, at most `timeout` seconds; for tests and shutdown."""
        thread = self._thread
        if thread:
            thread.join(timeout)
        return self.state()

    def _run(self) -> None:
        try:
            self._end(report=self._work(self._progress))
        except StoppedError:
            self._end(stopped=True)
        except OdfinError as error:
            logger.warning("refused: %s", error)
            self._end(error=str(error))
        except Exception as error:
            logger.exception("%s failed", self._record.stem)
            self._end(error=self._failed.format(kind=type(error).__name__))

    def _progress(self, progress: ProgressLike) -> None:
        # the last stage is one transaction: stopping there would only look as if it had not happened
        if self._stop.is_set() and progress.stage != "publish":
            raise StoppedError
        with self._lock:
            self._state = replace(self._state, stage=progress.stage, done=progress.done, total=progress.total,
                                  detail=progress.detail)

    def _end(self, **outcome: Any) -> None:
        with self._lock:
            self._state = state = replace(
                self._state, running=False, stopping=False, finished_at=time.time(), **outcome)
        part = self._record.with_suffix(".part")
        try:
            part.write_text(json.dumps(asdict(state), ensure_ascii=False), encoding="utf-8")
            part.replace(self._record)
        except OSError:
            logger.exception("cannot keep the result of the run in %s", self._record)

    def _recall(self) -> JobState:
        try:
            return JobState(**json.loads(self._record.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return JobState()
        except (OSError, ValueError, TypeError):
            logger.warning("%s is not readable; the last run's result is forgotten", self._record)
            return JobState()
