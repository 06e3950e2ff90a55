"""Personal data of real people out of what is learnt: what the assistant masks, and the names people sign with."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.text.personal import mask_personal
from training.data.record import Record

_NAME = r"[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳史唐薛雷贺倪汤罗毕郝安常于傅康伍余顾孟黄萧尹姚邵汪毛戴宋熊纪舒项祝董梁杜阮蓝季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍虞万管卢莫房丁邓洪石崔龚程陆荣翁段侯白刘叶黎乔谭温庄晏瞿阎连习艾易廖耿欧关肖][一-鿿]{1,2}"
# 此致敬礼 / 2024年3月5日 / ——张三, and 承办律师：李四 at the end of a reply
_SIGNED = re.compile(rf"(?P<lead>(?:此致\s*敬礼[!！。]?\s*|(?:签名|签字|落款|署名|回复人|答复人|经办人|咨询律师|承办律师|律师|客服专员|作者)\s*[:：]\s*|——\s*))(?P<name>{_NAME})(?=\s*(?:$|\n|律师|\d{{4}}年))", re.MULTILINE)
_LAWYER = re.compile(rf"(?P<lead>(?:我是|本人是?))(?P<name>{_NAME})(?=律师)")


def masked(text: str) -> str:
    """The text with identity and card numbers, phones, mail addresses and the names of those who sign masked."""
    for pattern in (_SIGNED, _LAWYER):
        text = pattern.sub(lambda m: m["lead"] + m["name"][0] + "*" * (len(m["name"]) - 1), text)
    return mask_personal(text)


def without_personal(record: Record) -> tuple[Record, int]:
    """The record with every text of it masked that is written down, and how many of its messages changed."""
    messages = tuple({**message, "content": masked(message["content"])} for message in record.messages)
    changed = sum(new["content"] != old["content"] for new, old in zip(messages, record.messages, strict=True))
    return replace(record, messages=messages, evidence=tuple(map(masked, record.evidence)), document=masked(record.document),
                   source=masked(record.source)), changed
