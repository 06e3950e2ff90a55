"""The project's own instruction set: questions with the exact words that answer them, over `knowledge/`, over papers
written for it (contracts, prospectuses, rules and tables as institutions build them), and over laws.

Items over `knowledge/` and papers hold their evidence. Items over laws say where it stands (article, and characters from–to of the
article's text without blanks), so that the laws themselves need not be part of the project: `resolve` reads them from a
folder of law texts named as in `source`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from rag.errors import OdfinError

FOLDER = Path(__file__).parent / "instruction_set"
PAPERS = FOLDER / "papers"
KINDS = frozenset("fact number table list yes_no condition compare follow_up refusal".split())
_ARTICLE = re.compile(r"^\s*(第[零〇一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?)", re.MULTILINE)
_NEXT = re.compile(r"^\s*(?:第[零〇一二三四五六七八九十百千]+[编章节条]|#)", re.MULTILINE)


def read_items(files: Iterable[Path], laws: Path | None = None) -> Iterator[dict]:
    """Items of JSONL files, those over laws with their evidence read from `laws`, or left out without that folder.

    Raises OdfinError naming the first line that is no item.
    """
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                missing = {"id", "kind", "question", "source", "answer"} - item.keys()
                if missing or ("evidence" in item) == ("spans" in item):
                    raise ValueError("缺 " + "、".join(sorted(missing)) if missing else "evidence 与 spans 须有且只有一个")
            except ValueError as error:
                raise OdfinError(f"{file} 第 {number} 行不是一条训练题（{error}）；请改正后重试") from error
            if "spans" in item:
                if laws is None:
                    continue
                item = resolve(item, laws)
            yield item


def ground_of(item: dict) -> str:
    """Where an item's document lies: laws, papers or knowledge."""
    return "laws" if item.get("law") or "spans" in item else "papers" if (PAPERS / item["source"]).is_file() else "knowledge"


def resolve(item: dict, laws: Path) -> dict:
    """The item with the `evidence` its `spans` point at. Raises OdfinError where the law or the article is not there."""
    text = articles(laws / item["source"])
    try:
        evidence = [text[article][start:end] for article, start, end in item["spans"]]
    except KeyError as error:
        raise OdfinError(f"{item['id']}：{item['source']} 里没有{error}；请换用同一版本的法律文本") from error
    return {key: value for key, value in item.items() if key != "spans"} | {"evidence": evidence, "law": True}


@lru_cache(maxsize=128)
def articles(law: Path) -> dict[str, str]:
    """article number -> its text without blanks. Raises OdfinError where the file cannot be read."""
    try:
        text = law.read_text(encoding="utf-8")
    except OSError as error:
        raise OdfinError(f"读不到法律文本 {law}（{error.strerror}）；请指定放有这些文本的文件夹") from error
    found: dict[str, str] = {}
    for match in _ARTICLE.finditer(text):
        after = _NEXT.search(text, match.end())
        found.setdefault(match[1], re.sub(r"\s+", "", text[match.start() : after.start() if after else len(text)]))
    return found
