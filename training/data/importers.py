"""Public and own data files as records: source, licence and topic on each, text cleaned, passages in the assistant's prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rag.answer.result import Citation
from training.data.cleaning import clean, clean_answer
from training.data.config import Import
from training.data.files import data_files, rows
from training.data.licences import UNKNOWN, licence_id
from training.data.record import Record
from training.data.render import reading_messages
from training.data.shapes import Example, read_row
from training.data.topics import topic_of

LONGEST_PASSAGE = 420  # characters that fit 512 tokens with prompt and answer; what is longer is not cut but left out


def imported(one: Import, dropped: Counter) -> Iterator[Record]:
    """The records of one configured path. Rows of no known form are counted in `dropped`. Raises OdfinError."""
    for file in data_files(one.path):
        for row in rows(file):
            example = read_row(row)
            if example is None:
                dropped["格式不认识或没有答案"] += 1
                continue
            record = as_record(example, one, file)
            if record is None:
                dropped["段落太长"] += 1
                continue
            yield record


def as_record(example: Example, one: Import, file: Path) -> Record | None:
    """The example as a record; None where its passage does not fit."""
    source = example.source or one.name or file.stem
    licence = licence_id(example.licence or licence_of(source, one) or UNKNOWN)
    turns = [(role, clean_answer(text) if role == "assistant" else clean(text)) for role, text in example.turns]
    asked, answer = next((text for role, text in turns if role == "user"), ""), turns[-1][1]
    document = f"{one.name or file.stem}/{example.document or asked[:40]}"
    topic = topic_of(f"{asked}\n{answer}", example.document)
    if example.passage:
        passage = clean(example.passage)
        if len(passage) > LONGEST_PASSAGE:
            return None
        cited = Citation(1, document, example.document or source, passage)
        messages = reading_messages(asked, [cited], answer)
        return Record(messages, example.task, source, licence, document, topic, "imported", evidence=(passage,))
    messages = tuple({"role": role, "content": text} for role, text in turns)
    return Record(messages, example.task, source, licence, document, topic, "imported")


def licence_of(source: str, one: Import) -> str:
    """The licence stated for the row's own source, else the one stated for the whole path."""
    for prefix, licence in one.licences.items():
        if source.lower().startswith(prefix.lower()):
            return licence
    return one.licence
