"""The words that the student's sentence stands on become the evidence, under the same checks."""

from rag.answer.compose import Found, checked
from rag.answer.evidence import select
from tests.rag.answer.test_evidence import flat, hit

ASKED = "看病的发票丢了拿什么代替"
PICKED = "既往症的治疗费用不赔，发票须齐全。"
RIGHT = "发票遗失的，可以用医院盖章的发票存根复印件代替，费用超过500元的除外。"


def found(first=2.0, second=1.5):
    hits = (hit(PICKED, title="条款"), hit(RIGHT, title="指南"))
    scores = lambda question, texts: [first if "既往症" in text else second for text in texts]  # noqa: E731
    evidence = select(ASKED, hits, flat, scores)
    assert evidence.best.text == PICKED
    return Found(ASKED, hits, evidence, 0.8)


def test_the_sentence_is_shown_with_the_words_it_stands_on():
    words = checked("可以用医院盖章的发票存根复印件代替。", found())
    assert words.kind == "answer" and words.text.endswith(f"{RIGHT}[1]")
    assert words.citations[0].title == "指南" and [c.number for c in words.citations] == [1, 2]


def test_a_wrong_figure_stands_on_none_and_what_was_picked_is_quoted():
    words = checked("可以用医院盖章的发票存根复印件代替，费用超过600元的除外。", found())
    assert words.kind == "quote" and words.citations[0].title == "条款" and "600" not in words.text


def test_words_that_rules_have_put_far_behind_stay_there():
    words = checked("可以用医院盖章的发票存根复印件代替。", found(second=-3.0))
    assert words.kind == "quote" and words.citations[0].title == "条款"


def test_a_case_that_rules_told_from_the_asked_one_is_no_ground():
    asked = "失业金最长领多久，交了7年"
    text = "缴费满5年不足10年的，最长领取18个月；满10年以上的，最长领取24个月。"
    scores = lambda question, texts: [2.0 if "不足10年" in text else 1.9 for text in texts]  # noqa: E731
    words = checked("最长领取24个月。", Found(asked, (hit(text),), select(asked, [hit(text)], flat, scores), 0.9))
    assert words.kind == "quote" and words.text.startswith("缴费满5年不足10年的，最长领取18个月")


def test_words_that_speak_less_of_what_is_asked_than_those_picked_do_not_take_their_place():
    hits = (hit("挂失手续费50元。", title="挂失"), hit("普卡年费为80元。", title="年费"))
    scores = lambda question, texts: [2.0 if "挂失" in text else 1.5 for text in texts]  # noqa: E731
    asked = "普卡挂失手续费多少"
    words = checked("普卡年费为80元。", Found(asked, hits, select(asked, hits, flat, scores), 0.8))
    assert words.citations[0].title == "挂失" and "80" not in words.text.split("原文")[0].split("[1]")[0]
