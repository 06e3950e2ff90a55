"""The seven topics, named as the folders of `knowledge/`, and which of them a text is about."""

from __future__ import annotations

from rag.documents.fact_words import TOPIC_WORDS, read_topic

TOPICS = ("保险", "信用卡", "基金", "理财", "社保", "股票", "贷款")
OTHER = "其他"
LEAST = 2  # words of a topic that a text must hold, where its title says nothing


def topic_of(text: str, title: str = "") -> str:
    """One of TOPICS by the title, else by the words of the text, or OTHER where no topic's words stand out."""
    named = read_topic(title, text)
    if named in TOPICS:
        return named
    counts = [(len(pattern.findall(text)), -place, topic) for place, (topic, pattern) in enumerate(TOPIC_WORDS)]
    most = max(counts)
    need = 1 if len(text) < 120 else LEAST  # one word is much in a question, nothing in an essay
    return most[2] if most[0] >= need else OTHER
