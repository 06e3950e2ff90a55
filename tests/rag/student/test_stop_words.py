"""Cutting a stream at stop words. Run: python -m pytest tests/rag/student/test_stop_words.py"""

from __future__ import annotations

import pytest

from rag.student.stop_words import StopWords


@pytest.mark.parametrize(("words", "pieces", "shown"), [
    ([], ["a", "b"], "ab"),
    (["END"], ["one E", "ND two"], "one "),
    (["END"], ["one E", "N", "ough"], "one ENough"),
    (["END"], ["one EN"], "one EN"),
    (["。", "资料"], ["年费", "资", "料。"], "年费"),
    (["ab", "b"], ["xa", "b"], "x"),
    ([""], ["abc"], "abc"),
    (["aab"], ["aaa", "ab"], "aa"),
])
def test_nothing_of_a_stop_word_is_shown(words, pieces, shown):
    stream = StopWords(words)
    text = "".join([stream.feed(piece) for piece in pieces]) + stream.rest()
    assert text == shown
    assert stream.found == (shown != "".join(pieces))
