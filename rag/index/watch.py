"""`odfin index --watch`: keeps the index up to date with a folder and the uploads, until stopped.

It looks at names, sizes and times every few seconds rather than asking the system for events: network shares send none,
and 10,000 files are looked through in a fraction of a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rag.errors import OdfinError
from rag.index.build import Indexer, IndexReport, Progress
from rag.index.folder import UPLOADS, scan
from rag.index.snapshots import rolled_back_to

log = logging.getLogger(__name__)

SHARE = 10  # looking takes a tenth of the time at most
LOST, FEW = 0.5, 10  # so large a share of the documents, and more than so many, do not vanish by themselves

Picture = dict[str, tuple[int, int]]  # source -> (size, modified)


class Watcher:
    """Looks every `every` seconds, and runs when what it saw has stayed the same for one look more.

    `say` is told in one line whatever a person should know.
    """

    def __init__(self, indexer: Indexer, directory: Path | None, *, every: float, say: Callable[[str], None],
                 report: Callable[[IndexReport], None] = lambda _: None,
                 progress: Callable[[Progress], None] = lambda _: None):
        self.indexer = indexer
        self.directory = (directory or indexer.directory()).expanduser().resolve()
        self.every = every
        self._say, self._report, self._progress = say, report, progress
        self._indexed: Picture | None = None  # as of the last run
        self._last: Picture | None = None
        self._said = ""
        self._looking = 0.0  # seconds the last look took

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. Raises OdfinError where the folder is missing at the beginning."""
        scan(self.directory, self.indexer.settings.uploads_dir)
        pause = 0.0
        while not stop.wait(pause):
            self.look()
            pause = max(self.every, SHARE * self._looking)

    def look(self) -> IndexReport | None:
        """Look once; run if there is reason to. What cannot be done now is said once and tried again later."""
        try:
            now = self._picture()
            settled = now == self._last or self._indexed is None
            self._last = now
            if not settled:
                return None
            if now == self._indexed and not self.indexer.queue.pending():
                self._said = ""
                return None
            if reason := self._held(now):
                self._tell(reason)
                return None
            report = self.indexer.run(self.directory, self._progress)
        except OdfinError as error:  # the folder is away, another run is under way, …
            self._tell(str(error))
            return None
        self._said = ""
        self._indexed = now
        self._report(report)
        return report

    def _picture(self) -> Picture:
        started = time.monotonic()
        files = scan(self.directory, self.indexer.settings.uploads_dir)
        self._looking = time.monotonic() - started
        return {file.source: (file.size, file.modified) for file in files}

    def _held(self, now: Picture) -> str:
        """Why this is not the moment for a run that nobody asked for; or an empty string."""
        catalogue = self.indexer.catalogue
        if (snapshot := rolled_back_to(catalogue)) is not None:
            return f"已回滚到快照 {snapshot}，自动索引暂停；改好文件后运行 odfin index 恢复"
        live = catalogue.live()
        if live is None or live.directory != str(self.directory):
            return ""
        indexed = [source for source in catalogue.entries(live.id) if not source.startswith(UPLOADS + "/")]
        gone = sum(source not in now for source in indexed)
        if gone > FEW and gone > LOST * len(indexed) and not self._moved(now, gone):
            return (f"{self.directory} 里的 {len(indexed)} 份文档有 {gone} 份不见了，可能是网络盘断开；索引保持不变。"
                    "若确实已删除，请运行 odfin index")
        return ""

    def _moved(self, now: Picture, gone: int) -> bool:
        """Whether about as many new names have come as old ones have gone: a folder was renamed."""
        live = self.indexer.catalogue.live()
        known = self.indexer.catalogue.entries(live.id).keys()
        return sum(source not in known for source in now) >= gone * (1 - LOST)

    def _tell(self, line: str) -> None:
        if line != self._said:
            self._said = line
            log.warning("%s", line)
            self._say(line)
