"""Tasks over words: which topic a question is of, how a piece of news feels, a reading answer with the passage's number."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

from training.data.licences import SYNTHETIC
from training.data.record import Record
from training.data.topics import TOPICS

_TOPIC = ("下面这个问题属于哪个主题？可选：{t}。只答主题名。\n{q}", "把客户的问题归类（{t}）：\n{q}", "问题分类，只输出一个类别名。\n类别：{t}\n问题：{q}")
_FEEL = ("判断这条消息对公司是利好、利空还是中性，只答一个词。\n{n}", "这条新闻的情感倾向是什么（利好／利空／中性）？\n{n}", "情感分析，只输出利好、利空或中性。\n消息：{n}")
_NEWS = {
    "利好": ("净利润同比增长{p}%，高于市场预期", "获得金额{m}亿元的长期订单", "宣布回购不超过{m}亿元股份", "主体信用评级由AA上调至AA＋", "新产品获批上市，产能将提升{p}%", "不良贷款率下降{s}个百分点", "拟每10股派发现金红利{m}元，创历史新高"),
    "利空": ("净利润同比下降{p}%，由盈转亏", "收到监管部门罚单，罚款{m}万元", "大股东拟减持不超过{s}%的股份", "债券未能按期兑付，涉及本金{m}亿元", "主要客户终止合作，预计影响收入{p}%", "因信息披露违规被立案调查", "不良贷款率上升{s}个百分点"),
    "中性": ("将于{d}日召开年度股东大会", "变更办公地址，联系电话不变", "公告董事会换届选举结果", "发布关于投资者接待日的通知", "完成工商变更登记", "聘任会计师事务所，聘期一年", "发布{d}月份业务数据披露时间安排"),
}
_CITED = ("请在回答后标出所依据资料的编号。", "回答后用[编号]注明出处。", "答案末尾写上资料编号，如[1]。")


def topic_question(question: str, topic: str, document: str, licence: str, chance: random.Random) -> Record | None:
    """A customer's question and which of the seven topics it is of."""
    if topic not in TOPICS:
        return None
    asked = chance.choice(_TOPIC).format(t="、".join(TOPICS), q=question)
    return Record(({"role": "user", "content": asked}, {"role": "assistant", "content": topic}), "classification", "", licence,
                  document, topic, "topic")


def news(count: int, places: Iterable[str], seed: int) -> Iterator[Record]:
    """Made-up news of made-up companies, good, bad and neither by construction."""
    chance = random.Random(f"{seed}/news")
    named = [f"{place}{kind}" for place in places for kind in ("银行", "证券", "保险", "科技", "能源", "医药", "地产", "食品")]
    for number in range(count):
        feeling = chance.choice(sorted(_NEWS))
        said = chance.choice(_NEWS[feeling]).format(p=chance.randint(5, 80), m=chance.randint(2, 60), s=f"{chance.randint(5, 300) / 100:g}", d=chance.randint(1, 12))
        asked = chance.choice(_FEEL).format(n=f"{chance.choice(named)}{said}。")
        yield Record(({"role": "user", "content": asked}, {"role": "assistant", "content": feeling}), "sentiment", "", SYNTHETIC,
                     f"synthetic/news/{number // 20}", "股票", "sentiment")


def place_of(record: Record) -> int | None:
    """The number of the one passage that a reading record's answer stands on; None where it stands on several."""
    found = [number for number, text in enumerate(record.passages, 1)
             if record.evidence and all(unit.split("\n")[-1] in text for unit in record.evidence)]
    return found[0] if len(found) == 1 else None


def with_citation(record: Record, place: int, chance: random.Random) -> Record:
    """A reading record whose answer ends with the number of the passage it stands on (the assistant takes marks off)."""
    asked, answer = record.messages[-2], record.messages[-1]
    more = {**asked, "content": f"{asked['content']}\n{chance.choice(_CITED)}"}
    return replace(record, messages=(*record.messages[:-2], more, {**answer, "content": f"{answer['content']}[{place}]"}), task="cited_reading")
