"""What customers do not know how to go about, told in their own words, and what several documents say to it.

Written for the project. The `places` of an item are its evidence, each one place of one document in the form of the
instruction set's items (`evidence`, or the `spans` of a law). The answer's `[1]` is the first of them; a conversation shows
them among passages that do not help, numbered anew.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rag.answer.grounding import faults
from rag.errors import OdfinError
from rag.text.figures import unsupported
from rag.text.sentences import cells
from training.chat import MAX_LENGTH
from training.data.filters import promises
from training.data.licences import OFFICIAL, OWN
from training.data.own_set import Places
from training.data.reading.around import passage_of, tokens
from training.data.reading.draft import Passage
from training.data.reading.material import Clauses, Material
from training.data.reading.verify import close, says
from training.data.record import Record
from training.data.render import reading_messages
from training.data.split import place as place_of_document
from training.instructions import FOLDER as INSTRUCTION_SET
from training.instructions import resolve

FOLDER = INSTRUCTION_SET / "consultation"
NAME, TASK = "own-consultation", "consultation"
SETTLED = ("whole", "part", "none")  # how much of the question the places settle
REQUESTS = ("请用几句话说清楚怎么办、要注意什么，每句话后用[编号]注明出处。", "请分几句回答，每句标出所依据资料的编号；资料没写的请直说。",
            "请告诉客户该怎么做，逐句注明资料编号，如[1]。")
AROUND = (120, 60, 0)  # characters of running text a passage shows, the first that leaves room for others
LONGEST = 620  # estimated tokens of all passages
MOST_IDLE, LEAST_IDLE, SHORTEST_IDLE = 2, 60, 24  # passages that do not help; tokens one of them needs; characters it has
TRIES = 40
SHORTEST_QUESTION, LONGEST_QUESTION = 10, 160
LONGEST_ANSWER, FEWEST, MOST = 360, 3, 6  # characters, sentences
_MARK = re.compile(r"\[(\d+)\]")
_MARKS = re.compile(r"(?:\[\d+\])+")
_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
_LEFT_OPEN = re.compile(r"资料(?:里|中)?(?:都|也)?(?:没有|没|未|只)")
_WHOM = re.compile(r"问|经办|窗口|咨询|核实|联系|拨打|投诉|申请|律师|客服|柜面|网点")
_ADVISES = re.compile(r"(?:建议|推荐|劝)(?:您|你)?(?:现在|尽快|赶紧|继续|先)?(?:买|卖|赎回|持有|加仓|减仓|补仓|清仓|抄底)|值得(?:买|卖|投)|"
                      r"(?:一定|肯定|必然|包)(?:能|会)?(?:赚|涨|回本|批下来|赔)")


def read(files: Iterable[Path] | None = None, laws: Path | None = None) -> Iterator[dict]:
    """Items with the evidence of all their places; those over laws are left out without the folder of law texts.

    Raises OdfinError naming the first line that is no item.
    """
    for file in sorted(FOLDER.glob("*.jsonl")) if files is None else files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                item = json.loads(line)
                if missing := {"id", "topic", "settled", "question", "places", "answer"} - item.keys():
                    raise ValueError("缺" + "、".join(sorted(missing)))
                if item["settled"] not in SETTLED:
                    raise ValueError(f"settled 须是 {'、'.join(SETTLED)} 之一")
                if not all("source" in one and ("evidence" in one) != ("spans" in one) for one in item["places"]):
                    raise ValueError("places 里每处须有 source，evidence 与 spans 须有且只有一个")
            except (ValueError, AttributeError, TypeError) as error:
                raise OdfinError(f"{file} 第 {number} 行不是一条咨询（{error}）；请改正后重试") from error
            if laws is None and any("spans" in one for one in item["places"]):
                continue
            yield item | {"places": [resolve({"id": item["id"], **one}, laws) if "spans" in one else one for one in item["places"]]}


def fault(item: Mapping) -> str:
    """Why the item may not be learnt, one short reason; empty where it may.

    Each sentence is held against the places that it cites, by the checks that the assistant's own sentences pass.
    """
    question, answer, places = item["question"], item["answer"], item["places"]
    said = sentences(answer)
    if not SHORTEST_QUESTION <= len(question) <= LONGEST_QUESTION:
        return "问题长度"
    if len(answer) > LONGEST_ANSWER or not FEWEST - (item["settled"] == "none") <= len(said) <= MOST:
        return "答案长度"
    if _ADVISES.search(answer) or any(map(promises, said)):
        return "荐买荐卖或许诺"
    cited = {int(mark) for mark in _MARK.findall(answer)}
    if cited != set(range(1, len(places) + 1)):
        return "引用与依据对不上"
    if len(places) < 2 and item["settled"] == "whole":
        return "只有一处依据"
    if (item["settled"] != "whole") != bool(_LEFT_OPEN.search(answer)):
        return "没写明资料解决了多少"
    for sentence in said:
        if why := _sentence_fault(sentence, question, places):
            return why
    return ""


def _sentence_fault(sentence: str, question: str, places: Sequence[Mapping]) -> str:
    marks, words = sorted({int(mark) for mark in _MARK.findall(sentence)}), _MARK.sub("", sentence)
    if not marks:
        if not _LEFT_OPEN.search(words) and not _WHOM.search(words):
            return "有话没有注明出处"
        return "没有出处的数字" if unsupported(words, [question], question, strict=False, places=False) else ""
    strong = [f"{Path(places[mark - 1]['source']).stem}\n{_as_read(places[mark - 1]['evidence'])}" for mark in marks]
    if found := faults(words, strong, question):
        return "用词不在依据里" if "用词" in found[0] else re.split(r"[：%]", found[0])[0]
    return ""


def _as_read(lines: Sequence[str]) -> str:
    """Evidence as the checks read it: the first of a table's lines is its header, told by the rule below it."""
    first = next((at for at, line in enumerate(lines) if line.startswith("|")), None)
    if first is None:
        return "\n".join(lines)
    rule = f"|{' --- |' * len(cells(lines[first]))}"
    return "\n".join((*lines[: first + 1], rule, *lines[first + 1 :]))


