"""Text as it should be learnt: one encoding, without boilerplate, markup and the phrases that machines put around answers."""

from __future__ import annotations

import html
import re
import unicodedata

_TAGS = re.compile(r"</?(?:p|br|div|span|b|i|strong|em|u|font|a|li|ul|ol|table|tr|td|th|h[1-6]|img|script|style)\b[^>]*/?>", re.IGNORECASE)
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]")
_LINKS = re.compile(r"(?:https?://|www\.)[A-Za-z\d./?=&%_#:~+-]+")
_MARKS = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+|\*\*(?=\S)|(?<=\S)\*\*|`{3}\w*", re.MULTILINE)
_OPENINGS = re.compile(
    r"^(?:您好[，,!！。]?|你好[，,!！。]?|亲[，,]|感谢您?的(?:提问|咨询|关注)[，,!！。]?|很高兴为您?(?:解答|服务)[，,!！。]?|"
    r"作为一(?:个|名|款)(?:人工智能|AI)[^，。]{0,20}[，,]|根据您(?:的描述|提供的信息)[，,]|好的[，,])+")
_CLOSINGS = re.compile(
    r"(?:(?:如|若)(?:您)?(?:还)?有(?:其他|任何|更多)?(?:疑问|问题|需要|不明白)[^。！]{0,40}[。！]?|希望(?:以上|我的)?[^。！]{0,16}(?:帮助|有帮助|帮到您?)[^。！]{0,10}[。！]?|"
    r"祝您?(?:生活|工作)?[^。！]{0,10}[。！]|(?:感谢|谢谢)您?的?[^。！]{0,16}[。！]|以上(?:回答|内容)仅供参考[^。！]{0,20}[。！]?|本(?:回答|内容)由(?:AI|人工智能)生成[^。！]{0,10}[。！]?)+$")
_MOJIBAKE = re.compile(r"锟斤拷|烫烫烫|�|Ã.|â€")


def clean(text: str) -> str:
    """NFC, visible characters only, no HTML or Markdown marks, no links, single blanks; the words stay as they are."""
    text = html.unescape(html.unescape(unicodedata.normalize("NFC", text)))
    text = _UNSEEN.sub("", _TAGS.sub("", text)).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    text = _MARKS.sub("", _LINKS.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+(?=\n)|(?<=\n)[ \t]+|[ \t]{2,}", " ", text)).strip()


def clean_answer(text: str) -> str:
    """`clean`, and without greetings before and courtesies behind the answer."""
    text = clean(text)
    shorter = _CLOSINGS.sub("", _OPENINGS.sub("", text).strip()).strip()
    return shorter or text


def broken(text: str) -> bool:
    """Whether the text was decoded wrongly somewhere on its way."""
    return bool(_MOJIBAKE.search(text))
