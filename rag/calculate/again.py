"""A sum asked once more with another figure or another way of paying: 改成20年呢, 利率降到1.25%呢, 换等额本金呢."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.calculate.asked import asked
from rag.calculate.stated import Figures, Stated
from rag.text.normalise import normalise

LONGEST = 40  # characters of a message that may only change a figure
_OWN = re.compile(r"吗|怎样|逾期|违约|申请|材料|条件|流程|办理|什么|哪|怎么|如何|能不能|可不可以|可以吗|为啥|谁|是不是|要不要|有没有|最多|最高|最低|上限|下限")
_ASKS = re.compile(r"多少|几(?!期|年|天)|算")
_OPENING = re.compile(r"^(?:那么?|要是|如果|假如|改成|换成|改|换|按|还有|再|要|是|若|提到|降到)+")
_TIMES = ("months", "days", "periods")
# of two ways one stands in the other's place
_WAYS = (("第一个月", "最后一个月"), ("首月", "末月"), ("首月", "最后一个月"), ("等额本息", "等额本金"), ("单独计税", "并入"), ("单独计税", "不单独"), ("月初", "月末"), ("月初", "月底"), ("个人", "单位"), ("单位", "个人"),
         ("等额本金", "等额本息"))


def again(earlier: Sequence[str], message: str) -> str:
    """The sum of the talk before with what the message changes; "" where it changes none. `earlier`: the customer's
    messages, oldest first."""
    if not earlier:
        return ""
    before = earlier[0]
    for said in earlier[1:]:
        before = _changed(before, said) or said
    return _changed(before, message)


def _changed(previous: str, message: str) -> str:
    previous, message = normalise(previous).rstrip("?。,!"), normalise(message)
    there, here = asked(previous), asked(message)
    if there is None or there.kind == "formula" or len(message) > LONGEST or _OWN.search(message):
        return ""
    if here and here.kind not in (there.kind, "formula") and not here.partial:
        return ""
    ways = [(old, new) for old, new in _WAYS if new in message and old in previous and new not in previous]
    figures = [one for one in Figures(message).all if not one.vague]  # 最后一个月 is no term
    if not figures and not ways:
        return ""
    if any(re.search(r"(?:多|少|再加|再减)(?:了|发|交|存|还|借|贷|付|买|投)?$", one.before) for one in figures):
        return ""  # 多发一千 changes a figure by so much
    put: list[tuple[Stated, Stated]] = []
    added: list[Stated] = []
    for one in figures:
        same = [f for f in there.figures.all if f.kind == one.kind and f not in [old for old, _ in put]]
        same = same or ([f for f in there.figures.all if f.kind in _TIMES] if one.kind in _TIMES else [])
        old = same[0] if len(same) == 1 else _alike(one, same)
        if old:
            put.append((old, one))
        elif same:
            return ""
        else:
            added.append(one)
    done = previous
    for old, new in sorted(put, key=lambda p: -p[0].start):
        done = done[: old.start] + new.raw + done[old.end :]
    for old, new in ways:
        done = done.replace(old, new if new not in ("并入", "不单独") else "")
    rest, start = [], 0
    for clause in re.split(r"(?<=[,。?!])", message):
        end = start + len(clause)
        new_here = any(start <= one.start < end for one in added)
        if _ASKS.search(clause) or new_here or re.search(r"并入|并在|合并|不单独", clause):
            for new in sorted((n for _, n in put if start <= n.start < end), key=lambda n: -n.start):
                clause = clause[: new.start - start] + clause[new.end - start :]
            rest.append(re.sub(r"呢$", "", _OPENING.sub("", clause.strip(",。?! "))))
        start = end
    merged = ",".join([done, *(r for r in rest if r)])
    now = asked(merged)
    return merged if now and now.kind == there.kind else ""


def _alike(one: Stated, others: Sequence[Stated]) -> Stated | None:
    """The figure whose words before it share most with the new one's, if only one does."""
    scored = sorted(((len(set(one.before[-6:]) & set(f.before[-6:])), -at, f) for at, f in enumerate(others)), key=lambda s: s[:2], reverse=True)
    return scored[0][2] if scored and scored[0][0] and (len(scored) == 1 or scored[0][0] > scored[1][0]) else None
