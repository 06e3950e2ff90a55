"""What is kept of an answer for its marks: citation marks are no words of it, and a follow-up says how it came to stand alone."""

from __future__ import annotations

from rag.answer.result import Answer, Citation, Finished
from rag.evaluate.answers import ask_assistant
from rag.evaluate.judge import Said, judge
from rag.evaluate.sets import Question

FEE = Citation(1, "费.md", "收费表", "金卡年费每年200元。刷卡满6次免次年年费。")


class Scripted:
    def __init__(self, **told):
        self.told = told

    def stream(self, question, history):
        yield Finished(Answer(question, "200元[1]。", False, (FEE,), **self.told))


def test_a_mark_between_required_words_and_in_the_overlap_counts_for_nothing():
    asked = Question(question="年费？", must=("200元。刷卡满6次",), source="费.md", passage=FEE.text, answer="年费200元。刷卡满6次免。")
    marks = [judge(asked, Said(words, False, (("费.md", FEE.text),), (FEE.text,), 0.1, 0.2, 0.3))
             for words in ("年费200元[1]。刷卡满6次免[1]。", "年费200元。刷卡满6次免。")]
    assert marks[0]["correct"] is True and marks[0]["overlap"] == marks[1]["overlap"] == 1.0 and marks[0]["faithful"] is True


def test_what_made_a_follow_up_stand_alone_is_kept():
    asked = Question(question="那金卡呢")
    assert ask_assistant(Scripted(standalone="金卡年费多少"), asked).standalone == {"question": "金卡年费多少", "by": "rules"}
    assert ask_assistant(Scripted(standalone="金卡年费多少", rewritten=True), asked).standalone["by"] == "student"
    assert ask_assistant(Scripted(standalone="那金卡呢"), asked).standalone is None
