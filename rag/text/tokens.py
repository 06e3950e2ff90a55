"""Tokens for keyword search: words from rjieba, and character bigrams for what no dictionary knows."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable

import rjieba

from rag.text.normalise import normalise

# Letters, digits and what joins them: R2, 000001.sz, 3.5%, lpr, t+0.
_LATIN = re.compile(r"[a-z0-9]+(?:[.+/-][a-z0-9]+)*%?")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]+")
_RUN = re.compile(f"{_LATIN.pattern}|{_CHINESE.pattern}")

# Words that carry no subject. Question words and politeness are what users add and documents do not have.
STOP_WORDS = frozenset("""
的 了 和 与 或 及 在 是 有 我 你 您 他 她 它 我们 你们 他们 这 那 这个 那个 这些 那些 其 之 等 被 把 将 从 对 为 以 于 到 由 就 都 也 还
吗 呢 吧 啊 呀 嘛 么 什么 怎么 怎样 如何 多少 几 哪 哪些 哪个 谁 为什么 是否 能否 可否 请问 请 一下 想 要 会 能 可以 需要 应该 如果 假如 若
您好 你好 谢谢 知道 告诉 问 关于 里 里面 中 上 下 时 时候 后 前 一个 一种 一 不 没 没有 很 吗？ 的话 呗 哦 有没有 是不是 能不能 可不可以
""".split())


KEPT = 4096  # texts whose tokens are remembered: many questions are about the same passages


def words(text: str) -> list[str]:
    """Dictionary words and Latin tokens of `text`, in order, long words also with the shorter words inside them."""
    return list(_words(text))


@functools.lru_cache(maxsize=KEPT)
def _words(text: str) -> tuple[str, ...]:
    found = []
    for token in rjieba.cut_for_search(normalise(text)):
        token = token.strip()
        if _LATIN.fullmatch(token) or _CHINESE.fullmatch(token):
            found.append(token)
    return tuple(found)


def content_words(text: str) -> list[str]:
    """The words of a question that documents may share: without stop words, each once, in order."""
    return [w for w in dict.fromkeys(words(text)) if w not in STOP_WORDS]


def bigrams(text: str) -> list[str]:
    """Latin tokens whole, and every pair of neighbouring Chinese characters (a lone one by itself), in order."""
    return list(_bigrams(text))


@functools.lru_cache(maxsize=KEPT)
def _bigrams(text: str) -> tuple[str, ...]:
    text = normalise(text)
    found: list[str] = []
    for match in _RUN.finditer(text):
        run = match.group()
        if len(run) == 1 or _LATIN.fullmatch(run):
            found.append(run)
        else:
            found.extend(map("".join, itertools.pairwise(run)))
    return tuple(found)


def add_words(names: Iterable[str]) -> None:
    """Teach the tokenizer product names, so that they stay whole."""
    for name in names:
        name = normalise(name).strip()
        if 2 <= len(name) <= 20 and not rjieba.has_word(name):
            rjieba.add_word(name)
            _words.cache_clear()
