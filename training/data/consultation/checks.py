"""Whether an item is right: each sentence against the places that it cites, by the checks that the assistant's own pass.

Nothing is repaired here: an item that fails is dropped, and its reason counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.answer.grounding import faults
from rag.text.figures import unsupported
from training.data.consultation.items import MARK, sentences
from training.data.consultation.passages import as_read
from training.data.filters import promises

SHORTEST_QUESTION, LONGEST_QUESTION = 10, 160
LONGEST_ANSWER, FEWEST, MOST = 360, 3, 6  # characters, sentences
_LEFT_OPEN = re.compile(r"资料(?:里|中)?(?:都|也)?(?:没有|没|未|只)")
_WHOM = re.compile(r"问|经办|窗口|咨询|核实|联系|拨打|投诉|报警|律师|客服|柜面|网点")
_ADVISES = re.compile(r"(?:建议|推荐|劝)(?:您|你)?(?:现在|尽快|赶紧|继续|先)?(?:买|卖|赎回|持有|加仓|减仓|补仓|清仓|抄底)|值得(?:买|卖|投)|"
                      r"(?:一定|肯定|必然|包)(?:能|会)?(?:赚|涨|回本|批下来|赔)")


def fault(item: Mapping) -> str:
    """Why the item may not be learnt, one short reason; empty where it may."""
    question, answer, places = item["question"], item["answer"], item["places"]
    said = sentences(answer)
    if not SHORTEST_QUESTION <= len(question) <= LONGEST_QUESTION:
        return "问题长度"
    if len(answer) > LONGEST_ANSWER or not FEWEST - (item["settled"] == "none") <= len(said) <= MOST:
        return "答案长度"
    if _ADVISES.search(answer) or any(map(promises, said)):
        return "荐买荐卖或许诺"
    cited = {int(mark) for mark in MARK.findall(answer)}
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
    marks, words = sorted({int(mark) for mark in MARK.findall(sentence)}), MARK.sub("", sentence)
    if not marks:
        if not _LEFT_OPEN.search(words) and not _WHOM.search(words):
            return "有话没有注明出处"
        return "没有出处的数字" if unsupported(words, [question], question, strict=False, places=False) else ""
    strong = [f"{Path(places[mark - 1]['source']).stem}\n{as_read(places[mark - 1]['evidence'])}" for mark in marks]
    if found := faults(words, strong, question):
        return "用词不在依据里" if "用词" in found[0] else re.split(r"[：%]", found[0])[0]
    return ""
