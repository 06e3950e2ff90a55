"""What a file's name on disk is called in the index: characters that can be stored, and shown in one line."""

from __future__ import annotations

import os
import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def shown_name(path: str) -> str:
    """A relative path with `/` as it is stored and shown.

    A name in another encoding than UTF-8 (an archive from a Chinese Windows, unzipped) is read as GB18030; bytes that are
    neither become `\\xNN`. Control characters, which would break a line or steer a terminal, become blanks.
    """
    return _CONTROL.sub(" ", "/".join(map(_decoded, path.split("/"))))


def storable(name: str) -> bool:
    """Whether the system's name for a file is UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _decoded(part: str) -> str:
    if storable(part):
        return part
    data = os.fsencode(part)
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("utf-8", errors="backslashreplace")
