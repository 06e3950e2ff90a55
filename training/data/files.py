"""Rows of data files as they come: JSONL, JSON, CSV, TSV and Parquet, in whatever Chinese encoding."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from rag.documents.encoding import decode
from rag.errors import OdfinError

FORMATS = (".jsonl", ".json", ".csv", ".tsv", ".parquet")


def data_files(path: Path) -> list[Path]:
    """The file itself, or the data files below the folder in order. Raises OdfinError where there is none."""
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix.lower() in FORMATS)
    if not found or found[0].suffix.lower() not in FORMATS:
        raise OdfinError(f"{path} 里没有数据文件；支持 {'、'.join(FORMATS)}")
    return found


def rows(file: Path) -> Iterator[dict]:
    """One dict a row. Raises OdfinError naming file and row of what cannot be read."""
    suffix = file.suffix.lower()
    try:
        if suffix == ".parquet":
            yield from _parquet(file)
            return
        text, _, _ = decode(file.read_bytes(), file.name)
    except OSError as error:
        raise OdfinError(f"读不到 {file}（{error.strerror or error}）；请检查路径与权限") from error
    if suffix == ".jsonl":
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield _object(_json(line, file, f"第 {number} 行"), file, f"第 {number} 行")
    elif suffix == ".json":
        whole = _json(text, file, "")
        if isinstance(whole, dict):  # {"data": […]} and the like
            whole = next((value for value in whole.values() if isinstance(value, list)), [whole])
        for number, row in enumerate(whole, 1):
            yield _object(row, file, f"第 {number} 条")
    else:
        reader = csv.DictReader(io.StringIO(text), delimiter="\t" if suffix == ".tsv" else ",")
        if not reader.fieldnames:
            raise OdfinError(f"{file} 没有表头；第一行须是列名")
        for row in reader:
            yield {(name or "").strip(): value for name, value in row.items()}


def _json(text: str, file: Path, where: str):
    try:
        return json.loads(text)
    except ValueError as error:
        raise OdfinError(f"{file} {where}不是 JSON（{error}）；请改正后重试") from error


def _object(row: object, file: Path, where: str) -> dict:
    if not isinstance(row, dict):
        raise OdfinError(f"{file} {where}不是一个对象（{{…}}）；请改正后重试")
    return row


def _parquet(file: Path) -> Iterator[dict]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(file)
    except pa.ArrowInvalid as error:
        raise OdfinError(f"{file} 不是完整的 Parquet 文件（{error}）；请重新下载") from error
    for batch in source.iter_batches(batch_size=1024):
        yield from batch.to_pylist()
