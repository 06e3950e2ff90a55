"""A question that wants yes or no: the word the answer begins with, told from the quoted words, or nothing where they are
not plain. A condition (…的除外, 但…) stays with it: the words themselves follow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.bands import bands, fit, quantities
from rag.text.normalise import normalise
from rag.text.tokens import STOP_WORDS, bigrams

_ASKS = re.compile(r"(?:吗|么|不|没有?)[？?。]*$|(.)不\1|可不可以|能不能|能否|可否|是否|有没有|是不是|要不要|行不行")
_OTHER = re.compile(r"多少|几(?!乎)|什么|哪|怎么|如何|为什么|谁|多久|多长|啥")
# 晚还几天会不会上征信 does not ask how many
_A_FEW = re.compile(r"(?:晚|早|迟|过|差|拖|等|少)[^，,。几不]{0,3}几(?:个?月|天|日|年|次|块钱?|元)(?=.*(?:吗|么|(.)不\1|有没有|是否|能否)|.*的说法)|(?<=有没有)[^，,。]{0,3}[晚早迟][^，,。几]{0,3}几[天日]")
_DENIED = re.compile(r"(?:不能|不可以|不会|不用|不需要|不赔|不让|不收|不算|没法|无法)")  # 是不是不能: what a yes means is not plain
_SAYS_NO = re.compile(
    r"不得|不能|不允许|不准|不许|不开放|不可(?!抗|撤销|分割)|不予|不支持|不受(?!理|影响)|不受影响|不受理|不承担|不负责|不接受|不属于|不适用|不会|不收|不影响|不计入|不包括|不包含|不享受|不享有|"
    r"不提供|不办理|不参加|不再|不算|不是|不在|不退|不必|不需|不用|不要求|禁止|无须|无需|毋须|免收|免征|免费|除外|没有|暂不|未开放|谢绝|拒保|不保|不赔|不报")
_SAYS_YES = re.compile(r"可以|可(?=[在向申办凭按自随由通提选用转直同])|有权|应当(?!自)|能够|支持|属于|纳入|允许|均可|全额|受[^，。]{0,8}保障|予以|计入|需要?(?!提)|须|承担|给付|按[^，。]{0,12}赔")
_HEADING_NO = re.compile(r"责任免除|除外责任|免责|不(?:得|予|能|承担|负责|属于|受理|保障)[^，。]{0,10}$|不算|不包括")
_NEUTRAL = re.compile(r"不论|不管|无论|不小于|不大于|不低于|不高于|不超过|不少于|不足|不满|不限|不同|不仅|不可抗力|未成年|不动产|不定期|不良|不便|不符|不符合")
_HOLDS_BACK = re.compile(r"除外|不得(?:超过|低于|少于|多于)|但|下列条件|以下条件|(?:符合|满足|具备)[^，。]{0,12}条件|除非|除[^，。]{1,20}外|"
    r"(?<!不)仅(?!仅)|只(?:对|在|限|有|能|可)")  # 仅对…承担责任 says yes to some, and not who they are
# 不得发布未经审核的内容 forbids some, and not what is asked about
_SOME_ONLY = re.compile(r"(?:不得|禁止|不能|不可以)[^，。；]{0,20}(未经|未按|未取得|未依法|虚假|误导|违规|违反)")
_WORDS = (  # (how it is asked, yes, no)
    (re.compile(r"赔"), "赔", "不赔"),
    (re.compile(r"报销?(?!案|名|送|告)"), "可以报销", "不可以报销"),
    (re.compile(r"(?<![结计清预核换折估])算(?!一|下)|属于|是不是|是[^，。]{1,20}吗"), "是", "不是"),
    (re.compile(r"[管保]吗|保不保|管不管"), "保", "不保"),
    (re.compile(r"要不要|(?<!只)需?要(?!是)|用不用|得(?:交|缴|付|掏|还)"), "需要", "不需要"),
    (re.compile(r"会(?!计|员)"), "会", "不会"),
    (re.compile(r"能|可以|可否|行|让|得了|得成|退得|成吗"), "可以", "不可以"),
)
_RULE_ASKED = re.compile(r"赔|报销|[管保]吗|保不保|管不管|能|可以|可否|是否可|行不|行吗|允许|要不要|需要|用不用|必须|算|属于|退得|给不给|让")
ALIKE = 0.18  # share of the question's character pairs that a clause holds, from which on it is what is asked
_BEGINS = re.compile(r"^(?:可以|不可以|不?能|不?会|不?是|不?需要|不用|不?赔|没?有|不得|不?属于|不?算|否|对|不)")


def asks(question: str) -> bool:
    """Whether a question wants yes or no and nothing else."""
    plain = without_a_few(normalise(question)).strip()
    return bool(_ASKS.search(plain)) and not _OTHER.search(plain)


def without_a_few(question: str) -> str:
    """The question less a 几天 that only means some days."""
    return _A_FEW.sub("", question)


def asks_rule(question: str) -> bool:
    """Whether it wants to know what is allowed, owed, covered or counted as something: a rule answers that, and no mere
    description."""
    return asks(question) and bool(_RULE_ASKED.search(normalise(question)))


def states_rule(words: str) -> bool:
    """Whether words allow, forbid, oblige, cover or exclude anything."""
    plain = _NEUTRAL.sub("", normalise(words))
    return bool(_SAYS_NO.search(plain) or _SAYS_YES.search(plain))


def excludes(heading: str) -> bool:
    """Whether a heading, or the words that lead a list in, stand over what is excluded."""
    return bool(_HEADING_NO.search(heading))


def verdict(question: str, words: str, headings: Sequence[str] = ()) -> str:
    """The word that answers (可以, 不可以, 需要, 不会 …), or "" where the words are not plain."""
    plain = normalise(question)
    if not asks(question) or _DENIED.search(re.sub(r"(.)不\1|可不可以", "", plain)):
        return ""
    asked = [(max(m.end() for m in found), yes, no) for pattern, yes, no in _WORDS if (found := list(pattern.finditer(plain)))]
    if not asked:
        return ""
    pair = max(asked)[1:]  # the last such word is the question's own: 赔给我的钱要交税吗
    said = _says(plain, normalise(words), headings)
    return "" if said is None else pair[0] if said else pair[1]


def _says(question: str, words: str, headings: Sequence[str]) -> bool | None:
    """Whether the clauses most like the question affirm; None where they do both, or neither."""
    asked = {g for g in bigrams(question) if g not in STOP_WORDS}
    parts = [p for p in re.split(r"[，,。；;！？!?\n]", words) if p.strip()]
    if not asked or not parts:
        return None
    if _EMPTY_CELL.search(words):
        return False
    shares = [len(asked & set(bigrams(part))) / len(asked) for part in parts]
    whole = len(asked & set(bigrams(words))) / len(asked)
    if whole < ALIKE:
        return None
    near = parts if len(parts) <= 2 else [p for p, n in zip(parts, shares, strict=True) if n >= 0.6 * max(shares)]
    no = any(_SAYS_NO.search(_NEUTRAL.sub("", part)) for part in near)
    yes = any(_SAYS_YES.search(re.sub(f"(?:{_SAYS_NO.pattern}).{{0,8}}", "", _NEUTRAL.sub("", part))) for part in near)
    if _HOLDS_BACK.search(words) or any(kind not in question for kind in _SOME_ONLY.findall(words)):
        return None
    if any(map(excludes, headings[-1:])) and not no:
        return False
    return None if no == yes else yes


def against(draft: str, word: str) -> bool:
    """Whether a draft begins with the opposite of the word."""
    plain = draft.lstrip()
    opposite = word.removeprefix("不") if word.startswith("不") else f"不{word}"
    return bool(word) and plain.startswith(opposite) and not (word.startswith("不") and plain.startswith(word))


_DENIED_THEN_SAID = (  # (what a draft begins by denying, what would affirm just that)
    (re.compile(r"不(?:算|是|属于|视为)"), re.compile(r"(?<![不未非])(?:属于|视同|视为|认定为)")),
    (re.compile(r"不(?:能|可以|行|得)"), re.compile(r"(?<!不)(?:可以|有权|允许|能够)")),
    (re.compile(r"不(?:会)?(?:赔|保|报|给)"), re.compile(r"(?<!不)(?:赔付|给付|赔偿|承担|予以|报销)")),
    (re.compile(r"不(?:需要?|用|要|必)"), re.compile(r"(?<!不)(?:需要|应当|必须)")),
)
_SAID_THEN_DENIED = (  # (what it begins by affirming, what would deny just that)
    (re.compile(r"(?:会|能|可以)?(?:赔|保|管|报|给)"), re.compile(r"不(?:负责|负|承担|赔|予赔|予?给付|在)|责任免除|除外责任")),
    (re.compile(r"能|可以|行|允许|有效"), re.compile(r"不得(?!超过|低于|少于|多于|高于)|不(?:能|可|予|允许|支持|接受)|禁止|(?<!抢救)无效")),
    (re.compile(r"算|是|属于"), re.compile(r"不(?:属于|算|视为|认定|得认定)")),
    (re.compile(r"需?要"), re.compile(r"不(?:予支持|用|需要?|负|承担|缴纳|收)|无需|免[收征予]")),
    (re.compile(r"有"), re.compile(r"没有|无(?!论)|不享[有受]")),
)
_DENIAL_GOES_ON = re.compile(r"不|未|无|除外|但|仅|只|才|方可")
_CLAIM_GOES_ON = re.compile(r"但|外|否则|仅|只|才|不受|不影响|也|可以|有权")
_NO_FIRST = re.compile(r"[不没无否别未禁]")
_YES_FIRST = re.compile(r"可(?!能)|能(?!力)|会(?![计员议])|是(?!否)|需?要(?!求)|赔(?![偿付])|管(?!理)|保(?![险单费证留])|算|有(?!关)|支持|行(?![为政])|属|应当|允许|给(?!付)|得(?!到)|纳入|合法|享")


def contradicts_itself(draft: str) -> bool:
    """Whether a draft begins with a short denial and then only affirms, or the other way about: 不算，上下班途中的交通事故属于工伤；
    要赔，储蓄机构不负赔偿责任。"""
    head, _, rest = draft.strip().partition("，")
    if not rest or len(head) > 6:
        return False
    if _NO_FIRST.match(head):
        pairs, goes_on = _DENIED_THEN_SAID, _DENIAL_GOES_ON
    else:
        pairs, goes_on = _SAID_THEN_DENIED, _CLAIM_GOES_ON
    return not goes_on.search(rest) and any(begins.match(head) and against.search(rest) for begins, against in pairs)


# what may bear a denial out; less than "says no": 超过5年的, 方可
_BEARS_DENIAL = re.compile(r"[不无未非没免拒只]|禁止|除外|仅|方可|终止|停止|丧失|撤销|追回|作废|失效|减少|扣")
_EMPTY_CELL = re.compile(r"[：:]\s*(?:[—–-]{1,2}|/)(?=$|[；;\n\[])")  # 10年交：— is not offered
_LEAD_AFFIRMS = re.compile(r"应当|可以|应予|视同|视为|认定为|有权|准予|支持|给付|赔付|负责赔偿|承担")


def denies_without_ground(draft: str, words: str, question: str) -> bool:
    """Whether a draft begins with a no that the quoted words do not bear out: they deny nothing; they list under 应当认定为工伤：
    what counts; or what is asked about lies in the band they allow (可以不编制 for 两个月, under 不足三个月)."""
    if affirms(draft) is not False:
        return False
    plain = _NEUTRAL.sub("", normalise(words))
    if not _BEARS_DENIAL.search(plain):
        return True
    if _SAYS_NO.search(plain):
        return False
    lead, colon, _ = plain.partition(":")
    allowed = fit(quantities(question), bands(words)) > 0
    return allowed or bool(colon and _LEAD_AFFIRMS.search(re.split("[。;]", lead)[-1]))


def affirms(words: str) -> bool | None:
    """Whether words begin with a yes or a no; None where with neither."""
    plain = words.strip()
    return False if _NO_FIRST.match(plain) else True if _YES_FIRST.match(plain) else None


def begun(answer: str, word: str) -> str:
    """The answer with the word before it, unless it begins with one that says as much."""
    if not word or _BEGINS.match(answer.lstrip()):
        return answer
    return f"{word}。{answer}"