def sentences(answer: str) -> list[str]:
    return [part for part in map(str.strip, _SENTENCE.findall(answer)) if part]


def records(items: Iterable[Mapping], material: Material, seed: int, dropped: Counter) -> Iterator[Record]:
    """Each item as a conversation over its passages and others; those that fail the checks are counted and left out."""
    places, chance = Places(material), random.Random(f"{seed}/{NAME}")
    by_topic: dict[str, list[Clauses]] = defaultdict(list)
    for section in material.clauses:
        by_topic[section.topic].append(section)
    for item in items:
        if why := fault(item):
            dropped[why] += 1
            continue
        request = chance.choice(REQUESTS)
        beside = _cost(request, *(message["content"] for message in reading_messages(item["question"], [], item["answer"])))
        for around in AROUND:
            helpful, numbers = _passages(item, places, around)
            taken = sum(map(_cost_of, helpful))
            room = MAX_LENGTH - beside - taken
            if room >= LEAST_IDLE:
                break
        if taken > LONGEST:
            dropped["段落太长"] += 1
            continue
        # What does not fit MAX_LENGTH in any case is learnt by those who allow more.
        shown = [*helpful, *_idle(item, helpful, places, by_topic[item["topic"]], room if room > 0 else LONGEST - taken, chance)]
        order = list(range(len(shown)))
        chance.shuffle(order)
        yield _record(item, [shown[place] for place in order], [[order.index(place) + 1 for place in held] for held in numbers], request)


def _record(item: Mapping, shown: Sequence[Passage], numbers: Sequence[Sequence[int]], request: str) -> Record:
    """`numbers`: for each place of the item those of the passages shown that hold it."""
    answer = _MARKS.sub(lambda run: "".join(f"[{number}]" for number in sorted(
        {number for mark in _MARK.findall(run[0]) for number in numbers[int(mark) - 1]})), item["answer"])
    system, asked, said = reading_messages(item["question"], [passage.cited(n) for n, passage in enumerate(shown, 1)], answer)
    # A document that is held out is held out of this too, whatever else is cited beside it.
    document = min((one["source"] for one in item["places"]), key=place_of_document)
    licence = OFFICIAL if all(one.get("law") for one in item["places"]) else OWN
    return Record((system, {**asked, "content": f"{asked['content']}\n{request}"}, said), TASK, NAME, licence, document,
                  item["topic"], item["settled"], evidence=tuple(line for place in item["places"] for line in place["evidence"]))


@dataclass
class _Lines:
    """Lines of one section that are shown together."""

    section: Clauses
    at: set[int]

    @cached_property
    def lines(self) -> list[str]:
        return [line for unit in self.section.units for line in unit.text.split("\n")]

    def passage(self) -> Passage:
        return Passage(self.section.source, self.section.title, self.section.headings, "\n".join(self.lines[at] for at in sorted(self.at)))


def _passages(item: Mapping, places: Places, around: int) -> tuple[list[Passage], list[list[int]]]:
    """Passages that hold the evidence, and for each place of the item which of them do."""
    shown: list[_Lines | Passage] = []
    numbers: list[list[int]] = []
    for place in item["places"]:
        numbers.append([_put(one, shown) for one in _holding(place, places, around)])
    return [one.passage() if isinstance(one, _Lines) else one for one in shown], numbers


