"""A follow-up becomes a question that stands alone, by rules: what it leaves out is taken from the talk before it.

It may put another thing in the place of the one that was asked about (福满溢呢, 换成计划二, 二级的呢), ask something else of
the same thing (那逾期呢, 它几号还款), ask for the rest (还有呢), or give what the assistant asked for (20年).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.answer.kinds import same_ending, swapped
from rag.answer.labels import partner
from rag.answer.referent import PRODUCT, Groups, Names, names_in, place_of, referent
from rag.answer.result import Turn
from rag.text.figures import find_figures
from rag.text.normalise import normalise
from rag.text.tokens import bigrams, content_words

_LEANS = re.compile(r"^(那|那么|然后|还有|另外|再|它|他|她|这|该|此|上述|其中|如果是|要是|换成|和上|跟上|同样|同岁|其他)|呢[？?]?$|[，,](他|她)(?!们)")
_ASKING = re.compile(r"(是|要|有)?(多少|几个月|几年|几天|几|多久|多长时间|多长|什么|哪些|怎么办|怎么|如何|吗|呢|么|啊|呀)+[？?。]?$")
_ASKS = re.compile(r"多少|几|多久|多长|什么|哪|怎么|如何|谁|吗[？?。]?$|啥|是否|能不能|可不可以|要不要|有没有")
_OPENING = re.compile(r"^(那么|那(?!个|款|种|张|只|份)|然后|还有|另外|再|所以|哦|嗯|好的?)[，,\s]*")
_INSTEAD = re.compile(r"^(如果是|要是|换成|换做|改成|假如是)")
_CLOSING = re.compile(r"(是多少|多少钱?|怎么样|行吗)?(的?[呢咧])?[？?。！!]*$")
_REST = re.compile(r"^(还有|其他|其它|另外|剩下)的?(呢|吗|别的|哪些|什么|其他|其它|没有?|的)*[？?]?$")
_BOTH = re.compile(r"它们|它俩|[这那]两个|两者|二者|[这那]两[款种只张]|这俩")
_LATTER, _FORMER = re.compile(r"后一个|后者"), re.compile(r"前一个|前者")
_LAST_BUT_ONE = re.compile(r"上(?:面那)?一?[个款只种张](?!月|年)|前(?:面那)一?[个款只种张]|之前(?:那|说的)[个款只种张]?")
_IT = re.compile(r"它|该产品|[这那](?:一)?[款只张份](?!\w*[?？]$)|[这那]个(?:产品|保险|基金|贷款|卡|理财|钱)?(?!月|年)|刚才(?:说|提|讲)的?(?:到的)?(?:那个)?")
_PAIR = re.compile(r"([^，,。？?]{2,16}?)(?:和|跟|与|同|比)([^，,。？?]{2,16}?)(?=的|哪|谁|各|分别|差|比|最|[，,。？?]|$)")
_WOMAN, _MAN = re.compile(r"女|老婆|妻子|太太|媳妇|妈|姐|妹"), re.compile(r"男|老公|丈夫|爸|哥|弟|儿子")
_QUANTITY = re.compile(r"\d|[一二两三四五六七八九十半]+个?(年|岁|月|万|天|期|次)")
_ANOTHER = re.compile(r"^(?P<thing>[^，,。？?]{2,12}?)呢[，,]\s*(?P<asked>.+)$")  # 福满金世呢，能改几次
_THAT = re.compile(r"[那这]一?[个只款张份种](?!月|年)")
_SWAPPED = re.compile(r"^(?:(?:如果是|要是|换成|换做|改成|假如是)(?P<thing>[^，,。？?]{2,12}?)|(?P<that>[^，,。？?它那这]{2,8}?)[那这][个只种款档])"
                      r"(?:是|要|有)?(?:多少|几)[天年元块月次岁成个]{0,2}[呢啊]?[？?]?$")
_SOMEBODY = re.compile(r"^(那)?我|[，,][他她]")
_MATTER = re.compile(r"(率|费|费用|金额|额度|限额|期限|条件|材料|流程|方式|时间|比例|年龄|[待豫限]期)$")  # is asked of a thing, is none
_PARTY = re.compile(r"(?:公司|银行|机构|单位|交易所|法院)$")  # who acts is not yet what is asked about
_DETAIL = re.compile(r"^(?:的)?(?:利息|利率|费用|手续费|期限|额度|条件|材料|流程|时限|次数)(?:是|要)?(?:多少|几|什么|哪些|怎么算|多久|多长)?[呢么吗]?[？?]?$")
_TWO = re.compile(r"^(?:[这那]?两[个款种只张者]|它们|[它这那]俩|二者)")
_WHICH = re.compile(r"^(?:[这那]?两[个款种只张者]|它们|[它这那]俩|二者)?(?:哪(?:一)?[个款种只张家]|谁)(?!月|年)")
PARTS = 3  # of the talk before that a question is read into: its opening and the last two
MANY_WORDS = 8  # a question with so many words of its own stands alone unless it points by 它 or 刚才说的
SHORT = 12  # characters of an answer to what was asked back


def standalone(question: str, history: Sequence[Turn], name_in: Names = lambda _: "",
               groups: Groups = lambda _: ()) -> str:
    """The question, with what it leaves out taken from the talk before it; unchanged where it leaves out nothing.

    `name_in` gives the words of a text that name a document, `groups` the names of one kind in the tables found for a
    text: they tell that 普卡 is asked for instead of 金卡.
    """
    earlier = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    figures = only_figures(question)
    if not earlier or not (figures or leans(question) or _WHICH.search(_OPENING.sub("", question))):
        return question
    before = [Turn("user", text) for text in earlier[:-1]]
    previous = _before(earlier, name_in, groups)
    if figures:
        return swapped(previous, question) or f"{previous.rstrip('？?。')}，{question}"
    if _REST.search(question):
        return previous
    if both := _of_two(question, earlier, previous, name_in, groups):
        return both
    new = _by_its_name(_OPENING.sub("", question) or question, name_in)
    if (other := _ANOTHER.match(new)) and (base := _instead(previous, other["thing"], name_in, groups)):
        return f"{base.rstrip('？?。')}，{other['asked']}"
    if (other := _SWAPPED.match(new)) and (base := _instead(previous, other["thing"] or other["that"], name_in, groups)):
        return base  # 换成乐享行是多少天呢
    pointed = _pointed(new, previous, before, name_in, groups)
    if pointed != new:
        return pointed
    if any(_has_matter(new, name) for name in names_in(new, name_in)):
        return question
    return _instead(previous, new, name_in, groups) or _of_the_same(previous, new, question, name_in, groups)


def readings(question: str, history: Sequence[Turn], name_in: Names = lambda _: "",
             groups: Groups = lambda _: ()) -> list[str]:
    """The ways a question may be meant, the likeliest first: one where it is clear, two where only the documents tell.

    多久能拿到这笔钱 says neither 那 nor 它, and names nothing: it may go on with the matter before it or open another.
    """
    alone = standalone(question, history, name_in, groups)
    earlier = [turn for turn in history if turn.role == "user" and turn.content.strip()]
    if alone != question or not earlier or len(content_words(question)) > MANY_WORDS:
        return [alone]
    if any(PRODUCT.search(name) for name in names_in(question, name_in)):
        return [alone]
    previous = _before([turn.content for turn in earlier], name_in, groups)
    subject = referent(previous, name_in, groups)
    subject = subject if subject and not _PARTY.search(subject) else _subject(previous, question)
    if _SOMEBODY.search(question) or subject in question:
        subject = _subject(previous, question)
    return [question, f"{subject}，{question}"] if subject else [question]


def _before(earlier: Sequence[str], name_in: Names, groups: Groups) -> str:
    """The customer's last question as it stands alone, read into the talk where it names nothing itself."""
    ways = readings(earlier[-1], [Turn("user", text) for text in earlier[:-1]], name_in, groups)
    return ways[0] if names_in(earlier[-1], name_in) else ways[-1]


