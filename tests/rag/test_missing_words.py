"""Customers' words that no document has, out of the journal's refusals."""

from rag.answer.result import Answer
from rag.index.lexicon.entries import entry
from rag.index.lexicon.lexicon import Lexicon
from rag.index.search import Searcher
from rag.journal import Journal
from rag.missing_words import missing_words


def test_words_of_refused_questions_that_no_document_has(settings, indexed):
    journal = Journal(settings)
    for question in ("花呗逾期了怎么办", "花呗的年费多少", "花呗的年费多少", "水滴筹靠谱吗，手机13812345678"):
        journal.record(Answer(question, "没有", True), "cli", "a")
    journal.record(Answer("比特币能买吗", "能", False), "cli", "a")
    found = missing_words(journal.unanswered(), Searcher(indexed).frequency, Lexicon())
    words = {one.word: one for one in found}
    assert found[0].word == "花呗" and found[0].count == 2  # a question asked twice counts once
    assert "年费" not in words and "比特币" not in words  # the documents have it; it was answered
    assert not any("13812345678" in one.example or one.word.isdigit() for one in found)


def test_what_an_entry_covers_is_no_longer_missing(settings, indexed):
    journal = Journal(settings)
    journal.record(Answer("花呗逾期了怎么办", "没有", True), "cli", "a")
    lexicon = Lexicon([entry("花呗", "信用贷款")])
    assert "花呗" not in [one.word for one in missing_words(journal.unanswered(), Searcher(indexed).frequency, lexicon)]