def _holding(place: Mapping, places: Places, around: int) -> list[_Lines | Passage]:
    """What holds the words of one place: mostly one passage, several where they stand in several sections."""
    source = place["source"]
    words = [line for line in place["evidence"] if not line.lstrip().startswith("|")]
    rows = [line for line in place["evidence"] if line.lstrip().startswith("|")]
    found: list[_Lines | Passage] = []
    if rows:
        found.append(_table(source, rows, places, around) or _bare(source, rows, places))
    if words and (together := _running(source, words, places, around)):
        found.append(together)
    elif words:
        found += [_running(source, [line], places, around) or _bare(source, [line], places) for line in words]
    return found


def _bare(source: str, lines: Sequence[str], places: Places) -> Passage:
    """The words alone, where the material leaves their section or so wide a table out."""
    near = places.material.by_document.get(source)
    return Passage(source, near[0].title if near else Path(source).stem, (), _as_read(lines))


def _put(one: _Lines | Passage, shown: list[_Lines | Passage]) -> int:
    """Its place in `shown`: lines that touch others of their section are shown with those."""
    for at, other in enumerate(shown):
        if isinstance(one, _Lines) and isinstance(other, _Lines) and one.section is other.section \
                and {line + step for line in one.at for step in (-1, 0, 1)} & other.at:
            other.at |= one.at
            return at
        if one == other:
            return at
    shown.append(one)
    return len(shown) - 1


def _table(source: str, lines: Sequence[str], places: Places, around: int) -> Passage | None:
    """The rows under their header, with a neighbour where there is room."""
    wanted = [tuple(cells(line)) for line in lines]
    for grid in places.grids[source]:
        rows = [at for at, row in enumerate(grid.rows) if row in wanted]
        if grid.header in wanted and len(rows) == len(wanted) - 1:
            return passage_of(grid, sorted({*rows, *([min(rows[-1] + 1, len(grid.rows) - 1)] if around else [])}))
    return None


def _running(source: str, words: Sequence[str], places: Places, around: int) -> _Lines | None:
    """The lines with the words and their neighbours up to `around` characters; of a long list the head and the lines that count."""
    wanted = [_tight(line) for line in words]
    for section in places.clauses[source]:
        found = _Lines(section, set())
        held = [_run(found.lines, line) for line in wanted]
        if not all(held):
            continue
        found.at = set().union(*held)
        if found.lines[min(found.at)].startswith(tuple("0123456789-（(•")):
            found.at |= set([at for at in range(min(found.at)) if found.lines[at].endswith(("：", ":"))][-1:])
        length = sum(len(found.lines[at]) for at in found.at)
        while nearest := [at for at in (max(found.at) + 1, min(found.at) - 1)
                          if 0 <= at < len(found.lines) and length + len(found.lines[at]) <= around][:1]:
            found.at |= set(nearest)
            length += len(found.lines[nearest[0]])
        return found
    return None


def _run(lines: Sequence[str], wanted: str) -> range | None:
    """The fewest lines in a row that hold the words."""
    for size in range(1, len(lines) + 1):
        for first in range(len(lines) - size + 1):
            if wanted in _tight("".join(lines[first : first + size])):
                return range(first, first + size)
        if size == 1 and wanted not in _tight("".join(lines)):
            return None
    return None


def _idle(item: Mapping, helpful: Sequence[Passage], places: Places, topical: Sequence[Clauses], room: float,
          chance: random.Random) -> list[Passage]:
    """Passages of the same documents and topic that say nothing of the answer, as many as fit."""
    same = [section for one in item["places"] for section in places.clauses[one["source"]]]
    answered = [_MARK.sub("", sentence) for sentence in sentences(item["answer"])]
    chosen: list[Passage] = []
    wanted = chance.randint(1, MOST_IDLE)
    for _ in range(TRIES):
        # What the item's own documents leave open, another passage of theirs might say.
        pool = same if same and item["settled"] == "whole" and chance.random() < 0.4 else topical
        if len(chosen) == wanted or not pool:
            break
        section = chance.choice(pool)
        passage = section.passage(chance.randrange(len(section.units)), min(AROUND[0], int(room)))
        if _cost_of(passage) > room or len(passage.text) < SHORTEST_IDLE or passage.text.endswith(("：", ":")):
            continue
        if any(passage.text in other.text or other.text in passage.text for other in (*helpful, *chosen)):
            continue
        if close(passage.text, item["question"]) or any(says(passage.text, sentence) for sentence in answered):
            continue
        chosen.append(passage)
        room -= _cost_of(passage)
    return chosen


def _cost_of(passage: Passage) -> float:
    return _cost(passage.title + "".join(passage.headings[-1:]) + passage.text)


def _cost(*texts: str) -> float:
    """About how many tokens texts take in a conversation."""
    return sum(5 + tokens(text) for text in texts)


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", text)