def leans(question: str) -> bool:
    """Whether a question cannot be understood without the one before it."""
    own = content_words(question)
    return points(question) or (bool(_LEANS.search(question)) and len(own) <= MANY_WORDS) or len(own) <= 1


def points(question: str) -> bool:
    """Whether it points at something said before: 它, 后一个, 刚才说的."""
    return any(p.search(question) for p in (_IT, _BOTH, _LATTER, _FORMER, _LAST_BUT_ONE))


def only_figures(message: str) -> bool:
    """Whether a message says nothing but figures: 20年, 30万, 按3.1%算."""
    text = normalise(message).strip()
    figures = find_figures(text)
    if not figures or len(text) > SHORT or text.endswith(("呢", "呢?")):
        return False
    rest = text
    for figure in figures:
        rest = rest.replace(figure.raw, "", 1)
    return not re.sub(r"[按用是就的算吧元块左右大概约年化利率期限金额本贷存借分\W]", "", rest)


def _pointed(new: str, previous: str, before: Sequence[Turn], name_in: Names, groups: Groups) -> str:
    """The question with the words it points by (它, 后一个, 上一个) replaced by what they point at; else unchanged."""
    pair = _PAIR.search(previous)
    members = [part.strip() for part in pair.groups()] if pair else []
    about = referent(previous, name_in, groups)
    now = new
    if members:
        now = _FORMER.sub(members[0], _LATTER.sub(members[1], now))
    if _BOTH.search(now):
        return _BOTH.sub("和".join(members) if members else about or _subject(previous, new), now)
    if _LAST_BUT_ONE.search(now) and before:
        others = (referent(turn.content, name_in, groups) for turn in reversed(before))
        other = next((name for name in others if name and name not in about and about not in name), "")
        now = _LAST_BUT_ONE.sub(other, now) if other else now
    if _IT.search(now) and about:
        now = _IT.sub(about, now, count=1)
    elif _IT.search(now) and now == new:
        subject = _subject(previous, new)
        now = f"{subject}，{new}" if subject else new
    return now


