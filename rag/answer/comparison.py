"""Which things a question compares, and the question it asks of each: A和B的手续费哪个低, X与Y的等待期分别多少.

Rules only. A connector (和, 跟, 与, 比, 、) must be followed by a word that compares (哪个, 谁, 各多少, 分别, 差多少, 区别); where
each name begins and ends is told by the documents' names, by the names of one kind in their tables, and by the two
names' likeness (A款 and C款, 稳健型 and 进取型).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.comparison_words import ASKED_MORE, CUE, MORE, SAME, STOP, THAN, of_each
from rag.answer.labels import Group
from rag.answer.referent import Groups, Names, names_in, referent
from rag.index.asked import OF_MONTH
from rag.text.normalise import normalise

_CONNECTOR = re.compile(r"以及|还是|相比|对比|[和跟与同、]|比(?![较例率重值])|\bvs\.?\b", re.IGNORECASE)
_OPENING = re.compile(r"^(?:(?:请问|我?想(?:问问?|知道|了解)(?:一下)?|问一下|那么?|帮我?看看|听说|据说|我?想?(?:比(?:一?比|较)|对比)(?:一?下)?(?!基准))[，,\s]*)+")
_STORY = re.compile(r"^(?:我|咱|俺|最近|买了|想|打算|准备|手[里上])")  # what a customer tells of himself is not what is compared
_TAIL = re.compile(  # what stands behind a name: 传家福这两款增额寿, 征缴条例说, 富鸿金生比
    r"(?:(?:[这那][两二俩三]|[两俩])(?:个(?!月)|款|种|只|份|家|部|张|笔|者)(?:人|产品|[^的，,]{0,6}(?:险|寿|贷款?|卡|基金|债券?|法))?|(?<=[法例则])里?面?[说写讲]|(?<=[法例则])里?面?(?:规定|要求)|比|相比|的)$")
_ISSUE = re.compile(r"[这那](?:一?[期只款个份支笔张家]|回)(?:债券?|产品|保险|险|基金|合同|公司|银行)?$")  # 广晟这期债
_ASKS_EACH = re.compile(r"多少|几(?!乎)|多[大久长高]|(?<![成首])都[^，,。？?]{1,20}[吗么]")
_BOTH = re.compile(r"(?<=[，,])[这那]?(?:两|二)(?:个|款|家|种|者|部|份|只)(?:产品)?的?|(?<![成首])都(?=[^，,。？?]{1,20}[吗么])")
_BEFORE_AFTER = re.compile(r"(?:修订|修正|修改|调整|涨价|降价|改版|新规|变更|更新)前后|新[旧老](?!能)")
_YEAR_OF = r"(?:(?:20)?\d\d版?)?"
_EDITIONS = re.compile(  # 老版23和新版25, 新版旧版, 老章程和新章程
    rf"(?P<one>[新旧老])(?:版|(?P<thing>章程|条款|规则|办法|规定|合同|协议|标准|政策|条例|产品|公告|细则)){_YEAR_OF}(?:和|跟|与|同|比|、)?(?P<other>[新旧老])(?:版|(?P=thing)){_YEAR_OF}")
_KIND = re.compile(rf"(?:[A-Za-z](?:类|款|档|份额)|(?:20\d\d(?:年?(?:那|的)?版|年?(?:新?修[订正改]|新?改)(?=的)|年?[末底度]|年?)|[新旧老]版)|计划[一二三]|[一二三四五六七八九十]级|[一二三四五六七八九十\d]+(?:年期?|个月|期|天)|{OF_MONTH}(?=[和跟与、]|的?(?:公告|那|这|各|分别|差)|$)|[首二三]套|[男女]性?|[CR][1-5])")
_OF_A_NAME = re.compile(r"(?:终身|定期|两全|年金|养老|重疾|医疗|意外|护理|财产|责任|万能|分红|增额)*(?:寿?险|寿|年金|医疗|两全|账户|理财|基金|贷款?|卡)")  # behind 太保团体百万, 爱家守护
_OF_AN_EDITION = re.compile(r"(?:(?:20)?\d\d年?|[新旧老])版")  # behind 屿享贷
_SHORT_EDITION = re.compile(r"(?<!\d)([012]\d)年?(?=版)")  # 24版 is of 2024
_OF_CENTURY = re.compile(r"20([012]\d)年?版")
_ADJACENT = re.compile(r"([A-Za-z])([款类])([A-Za-z])\2")
_OF_ITS_KIND = re.compile(r"(?:(?![每各都一最能要可怎多几分的])[一-鿿]){2,6}?(?:贷款?|信用卡|卡|基金|存款|年金|(?<!保)险)(?=每|各|都|一|最|能|要|可|怎|多|几|分别)")
_CLAUSE = re.compile(r"[，,。？?：:；]")
_AND_THAT = re.compile(r"^(.{6,}?)[，,？?；;]\s*(?:那么?|而|至于)?([^，,？?；;]{2,18}?)的?呢[？?]?$")  # 2016版对高管怎么处罚，2023版呢？
LONGEST_NAME = 18
MOST = 3


@dataclass(frozen=True)
class Comparison:
    """`members` are named as the question names them; `questions` ask each for itself. `more` is the word that compares
    (高, 便宜 …), "" where it only asks for both; `difference`: how much they differ is asked; `sameness`: whether."""

    members: tuple[str, ...]
    questions: tuple[str, ...]
    more: str = ""
    difference: bool = False
    sameness: bool = False
    question: str = ""

    def shown(self, member: str) -> str:
        """A member as the question says it: 22版 or 22年版 of 2022版."""
        shorter = (_OF_CENTURY.sub(form, member) for form in (r"\1版", r"\1年版"))
        return member if member in self.question else next((short for short in shorter if short in self.question), member)


def comparison(question: str, name_in: Names = lambda _: "", groups: Groups = lambda _: ()) -> Comparison | None:
    """What a question compares; None where it compares nothing, or nothing that can be told apart."""
    text = unicodedata.normalize("NFKC", question).strip()
    text = "".join(_OPENING.sub("", clause) for clause in re.split("(?<=[，,。;；])", text))
    text = _SHORT_EDITION.sub(r"20\1", _ADJACENT.sub(r"\1\2和\3\2", text))
    found = _of_two_times(text) or _and_that(text, name_in) or _of_two_things(text, name_in, groups)
    if found is None:
        return None
    members, questions = found
    behind = text[max(text.rfind(member) + len(member) for member in members) :] if all(m in text for m in members) else ""
    more = ASKED_MORE.search(text)
    than = re.search(MORE, behind) if THAN.search(behind) else None
    word = more.group(1) if more else than.group() if than else ""
    return Comparison(members, questions, re.sub(r"^更|一?[些点]$", "", word),
                      bool(re.search(r"差(?:多少|几)|相差|差了|" + MORE + r"(?:了|出)?(?:多少|几)", text)),
                      bool(re.search(f"不一样|{SAME}", text)), unicodedata.normalize("NFKC", question))


def _of_two_times(text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """反洗钱法修订前后, 定投新版和老版: what held before, and what holds now."""
    if found := _of_two_editions(text):
        return found
    match = _BEFORE_AFTER.search(text)
    if not match or not _asks_behind(text, match.end()):
        return None
    before, after = text[: match.start()], of_each(text[match.end() :])
    if match.group().startswith("新"):  # 临时冻结的时间，新老反洗钱法有啥不一样
        before, context = "", f"，{before.rstrip('，,')}" if before else ""
        name = (STOP.search(after) or re.search("$", after)).start()
        after = f"{after[:name]}{context}{after[name:]}"
    return ("原来", "现在"), (f"以前的{before}{after}", f"现行{before}{after}")


def _asks_behind(text: str, end: int) -> bool:
    """Whether what stands behind the two times compares them, or asks for a value."""
    return bool(CUE.search(text, end) or re.search(r"多少|几|怎么", text[end:]))


def _of_two_editions(text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """定投新版和老版: each is asked of by its own time, which chooses the edition."""
    match = _EDITIONS.search(text)
    if not match or (match["one"] == "新") == (match["other"] == "新") or not _asks_behind(text, match.end()):
        return None
    before, thing, asked = text[: match.start()], match["thing"] or "", of_each(text[match.end() :])
    whole = f"{before}{thing}{asked}"
    if before.endswith(("，", ",")):
        if _ASKS_EACH.search(before):  # 几天内要补，老版新版合同差多少
            thing, asked = thing + re.sub(r"(?:相?差|差了)?(?:多少|几)?[呢啊]?[？?]?$", "", asked), ""
        whole = f"{thing}，{before.rstrip('，,')}{asked}"
    return ("老版", "新版"), (f"以前的{whole}", f"现行{whole}")


def _and_that(text: str, name_in: Names) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """传家宝的宽限期几天，传家福呢？: the same is asked of another."""
    match = _AND_THAT.match(text)
    if not match:
        return None
    first, other = match.group(1), match.group(2)
    if _KIND.fullmatch(other):
        one = next((m.group() for m in _KIND.finditer(first) if m.group()[-1] == other[-1] and m.group() != other), "")
    else:
        named = names_in(other, name_in)
        one = next(iter(names_in(first, name_in)), "") if named and other.startswith(named[0]) else ""
    return ((one, other), (f"{first}？", f"{first.replace(one, other, 1)}？")) if one and one != other else None


def _of_two_things(text: str, name_in: Names, groups: Groups) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    for match in _CONNECTOR.finditer(text):
        cue = CUE.search(text, match.end()) or THAN.match(text[match.end() :])
        if not cue and not _ASKS_EACH.search(text, match.end()):
            continue
        start = max((m.end() for m in _CLAUSE.finditer(text[: match.start()])), default=0)
        left, right = text[start : match.start()], text[match.end() :]
        if not left or not right or (match.group() in ("和", "与") and left.endswith(("总", "共"))):
            continue
        found = _two(left, right, name_in, groups(text), known=not cue)
        if found is None:
            continue
        context, one, other, rest = found
        members, rest = [one, other], rest.lstrip()
        third = re.match(rf"(?:{_CONNECTOR.pattern})(.{{2,{LONGEST_NAME}}}?)(?={STOP.pattern})", rest)
        if third and len(members) < MOST:
            members.append(third.group(1))
            rest = rest[third.end() :]
        if match.group() == "比" and THAN.match(rest):  # A比B多收多少
            rest = re.sub(MORE, "", rest, count=1)
        if any(member in rest for member in members):
            continue
        before = "，".join(c for c in re.split("[，,]", text[:start]) if c and not _STORY.match(c))
        rest = of_each(_BOTH.sub("", rest), before)
        behind = f",{before}" if before else ""  # what all share stands with what is asked: 富鸿金生,理赔的时效是几年
        named = _without(_TAIL, members)
        called = _without(_ISSUE, named)
        return tuple(called), tuple(f"{context}{name}{behind}{rest}" for name in named)
    return None


def _without(behind: re.Pattern[str], names: Sequence[str]) -> list[str]:
    """The names without what stands behind them, unless they are not told apart by the rest."""
    bare = [behind.sub("", name) for name in names]
    return bare if all(len(name) > 1 for name in bare) and len(set(bare)) == len(bare) else list(names)


def _two(left: str, right: str, name_in: Names, groups: Sequence[Group], known: bool) -> tuple[str, str, str, str] | None:
    """(what both share, one name, the other name, the rest of the question). `known`: only names of one kind count."""
    for group in groups:
        one = max((n for n in group if normalise(left).endswith(n)), key=len, default="")
        other = max((n for n in group if normalise(right).startswith(n)), key=len, default="")
        if one and other and one != other:
            return left[: len(left) - len(one)], left[len(left) - len(one) :], right[: len(other)], right[len(other) :]
    ends, begins = list(_KIND.finditer(left)), _KIND.match(right)
    if ends and begins and ends[-1].end() == len(left) and ends[-1].group() != begins.group():
        return left[: ends[-1].start()], ends[-1].group(), begins.group(), right[begins.end() :]
    if known:
        return _two_named(left, right, name_in)
    if (shared := re.search(r"的[^的]{1,8}$", left)) and (at := right.find(shared.group(), 0, LONGEST_NAME + 8)) > 0:
        one, other = left[: shared.start()], right[:at]  # 甲的宽限期和乙的宽限期
        if not _CLAUSE.search(other) and 1 < len(one) <= LONGEST_NAME and one != other:
            return "", one, other, right[at:]
    other = _opening_name(right, left, name_in)
    if not other:
        return None
    context, one = "", left
    if "的" in left[:-1] and not names_in(other, name_in):
        context, one = left[: left.rindex("的") + 1], left[left.rindex("的") + 1 :]
    elif begins and begins.group() == other and (name := referent(left, name_in)) and left.startswith(name) and name != left:
        return "", left, f"{other}，{left[len(name):]}", right[len(other) :]  # 甲申购费跟2024年那版比
    else:
        names = names_in(left, name_in)
        if names and left.endswith(names[-1]) and _STORY.match(left):
            one = names[-1]  # 我妈在纠结增益宝
        elif names and left.endswith(names[-1]) and len(left) > len(names[-1]) + 6:
            context, one = left[: -len(names[-1])], names[-1]
    return (context, one, other, right[len(other) :]) if 1 < len(one) <= LONGEST_NAME and one != other else None


def _two_named(left: str, right: str, name_in: Names) -> tuple[str, str, str, str] | None:
    """两款产品，最高多少岁能买: nothing says that they are compared, but each is asked of. One of them may have no document
    and be called by its kind: 安居贷和公积金贷款."""
    one, other = names_in(left, name_in), names_in(right, name_in)
    if one and not other and (kind := _OF_ITS_KIND.match(right)) and _end_of_name(left, left.rfind(one[-1]) + len(one[-1])) == len(left):
        other = [kind[0]]
    if not one or not other or not right.startswith(other[0]):
        return None
    at = left.rfind(one[-1])
    first, second = left[at:], right[: _end_of_name(right, len(other[0]))]
    if _end_of_name(left, at + len(one[-1])) != len(left) or first == second:
        return None
    return left[:at], first, second, right[len(second) :]


def _end_of_name(text: str, end: int) -> int:
    """Where a name ends with the kind of thing and the edition said behind it: 爱家守护定期寿险2025版."""
    for behind in (_OF_A_NAME, _OF_AN_EDITION):
        if more := behind.match(text, end):
            end = more.end()
    return end


def _opening_name(right: str, left: str, name_in: Names) -> str:
    """The name that `right` opens with."""
    kind = _KIND.match(right)
    if kind and kind.group()[-1] in "版类款档额" and not re.match(r"[A-Za-z0-9]", right[kind.end() :]):
        return kind.group()
    stop = STOP.search(right)
    short = right[: stop.start()] if stop and 2 <= stop.start() <= LONGEST_NAME else ""
    whole = referent(right, name_in)
    if stop and short and stop.group() in "，,。？?：:":
        return short
    last = right.find(left[-2:], 1, LONGEST_NAME)
    if last > 0 and not _CLAUSE.search(right[:last]) and not whole.endswith(left[-2:]) and not whole.startswith(left):
        return right[: last + 2]  # 甲的万能账户和乙的稳健型账户
    if whole and right.startswith(whole) and (not short or len(whole) + 1 < len(short)):
        kind = _OF_A_NAME.match(right, len(whole))
        return right[: kind.end()] if kind and kind.end() == len(short) else whole
    last = right.find(left[-1], 1, LONGEST_NAME)
    alike = right[: last + 1] if last > 0 and "\u3400" <= left[-1] <= "\u9fff" else ""
    if alike and (not short or len(alike) <= len(short)):
        return alike
    return short
