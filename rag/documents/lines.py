"""Characters and lines: mending what extraction broke without changing a word.

Nothing here normalises for matching (that is `rag.text.normalise`): a quotation must show the document's own words.
"""

from __future__ import annotations

import re
import unicodedata

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WIDE = re.compile(rf"[{CJK}\u3000-\u303f\uff00-\uffef“”‘’—…·]")
_SINGLES = re.compile(rf"(?<![^\s])([{CJK}])[ \u3000\t]+(?=[{CJK}](?:\s|$))")
_SPREAD = re.compile(rf"(?=.*(?:^| )[{CJK}](?: |$))[{CJK} ]+")  # `阅 读指 引`: a heading set wide

# Radicals that PDF fonts put in place of whole characters; the Kangxi block has NFKC mappings, this one has none.
_RADICALS = str.maketrans(
    dict(
        zip(
            "⺅⺌⺎⺝⺟⺠⺫⺮⺶⻁⻄⻅⻆⻇⻉⻋⻐⻓⻔⻘⻙⻚⻛⻜⻝⻞⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
            "亻小兀月母民目竹羊虎西见角角贝车金长门青韦页风飞食飠马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
            strict=True,
        )
    )
)
_KANGXI = re.compile("[\u2f00-\u2fd5]")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffe\uffff\u00ad\ue000-\uf8ff]"
)
_SPACE = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")


def clean(text: str, tabs: str = " ") -> str:
    """NFC, radicals back to characters, no control or private-use characters, plain spaces and line feeds; `tabs`: what
    becomes of them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\x0b", "\n")
    text = _KANGXI.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text).translate(_RADICALS)
    text = _SPACE.sub(" ", _CONTROL.sub("", text)).replace("\t", tabs)
    return unicodedata.normalize("NFC", text)


def close_up(line: str) -> str:
    """One line: outer blanks gone; `总　　则` and `我 们 所 保 障` (single characters set apart) closed up."""
    line = line.strip(" \u3000\t")
    line = re.sub(r"[ \u3000]{2,}|[ \u3000]*\t[ \u3000\t]*", " ", line)
    if " " in line and len(line) <= 12 and _SPREAD.fullmatch(line) and len(line.replace(" ", "")) <= 6:
        return line.replace(" ", "")
    return _SINGLES.sub(r"\1", line)


def join(left: str, right: str) -> str:
    """Two parts of one sentence: no space where either side is Chinese, one between Latin words."""
    left, right = left.rstrip(), right.lstrip()
    if not left or not right:
        return left + right
    if _WIDE.match(left[-1]) or _WIDE.match(right[0]):
        return left + right
    if left[-1] == "-" and left[-2:-1].isalpha() and right[0].islower():
        return left[:-1] + right
    if left[-1].isdigit() and right[0] in ".,%‰":
        return left + right
    return f"{left} {right}"


def width(line: str) -> int:
    """Columns on a typewriter: a Chinese character takes two."""
    return sum(2 if _WIDE.match(char) else 1 for char in line)


def without_space(text: str) -> str:
    return re.sub(r"\s+", "", text)


ENDS = tuple("。！？；：!?;:")
_DIGITS = "一二三四五六七八九十百千零〇两"

# A line that opens a numbered paragraph: 第三条, 第二章, 一、, （一）, (1), 1., 1.2.3, ①, 附件一
STARTER = re.compile(
    rf"(?:第[{_DIGITS}\d]+[编編篇章节節条條款]|第[{_DIGITS}\d]+部分|[{_DIGITS}]+、|[（(][{_DIGITS}\d]+[）)]|\d+(?:\.\d+)+[\s\u3000.、]?"
    rf"|\d+[.、．](?!\d)|\d+[)）]|[①-⑳]|附[件录錄表][{_DIGITS}\d]*\s*[:：]?|[-*•●◆■]\s)"
)

# Such a label standing alone on its line: the sentence goes on in the next one.
LABEL = re.compile(
    rf"第[{_DIGITS}\d]+(?:[编編篇章节節条條]|部分)|[{_DIGITS}]+、|[（(][{_DIGITS}\d]+[）)]|[1-9]\d?(?:\.(?:[1-9]|1\d)){{1,3}}|\d+[.、．]|[①-⑳]|[•●◆■]"
)


def starts_item(line: str) -> bool:
    return bool(STARTER.match(line))


def ends_sentence(line: str) -> bool:
    return line.rstrip(" ”’」』）)】*").endswith(ENDS) or line.endswith(("”", "。）"))
