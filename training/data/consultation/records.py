"""Items as conversations: the assistant's own prompt over their passages, numbered anew, and a request for citations."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from training.chat import MAX_LENGTH
from training.data.consultation.checks import fault
from training.data.consultation.items import MARK
from training.data.consultation.passages import cost, cost_of, helpful_passages, idle_passages
from training.data.licences import OFFICIAL, OWN
from training.data.own_set import Places
from training.data.reading.draft import Passage
from training.data.reading.material import Clauses, Material
from training.data.record import Record
from training.data.render import reading_messages
from training.data.split import place as place_of_document

NAME, TASK = "own-consultation", "consultation"
REQUESTS = ("请用几句话说清楚怎么办、要注意什么，每句话后用[编号]注明出处。", "请分几句回答，每句标出所依据资料的编号；资料没写的请直说。",
            "请告诉客户该怎么做，逐句注明资料编号，如[1]。")
AROUND = (120, 60, 0)  # characters of running text a passage shows, the first that leaves room for others
LONGEST = 620  # estimated tokens of all passages
LEAST_IDLE = 60  # estimated tokens that a passage needs that does not help
_MARKS = re.compile(r"(?:\[\d+\])+")


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
        beside = cost(request, *(message["content"] for message in reading_messages(item["question"], [], item["answer"])))
        for around in AROUND:
            helpful, numbers = helpful_passages(item, places, around)
            taken = sum(map(cost_of, helpful))
            room = MAX_LENGTH - beside - taken
            if room >= LEAST_IDLE:
                break
        if taken > LONGEST:
            dropped["段落太长"] += 1
            continue
        # What does not fit MAX_LENGTH in any case is learnt by those who allow more.
        shown = [*helpful, *idle_passages(item, helpful, places, by_topic[item["topic"]], room if room > 0 else LONGEST - taken, chance)]
        order = list(range(len(shown)))
        chance.shuffle(order)
        yield _record(item, [shown[place] for place in order], [[order.index(place) + 1 for place in held] for held in numbers], request)


def _record(item: Mapping, shown: Sequence[Passage], numbers: Sequence[Sequence[int]], request: str) -> Record:
    """`numbers`: for each place of the item those of the passages shown that hold it."""
    answer = _MARKS.sub(lambda run: "".join(f"[{number}]" for number in sorted(
        {number for mark in MARK.findall(run[0]) for number in numbers[int(mark) - 1]})), item["answer"])
    system, asked, said = reading_messages(item["question"], [passage.cited(n) for n, passage in enumerate(shown, 1)], answer)
    # A document that is held out is held out of this too, whatever else is cited beside it.
    document = min((one["source"] for one in item["places"]), key=place_of_document)
    licence = OFFICIAL if all(one.get("law") for one in item["places"]) else OWN
    return Record((system, {**asked, "content": f"{asked['content']}\n{request}"}, said), TASK, NAME, licence, document,
                  item["topic"], item["settled"], evidence=tuple(line for place in item["places"] for line in place["evidence"]))
