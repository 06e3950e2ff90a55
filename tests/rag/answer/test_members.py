"""Run: sh run.sh test tests/rag/answer/test_members.py"""

from rag.answer.members import says_member


def test_an_edition_is_said_with_its_year_or_without():
    assert says_member(("2023年版", "2026年版"), 0, "恒禾条款（2023版）") and not says_member(("2023年版", "2026年版"), 1, "恒禾条款（2023版）")


def test_a_short_name_is_told_by_its_words():
    members = ("深圳租赁2026年第一期", "广晟控股2026年第一期")
    assert says_member(members, 0, "深圳市融资租赁（集团）有限公司2026年债券") and not says_member(members, 0, "广东省广晟控股集团有限公司2026年债券")
    assert not says_member(members, 0, "深圳市金融控股有限公司为一家租赁公司担保")