def _by_its_name(new: str, name_in: Names) -> str:
    """臻享那只呢 is 臻享呢: it points at what it names."""
    for name in names_in(new, name_in):
        end = place_of(name, new) + len(name)
        if pointing := _THAT.match(new, end):
            new = new[:end] + new[pointing.end() :]
    return new


def _of_two(question: str, earlier: Sequence[str], previous: str, name_in: Names, groups: Groups) -> str:
    """哪个划算 after two things were asked about: said of both; "" where it names one itself or only one was."""
    if not _WHICH.search(_OPENING.sub("", question)) or names_in(question, name_in):
        return ""
    last = referent(previous, name_in, groups)
    for end in range(len(earlier) - 1, 0, -1):
        other = referent(_before(earlier[:end], name_in, groups), name_in, groups)
        if last and other and other not in last and last not in other:
            return f"{other}和{last}{_TWO.sub('', _OPENING.sub('', question))}"
    return ""


def _has_matter(new: str, named: str) -> bool:
    """Whether a question that names something also says what it asks of it."""
    rest = normalise(new).replace(normalise(named), "")
    return bool(_ASKS.search(rest)) and len(content_words(_ASKS.sub(" ", rest))) > (0 if PRODUCT.search(named) else 1)


def _instead(previous: str, new: str, name_in: Names, groups: Groups) -> str:
    """The previous question asked of another thing: the new one in the place of the one of its kind; "" where none is."""
    thing = _CLOSING.sub("", _INSTEAD.sub("", new)).strip(" ，,")
    if not thing or (_ASKS.search(thing) and not _INSTEAD.search(new) and "，" not in thing):
        return ""
    found = _of_its_kind(previous, thing, name_in, groups)
    for old, other in (("男", _WOMAN), ("女", _MAN)):
        if old in previous and other.search(thing):
            found = (found or previous).replace(old, "女" if old == "男" else "男")
    if not found:
        return ""
    return f"{found.rstrip('？?。')}，{new}" if _own(thing, found) else found


def _of_its_kind(previous: str, thing: str, name_in: Names, groups: Groups) -> str:
    matter = bool(_MATTER.search(thing))
    here, there = names_in(thing, name_in), names_in(previous, name_in)
    if not matter and here and there and len(thing) <= len(here[0]) + 6:  # 福满溢
        most = max(there, key=lambda name: len(set(name) & set(here[0])))
        return _replaced(previous, most, thing)
    if not matter and (about := referent(previous, name_in)) and referent(thing, name_in) == thing:  # 中证红利ETF联接A
        return _replaced(previous, about, thing)
    for name in there:  # Plus, after 安心行: a product's name goes on
        if not here and normalise(name_in(name + thing)) == normalise(name + thing):
            return _replaced(previous, name, name + thing)
    found = swapped(previous, thing)
    if found:
        return found
    old, name = partner(normalise(previous), normalise(thing), groups(f"{previous} {thing}"))
    if old:
        at = place_of(name, thing)
        return _replaced(previous, old, thing[at : at + len(name)])
    old = same_ending(previous, thing)
    return _replaced(previous, old, thing) if old and not any(old in name for name in there) else ""


def _own(thing: str, found: str) -> list[str]:
    """Words of the new question that the one put together does not say yet."""
    known, plain = set(bigrams(found)), normalise(found)
    return [w for w in content_words(thing) if w not in plain and not set(bigrams(w)) <= known and len(w) > 1
            and not re.fullmatch(r"[\d.]+|同.*|女.?|男.?|岁数|年纪|年龄", w)]


def _of_the_same(previous: str, new: str, question: str, name_in: Names, groups: Groups) -> str:
    """The new question asked of what the previous one is about."""
    about = referent(previous, name_in, groups)
    if about and place_of(about, new) >= 0:
        return question
    if about and _DETAIL.search(new):  # the interest of the loan on a policy, not of the policy
        matter = _ASKING.sub("", previous).replace(about, "").strip(" ，,")
        if matter and not _MATTER.search(matter) and (whole := _subject(previous, question)):
            return f"{whole}，{new}"
    another_case = _SOMEBODY.search(new) or (_QUANTITY.search(new) and not _ASKS.search(new))
    alone = about and content_words(new) and not another_case and not _PARTY.search(about)
    subject = about if alone else _subject(previous, question)
    return f"{subject}，{new}" if subject else question


def _replaced(text: str, old: str, new: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    at = place_of(old, text)
    return text[:at] + new + text[at + len(old) :] if old and at >= 0 else ""


def _subject(previous: str, question: str) -> str:
    """What the previous question is about: its words before the asking ones."""
    parts = previous.strip().split("，")
    text = "，".join(parts if len(parts) <= PARTS else [parts[0], *parts[1 - PARTS :]])
    text = _ASKING.sub("", text).strip(" ，,。？?")
    return text if text and text not in question else ""
