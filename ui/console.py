"""What the console's pages share: one object per server process, made by `ui.run` before the first page is drawn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from rag.answer.assistant import Assistant
from rag.answer.result import Answer, Event, Turn
from rag.errors import IndexMissingError, OdfinError
from rag.index.build import Indexer
from rag.journal import Journal
from rag.settings import Settings
from ui.accounts import Accounts
from ui.backups import Backups
from ui.conversations import Conversations
from ui.jobs import ReindexJob
from ui.texts import Texts

logger = logging.getLogger(__name__)


class Console:
    """Opens the assistant in the background: nobody waits for the models before the login page."""

    def __init__(self, settings: Settings) -> None:
        settings.home.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.texts = Texts(settings.language)
        self.accounts = Accounts(settings.home / "console.db")
        self.indexer = Indexer(settings)
        self.journal = Journal(settings)
        self.job = ReindexJob(self._reindex, settings.home / "console-last-run.json")
        self.backups = Backups(settings.home)
        self.backup_job = ReindexJob(self.backups.make, settings.home / "console-last-backup.json", self.texts("backup_error", kind="{kind}"))
        self.conversations = Conversations(self._stream, self._record, self.texts("chat_failed"))
        self._assistant: Assistant | None = None
        self._opening = threading.Lock()
        self._warming = threading.Lock()
        self._ready = False
        self._trouble = ""

    @property
    def cookie(self) -> str:
        """Cookies are shared by all ports of a host: the name keeps two consoles apart."""
        return f"odfin_console_{self.settings.ui_port}"

    def warm_up(self) -> None:
        """Begin to load the models; returns at once."""
        self._trouble = ""
        threading.Thread(target=self._warm, name="warm-up", daemon=True).start()

    @property
    def assistant_ready(self) -> bool:
        """Whether models and index are in memory; a question asked earlier waits for them."""
        return self._ready

    @property
    def indexed(self) -> bool:
        """Whether there is anything to answer from."""
        return self.indexer.catalogue.live() is not None

    @property
    def assistant_trouble(self) -> str:
        """Why the assistant cannot be opened, one line; "" while it loads, without an index, and once it is ready."""
        return self._trouble

    def assistant(self) -> Assistant:
        """The one assistant of this process. Raises OdfinError where it cannot be opened."""
        with self._opening:
            if self._assistant is None:
                self._assistant = Assistant.open(self.settings)
            return self._assistant

    def _warm(self) -> None:
        try:
            with self._warming:
                if self._ready:
                    return
                started = time.monotonic()
                self.assistant().warm()
                self._ready, self._trouble = True, ""
            logger.info("assistant ready after %.1f s", time.monotonic() - started)
        except IndexMissingError:
            logger.info("no index yet: the assistant waits for the first one")
        except OdfinError as error:
            logger.warning("the assistant is not ready: %s", error)
            self._trouble = str(error)
        except Exception:
            logger.exception("the assistant cannot be opened")
            self._trouble = self.texts("assistant_failed")

    def _stream(self, question: str, history: Sequence[Turn]) -> Iterator[Event]:
        return self.assistant().stream(question, history)

    def _record(self, answer: Answer, user: str) -> str:
        return self.journal.record(answer, "console", user)

    def _reindex(self, progress: Any) -> dict[str, Any]:
        report = self.indexer.run(progress=progress).to_json()
        if not self._ready:  # there may have been nothing to answer from until now
            self.warm_up()
        return report


_console: Console | None = None


def install(console: Console) -> None:
    """Make `console` the one that the pages of this process show."""
    global _console
    _console = console


def installed() -> Console:
    if _console is None:
        raise OdfinError("控制台还没有启动：请用 odfin ui 启动。")
    return _console
