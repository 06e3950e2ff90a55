"""Talks with a follow-up become conversations. Run: pytest tests/training/data/test_rewriting.py"""

from __future__ import annotations

import pytest

from rag.answer.result import Turn
from rag.answer.rewriting import SYSTEM, accepted
from rag.errors import OdfinError
from training.data import rewriting
from training.data.filters import reason


def test_what_is_shipped_is_what_the_assistant_would_accept():
    found = list(rewriting.records())
    assert len(found) >= 600 and len({one.id for one in found}) == len(found)
    assert all(one.messages[0]["content"] == SYSTEM and len(one.messages) == 3 for one in found)
    kinds = {kind: sum(one.kind == kind for one in found) for kind in ("changed", "unchanged")}
    assert kinds["unchanged"] >= 60 and kinds["changed"] >= 400
    assert not [one.answer for one in found if reason(one)]
    talk = [Turn("user", one.messages[1]["content"]) for one in found]
    taken = [bool(accepted(one.answer, one.question.rsplit("【追问】", 1)[-1], [turn]))
             for one, turn in zip(found, talk, strict=True) if one.kind == "changed"]
    assert sum(taken) >= 0.9 * len(taken), "its own checks let pass what it is taught to say"


def test_a_line_that_is_no_talk_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"history": [], "question": "那呢"}\n', encoding="utf-8")
    with pytest.raises(OdfinError, match=r"a\.jsonl 第 1 行"):
        list(rewriting.records(tmp_path))
