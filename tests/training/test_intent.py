"""The reader of intents is taught on written messages. Run: pytest tests/training/test_intent.py"""

import collections
import json

import pytest

from rag.errors import OdfinError
from rag.models.embedder import Embedder
from rag.models.intent_reader import LABELS, IntentReader
from training.intent import Message, Recipe, messages, train


def test_the_written_messages_are_many_distinct_and_of_every_kind():
    rows = messages(ordinary=0)
    counted = collections.Counter(one.label for one in rows)
    assert len({one.text for one in rows}) == len(rows) and set(counted) == set(LABELS)
    assert counted["normal"] >= 900 and all(counted[label] >= 150 for label in LABELS)
    assert len(messages(ordinary=100)) == len(rows) + 100


@pytest.mark.parametrize("row", ["{}", '{"text": "你好", "label": "greeting"}'])
def test_a_row_without_text_or_with_another_label_is_named(tmp_path, row):
    (tmp_path / "conduct").mkdir()
    with pytest.raises(OdfinError, match="conduct"):
        messages(tmp_path)
    (tmp_path / "conduct" / "a.jsonl").write_text(f'{json.dumps({"text": "怎么转账", "label": "normal"})}\n{row}\n', encoding="utf-8")
    with pytest.raises(OdfinError, match=r"a\.jsonl:2"):
        messages(tmp_path)


def test_what_is_taught_is_read_again(indexed, tmp_path):
    # Against all sense: only what is learnt can say so.
    rows = [Message(f"第{n}号{word}怎么办理", label) for n in range(12) for word, label in (("蓝色单据", "fraud"), ("红色单据", "normal"))]
    embedder, folder = Embedder(indexed), tmp_path / "out"
    score = train(rows, embedder, folder, Recipe(epochs=4, batch=4, lowest_layer=8, validation=0.2), lambda line: None)
    assert 0 <= score.false_alarm <= 1 and json.loads((folder / "recipe.json").read_text())["messages"] < len(rows)
    reader = IntentReader(embedder, folder)
    assert reader.shares("第77号蓝色单据怎么办理")["fraud"] > 0.5 > reader.shares("第77号红色单据怎么办理")["fraud"]
