"""Customers' words and the documents': the file, the shipped list, the administrator's entries, and what search makes of them."""

import re

import pytest

from rag.errors import OdfinError
from rag.index.lexicon.entries import entry, read_lines
from rag.index.lexicon.lexicon import Lexicon
from rag.index.lexicon.store import SHIPPED, LexiconStore
from rag.index.search import Searcher
from rag.settings import load_settings


def test_the_shipped_list_is_sound_and_general():
    lines = SHIPPED.read_text("utf-8").splitlines()
    entries, bad = read_lines("\n".join(lines))
    assert bad == [] and len(entries) >= 250
    words = [line.split("\t")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(word for word in set(words) if words.count(word) > 1) == []
    # nothing that only one house's documents say: no figures, no dates, no names of the sample institution
    assert not [one for one in entries if re.search(r"\d|澄|《", one.line())]
    assert {"医保", "退保", "理财", "保额", "社保", "冷静期", "套现", "免息期"} <= set(words)


def test_bad_lines_are_reported_by_number_and_the_others_count():
    entries, bad = read_lines("# 注释\n退保\t解除合同、解除保险合同\n没有制表符\n\n甲\t乙乙\n保费\t保费\n断供\t\n欠费\t逾期，欠款\n")
    assert [(one.word, one.terms) for one in entries] == [("退保", ("解除合同", "解除保险合同")), ("欠费", ("逾期", "欠款"))]
    assert [one.number for one in bad] == [3, 5, 6, 7]
    assert "Tab" in bad[0].reason and "2 到 20" in bad[1].reason


def test_the_longest_word_at_a_place_counts():
    lexicon = Lexicon([entry("医保", "基本医疗保险"), entry("医保卡", "社会保障卡")])
    assert [word for word, _ in lexicon.matches("醫保卡丢了，医保还能用吗")] == ["医保卡", "医保"]
    assert lexicon.terms("医保就是基本医疗保险吗") == []  # the question says it itself
    assert "医疗保险" in lexicon.words("医保怎么办") and "基本" in lexicon.bigrams("医保怎么办")


@pytest.fixture
def store(tmp_path) -> LexiconStore:
    return LexiconStore(load_settings(home=tmp_path / "home", _env_file=None))


def test_own_entries_stand_over_the_shipped_ones_and_count_at_once(store):
    running = LexiconStore(store.settings)  # as another process has it
    assert "解除合同" in running.current().terms("怎么退保")
    before = running.version
    store.put("退保", "终止保险合同")
    store.put("打水漂", "本金损失")
    assert running.current().terms("怎么退保") == ["终止保险合同"] and running.version != before
    assert running.current().terms("钱会打水漂吗") == ["本金损失"]
    store.put("全亏光", "本金损失", instead_of="打水漂")
    assert store.remove("退保") and not store.remove("退保")
    assert [one.word for one in running.own()[0]] == ["全亏光"] and "解除合同" in running.current().terms("怎么退保")


def test_a_file_written_by_hand_keeps_its_comments_and_bad_lines(store):
    store.path.parent.mkdir(parents=True)
    store.path.write_text("# 我们的词\n旧词\t老说法\n这行坏了\n", "utf-8")
    assert [one.number for one in store.own()[1]] == [3]
    store.put("旧词", "新说法")
    store.put("又一个", "另一个说法")
    assert store.path.read_text("utf-8") == "# 我们的词\n旧词\t新说法\n这行坏了\n又一个\t另一个说法\n"


def test_import_adds_and_export_gives_the_same_again(store):
    store.put("打水漂", "本金损失")
    taken, bad = store.take_in("\ufeff断供\t逾期\n坏行\n打水漂\t亏损\n")
    assert taken == 2 and [one.number for one in bad] == [2]
    entries, bad = read_lines(store.text())
    assert bad == [] and {one.word: one.terms for one in entries} == {"打水漂": ("亏损",), "断供": ("逾期",)}


def test_what_cannot_be_read_is_said_and_not_written_over(store):
    store.path.parent.mkdir(parents=True)
    store.path.write_bytes("旧词\t老说法".encode("gb18030"))
    assert "UTF-8" in store.own()[1][0].reason
    with pytest.raises(OdfinError, match="UTF-8"):
        store.put("新词", "新说法")
    assert store.path.read_bytes() == "旧词\t老说法".encode("gb18030")
    for word, terms in (("", "解除合同"), ("退保", ""), ("退保", "退保")):
        with pytest.raises(OdfinError):
            store.put(word, terms)


@pytest.mark.parametrize(("setting", "terms"), [("off", []), ("shipped", ["解除合同"]), ("all", ["终止"])])
def test_the_setting(store, setting, terms):
    store.put("退保", "终止")
    chosen = LexiconStore(store.settings.model_copy(update={"lexicon": setting}))
    assert chosen.current().terms("退保")[:1] == terms


def test_search_finds_the_documents_words_for_the_customers(indexed, tmp_path):
    """By keywords alone, so that nothing else finds it; the customer's own words still count for more."""
    keyword = Searcher(indexed.model_copy(update={"retrieval": "keyword"}))
    keyword.lexicon = LexiconStore(indexed.model_copy(update={"home": tmp_path}))
    assert keyword.search("酒驾")[0].source == "保险/澄安重疾险条款.txt"  # 酒后驾驶, by the shipped list
    assert keyword.search("冷静一下反悔") and "犹豫期" in keyword.search("反悔")[0].text
    assert keyword.search("打水漂") == []
    keyword.lexicon.put("打水漂", "违约金")
    assert "违约金" in keyword.search("打水漂")[0].text
    keyword.lexicon.put("白金卡", "安居贷")
    assert "600" in keyword.search("白金卡年费")[0].text


def test_a_question_is_put_in_the_documents_words():
    lexicon = Lexicon([entry("医保", "基本医疗保险"), entry("退保", "解除合同、解除保险合同")])
    assert lexicon.translated("醫保断了，退保要什么？退保多久？") == "基本医疗保险断了,解除合同要什么?解除合同多久?"
    assert lexicon.translated("退保就是解除合同吗") == "退保就是解除合同吗"  # it says it itself
    assert lexicon.translated("等待期多久") == "等待期多久"
