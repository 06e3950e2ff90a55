"""Why a conversation is not learnt from: language and quality, one reason each, so that they can be counted."""

from __future__ import annotations

import re
from collections import Counter

from training.data.cleaning import broken
from training.data.record import Record

LEAST_CHINESE = 0.5  # share of an answer's letters that are Chinese
SHORTEST_QUESTION, LONGEST_TURN = 3, 4000  # characters
REPEATED = 0.3  # share of an answer that one run of eight characters may fill
NOT_PROSE = ("multiple_choice", "extraction", "classification", "sentiment", "calculator", "refusal", "reading", "rewriting")
_REFUSES = re.compile(r"(?:作为|我是)(?:一个|一名|一款)?(?:AI|人工智能|语言模型)|我无法(?:提供|回答|访问)|抱歉，我(?:不能|无法)|I'm sorry|As an AI", re.IGNORECASE)
_PROMISES = re.compile(r"稳赚不赔|保证(?:收益|盈利|赚钱)|内幕消息|必涨|加我?微信|扫码|代办贷款包过")
_CUT = re.compile(r"[，、：；,（(“的和与或]$")


def reason(record: Record) -> str:
    """Why the record is dropped; empty where it is kept."""
    question, answer = record.question.strip(), record.answer.strip()
    if not answer:
        return "没有答案"
    if len(question) < SHORTEST_QUESTION:
        return "问题太短"
    if any(len(m["content"]) > LONGEST_TURN for m in record.messages):
        return "太长"
    if broken(question + answer):
        return "乱码"
    if chinese_share(answer) < LEAST_CHINESE and record.task not in NOT_PROSE:
        return "不是中文"
    if chinese_share(question) < LEAST_CHINESE / 2:
        return "问题不是中文"
    if _squeezed(answer) == _squeezed(question) and record.task != "rewriting":
        return "答案照抄问题"
    if _repeats(answer):
        return "自我重复"
    if _REFUSES.search(answer):
        return "机器口吻的推辞"
    if promises(answer):
        return "违规承诺或广告"
    if record.task not in NOT_PROSE and len(answer) > 40 and _CUT.search(answer):
        return "话没说完"
    return ""


def promises(text: str) -> bool:
    """Whether a text promises gains or advertises, and does not warn of it."""
    return bool(_PROMISES.search(text)) and not re.search(r"不|禁|防|骗|警惕|违", text)


def chinese_share(text: str) -> float:
    """Share of Chinese characters among letters; 1.0 where there are no letters."""
    letters = [char for char in text if char.isalpha()]
    return sum("㐀" <= char <= "鿿" for char in letters) / len(letters) if letters else 1.0


def _squeezed(text: str) -> str:
    return re.sub(r"\W", "", text)


def _repeats(text: str) -> bool:
    """Whether eight characters come again and again."""
    runs = [text[i : i + 8] for i in range(0, len(text) - 8)]
    if len(runs) < 40:
        return False
    most = Counter(runs).most_common(1)[0][1]
    return most >= 4 and 8 * most > REPEATED * len(text)
