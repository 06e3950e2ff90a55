"""The child process that parses: reads requests line by line, answers each with one document or one reason.

It is started by `rag.documents.reader` and imports nothing but the parsers. Requests and answers are JSON, never pickles:
a parser that a hostile file has taken over can send data to the parent, but no code.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

_DOCUMENTS_A_LIFE = 200  # parsers leak a little; a new child costs a fraction of a second
_GRACE = 5.0  # seconds after which the child ends itself should the parent be gone


def main() -> None:
    memory_mb = int(sys.argv[1])
    answers = _own_channel()
    with contextlib.suppress(ValueError, OSError, AttributeError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it closes the channel
    _cap_memory(memory_mb)
    from rag.documents.document import Document
    from rag.documents.limits import Limits
    from rag.documents.load import load_document
    from rag.errors import DocumentError

    def say(**answer: object) -> None:
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()

    say(ready=True)
    for number, line in enumerate(sys.stdin.buffer, 1):
        request = json.loads(line)
        limits = Limits(**request["limits"])
        _end_after(limits.seconds)

        def more_time(pages: int, limits: Limits = limits) -> None:
            say(ocr_pages=pages)
            _end_after(limits.seconds + pages * limits.ocr_page_seconds)

        try:
            document: Document = load_document(Path(request["path"]), request["source"], limits, more_time)
            answer: dict = {"document": document.to_json()}
        except DocumentError as error:
            answer = {"error": str(error), "memory": isinstance(error.__cause__, MemoryError)}
        faulthandler.cancel_dump_traceback_later()
        tired = number >= _DOCUMENTS_A_LIFE or answer.get("memory") or _size_mb() > memory_mb / 2
        try:
            say(**answer, tired=bool(tired))
        except MemoryError:
            answer = {}
            say(error=f"{request['source']}：内容太大，内存不够，请拆成几个文件再导入", memory=True, tired=True)
        if tired:
            return


def _own_channel() -> BinaryIO:
    """Standard output for answers alone: what a parser prints goes to standard error."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return channel


def _cap_memory(megabytes: int) -> None:
    """Address space, where the platform can cap it; no core files of a parser that crashes."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        size = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _end_after(seconds: float) -> None:
    """The parent ends a child that overruns; should the parent be gone, a watchdog without need of the GIL does."""
    faulthandler.dump_traceback_later(seconds + _GRACE, exit=True)


def _size_mb() -> float:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024
    except (OSError, ValueError, AttributeError):
        return 0.0


if __name__ == "__main__":
    main()
