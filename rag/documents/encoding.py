"""Bytes of a text file to characters, and the name of the encoding that did it."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from rag.errors import DocumentError

_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法"
    "所民得经本公司合保险金人条款规定投资基金的為這個國們來時會對發經種過後業務應當條與約險費個實"
)


def decode(data: bytes, name: str) -> tuple[str, str, tuple[str, ...]]:
    """Return (text, encoding, warnings). Order: BOM, UTF-16 where there are zero bytes, UTF-8 strictly; then GB18030, Big5
    or UTF-8 with a stray byte, by which reads as Chinese; then a detector. Bytes that are lost become U+FFFD, with a
    warning; what fits nothing is read as GB18030 in this way.

    Raises DocumentError for bytes that are no text at all.
    """
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(bom):
            text = data.decode(encoding, errors="replace")
            return text, encoding, _warning(text.count("\ufffd"))
    if b"\x00" in data[:4096]:
        even = data[: len(data) // 2 * 2]
        for encoding in ("utf-16-le", "utf-16-be"):
            try:
                text = even.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\x00" not in text and (_chinese(text) > 0.1 or sum(char.isascii() for char in text) > 0.7 * len(text)):
                return text, encoding, ()
        raise DocumentError(f"{name}：不是文本文件（含二进制数据），请核对文件格式或另存为 UTF-8 文本后再导入")
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        pass
    readings = [
        (_chinese(text), -lost, encoding, text)
        for encoding in ("gb18030", "big5", "utf-8")
        for text in (data.decode(encoding, errors="replace"),)
        if (lost := text.count("\ufffd")) == 0 or _few(lost, text)
    ]
    if readings:
        score, lost, encoding, text = max(readings, key=lambda reading: reading[:2])
        if score > 0.02 or (encoding == "gb18030" and not lost and _everyday(text) > 0.9):
            return text, encoding, _warning(-lost)
    best = from_bytes(data[:200_000]).best()
    if best is not None and best.encoding not in ("ascii",):
        try:
            return data.decode(best.encoding), best.encoding, ()
        except (UnicodeDecodeError, LookupError):
            pass
    text = data.decode("gb18030", errors="replace")
    return text, "gb18030", _warning(text.count("\ufffd"))


def _warning(lost: int) -> tuple[str, ...]:
    return (f"有 {lost} 处字节无法识别，已用 \ufffd 代替，请核对文件编码",) if lost else ()


def _few(lost: int, text: str) -> bool:
    """A stray byte here and there, or a file cut inside a character; the wrong encoding is wrong everywhere."""
    wide = sum(ord(char) > 0x7F for char in text)
    return lost * 20 <= wide or (lost == 1 and text.endswith("\ufffd"))


def _everyday(text: str) -> float:
    """Share of GB2312's punctuation and first level, 3,755 characters: enough to tell a text of a few words."""
    wide = [char for char in text[:20_000] if ord(char) > 0x7F]
    codes = [char.encode("gb2312", "ignore") for char in wide]
    return sum(0xA1 <= code[0] <= 0xD7 for code in codes if code) / len(wide) if wide else 0.0


def _chinese(text: str) -> float:
    """Share of very common characters: GB18030 bytes read as Big5 (and the reverse) give rare ones."""
    sample = text[:20_000]
    wide = [char for char in sample if ord(char) > 0x7F]
    return sum(char in _COMMON for char in wide) / len(wide) if wide else 0.0
