"""Running text for calibration and measurement: files in, windows of token ids out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rag.documents.encoding import decode
from rag.errors import OdfinError

SUFFIXES = (".txt", ".md", ".jsonl")


def read_texts(paths: Iterable[Path]) -> Iterator[str]:
    """The text of each .txt or .md file, and of each row of a .jsonl file (all its strings, one a line).

    A folder stands for the files below it. Raises OdfinError for a path that is not there, another kind of file, or a
    row that is no JSON.
    """
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
            if not files:
                raise OdfinError(f"{path} 里没有 {'、'.join(SUFFIXES)} 文件")
        else:
            files = [path]
        for file in files:
            yield from _texts_of(file)


def windows(texts: Iterable[str], tokenizer: Any, length: int = 512, most: int = 0) -> list[list[int]]:
    """Token ids of the texts, each text cut into windows of at most `length` tokens; `most` windows at the most (0: all).

    A text begins with the tokenizer's own beginning mark where it sets one. Windows of a single token are left out.
    """
    found: list[list[int]] = []
    for text in texts:
        ids = tokenizer.encode(text)
        for start in range(0, len(ids), length):
            window = ids[start : start + length]
            if len(window) > 1:
                found.append(window)
            if most and len(found) == most:
                return found
    if not found:
        raise OdfinError("给出的文本里没有可用的内容；请用 --text 指定有文字的文件")
    return found


def _texts_of(file: Path) -> Iterator[str]:
    if file.suffix not in SUFFIXES:
        raise OdfinError(f"{file} 不是 {'、'.join(SUFFIXES)} 文件；请先转成纯文本")
    try:
        text = decode(file.read_bytes(), file.name)[0]
    except OSError as error:
        raise OdfinError(f"读不到 {file}（{error.strerror}）；请核对路径") from error
    if file.suffix != ".jsonl":
        if text.strip():
            yield text
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = "\n".join(_strings(json.loads(line)))
        except ValueError as error:
            raise OdfinError(f"{file} 第 {number} 行不是 JSON（{error}）；请改正后重试") from error
        if row.strip():
            yield row


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (found for key, part in value.items() if key != "role" for found in _strings(part))
    elif isinstance(value, list):
        yield from (found for part in value for found in _strings(part))
