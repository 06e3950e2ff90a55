"""Keeps the token out of every log line, and the libraries' chatter about requests out of the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rag.text.personal import mask_personal

_HIDDEN = "<telegram-token>"
# httpx prints request URLs (the token is part of them); the library prints whole updates at DEBUG.
_QUIET = ("httpx", "httpcore", "telegram", "hpack")


@contextmanager
def token_hidden(token: str) -> Iterator[None]:
    """While open, no record of any logger in this process shows `token`, tracebacks included."""
    make = logging.getLogRecordFactory()
    format_exception = logging.Formatter().formatException
    numbers = token.split(":", 1)[-1]  # the half that is secret, however it was cut or quoted

    def hide(text: str) -> str:
        return text.replace(token, _HIDDEN).replace(numbers, _HIDDEN) if len(numbers) > 8 else text.replace(token, _HIDDEN)

    def factory(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make(*args, **kwargs)
        message = record.getMessage()
        if (shown := hide(message)) != message:
            record.msg, record.args = shown, ()
        if record.exc_info and record.exc_info[0] is not None:
            trace = format_exception(record.exc_info)
            if (shown := hide(trace)) != trace:
                record.exc_info, record.exc_text = None, shown
        return record

    levels = {name: logging.getLogger(name).level for name in _QUIET}
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.setLogRecordFactory(factory)
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def masked_trace(error: BaseException, words: str = "") -> str:
    """The full traceback, with the user's `words` and other personal data in it masked."""
    trace = logging.Formatter().formatException((type(error), error, error.__traceback__))
    if words:
        trace = trace.replace(words, mask_personal(words))
    return "\n".join(line if line.lstrip().startswith("File ") else mask_personal(line) for line in trace.splitlines())
