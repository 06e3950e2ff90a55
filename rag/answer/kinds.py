"""Cases of one kind by their form alone: 20年 and 30年, 二级 and 四级, A款 and C款, 主板 and 创业板, 第十年 and 第20年."""

from __future__ import annotations

import re
import unicodedata

from rag.text.tokens import content_words

_N = r"(?:\d[\d,.]*|[一二两三四五六七八九十百半]+)"
_FREE = r"(?<![\d第])"  # not the end of a longer number, nor an ordinal
_KINDS = tuple(re.compile(pattern) for pattern in (
    rf"第{_N}个?(?:保单|交易)?(?:年度|年)",
    rf"第{_N}(?:次|档|款|条)",
    r"(?:19|20)\d\d年(?:度|版)?|(?:19|20)\d\d版",
    r"[一二三四五六七八九十]级[甲乙丙]等",
    r"[一二三四五六七八九十]级(?![甲乙丙])",
    r"[首一二三]套",
    r"[\u4e00-\u9fff](?![新旧老原])[\u4e00-\u9fff]版(?!本)",
    r"[\u4e00-\u9fff](?![存贷还借放付])[\u4e00-\u9fff]款(?![项式人])",
    r"[甲乙丙丁]档",
    r"(?<![A-Za-z])(?:[A-Za-z](?:类|款|档|级)|[A-Z](?![A-Za-z0-9股+]))",
    rf"(?:计划|方案){_N}",
    r"(?<![A-Za-z])[CR][1-5](?!\d)",
    rf"{_FREE}{_N}(?:周?岁)",
    rf"{_FREE}{_N}年半?(?![级度版])",
    rf"{_FREE}{_N}个月",
    rf"{_FREE}{_N}(?:天|日)(?!元)",
    rf"(?<!\d)第?{_N}期",
    rf"(?<!\d){_N}(?:万|亿)元?",
    rf"(?<!\d){_N}(?:元|块)",
    rf"(?<!\d){_N}%",
))
_SUM = r"(?:[\d,.]+|[一二两三四五六七八九十百]+)[千万]?(?:多|来块|出头)?(?:元|块)?"
_SUM_OF = re.compile(rf"(保费|本金|金额|余额|收入|工资|月薪|保额|额度)(?:要|如果|假如)?(?:是|有|到)?({_SUM})(?![%年月天日期岁个])")
_TERM = re.compile(rf"{_FREE}{_N}(?:年期?|个月|期|天)(?![级度版])")  # 两年期 and 36期
LONGEST = 6  # characters of a word that may stand in another's place


def swapped(previous: str, new: str) -> str:
    """The previous question with its case replaced by the new one's of the same kind; "" where they share no kind.

    A sum takes the place of one of the same thing (保费6000, 保费三千多), a term that of one in another unit.
    Each kind counts only where either text holds exactly one of it: of two years nobody can say which is meant.
    """
    done, new = unicodedata.normalize("NFKC", previous), unicodedata.normalize("NFKC", new)
    changed = False
    for kind in _KINDS:
        if put := _put(kind, done, new):
            done, new = put
            changed = True
    if (here := _SUM_OF.search(new)) and (there := _SUM_OF.search(done)) and here[1] == there[1] and here[2] != there[2]:
        done, changed = done[: there.start(2)] + here[2] + done[there.end(2) :], True
    if not changed and (put := _put(_TERM, done, new)):
        done, changed = put[0], True
    return done if changed else ""


def _put(kind: re.Pattern[str], done: str, new: str) -> tuple[str, str] | None:
    """(the previous question with the new one's case of a kind, the new one without it); None unless each holds one, and not
    the same."""
    here, there = list(kind.finditer(new)), list(kind.finditer(done))
    if len(here) != 1 or len(there) != 1 or here[0].group() == there[0].group():
        return None
    return (done[: there[0].start()] + here[0].group() + done[there[0].end() :],
            new[: here[0].start()] + "，" + new[here[0].end() :])


def same_ending(previous: str, thing: str) -> str:
    """The word of the previous question that ends as a short thing does (主板 for 创业板, 犹豫期 for 宽限期); "" for none."""
    if not 2 <= len(thing) <= LONGEST:
        return ""
    alike = [w for w in content_words(previous) if w[-1] == thing[-1] and w[-1] not in "了着过的" and 2 <= len(w) <= LONGEST and w != thing]
    longest = [w for w in alike if not any(w != other and other.endswith(w) for other in alike)]
    if not longest and len(thing) > 2:  # 中型股, which no dictionary has, for 小型股
        longest = list(dict.fromkeys(re.findall(rf"[\u4e00-\u9fff]{{{len(thing) - 2}}}{re.escape(thing[-2:])}", previous)))
    return longest[0] if len(longest) == 1 and thing not in previous else ""
