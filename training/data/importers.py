"""Public and own data files as records: source, licence and topic on each, text cleaned, passages in the assistant's prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rag.answer.result import Citation
from training.data.cleaning import clean, clean_answer
from training.data.config import Import
from training.data.cutting import cut
from training.data.files import data_files, rows
from training.data.licences import UNKNOWN, licence_id
from training.data.privacy import masked, without_personal
from training.data.record import Record
from training.data.render import reading_messages
from training.data.shapes import Example, read_row
from training.data.topics import topic_of

LONGEST_PASSAGE = 420  # characters that fit 512 tokens with prompt and answer; what is longer is cut to what answers


def imported(one: Import, dropped: Counter, facts: dict[str, int]) -> Iterator[Record]:
    """The records of one configured path, persons masked; `facts["masked"]` counts the messages that this changed.

    Rows of no known form are counted in `dropped`. Raises OdfinError.
    """
    facts["masked"] = 0
    for file in data_files(one.path):
        for row in rows(file):
            example = read_row(row)
            if example is None:
                dropped["格式不认识或没有答案"] += 1
                continue
            record = as_record(example, one, file)
            if record is None:
                dropped["段落太长，答案不在其中一处"] += 1
                continue
            record, changed = without_personal(record)
            facts["masked"] += changed
            yield record


def as_record(example: Example, one: Import, file: Path) -> Record | None:
    """The example as a record; None where its passage is too long and no short part of it holds the answer."""
    source = example.source or one.name or file.stem
    licence = licence_id(example.licence or licence_of(source, one) or UNKNOWN)
    turns = [(role, clean_answer(text) if role == "assistant" else clean(text)) for role, text in example.turns]
    asked, answer = next((text for role, text in turns if role == "user"), ""), turns[-1][1]
    # masked before it is cut: half a number is not known as one
    document = f"{one.name or file.stem}/{example.document or masked(asked)[:40]}"
    topic = topic_of(f"{asked}\n{answer}", example.document)
    if example.passage:
        passage = cut(clean(example.passage), asked, answer, LONGEST_PASSAGE)
        if not passage:
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
