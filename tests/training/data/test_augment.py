"""A model's questions count only after checks, and are paid for once. Run: pytest tests/training/data/test_augment.py"""

from __future__ import annotations

import json
from collections import Counter

import pytest

from rag.answer.result import Citation
from rag.models.pins import PINS, Pin
from rag.models.store import sha256_of
from rag.settings import load_settings
from rag.student import StudentError
from rag.student import adapter as shipping
from rag.student.runtime import Message, Options
from tests.fixtures.tiny_student import CONTEXT, TALKS, tiny_student, write_gguf_adapter
from tests.training.data.api_server import KEY, serving
from training.data.augment.checks import item_fault, question_fault
from training.data.augment.teacher import Teacher
from training.data.augment.write import asked_anew, rephrased
from training.data.config import Augment
from training.data.record import Record
from training.data.render import reading_messages

PASSAGE = "借款人提前还款应当提前15日书面申请。"
RECORDS = [Record(reading_messages(question, [Citation(1, "a.md", "安居贷", PASSAGE)], "提前15日。"), "reading", "own", "own", f"d{n}")
           for n, question in enumerate(("提前还款要提前15天申请吗", "提前还款怎么申请", "想早点还清要提前几天说", "还款需要书面申请吗"))]
SAYS = {"提前还款要提前15天申请吗": "提前还款得提前30天申请吗", "提前还款怎么申请": "问题：我想把钱提前还上，该怎么申请呀？",
        "想早点还清要提前几天说": "想早点还清要提前几天说？", "还款需要书面申请吗": "Do I need a written application to repay?"}


def says(asked: str) -> str:
    if "JSON" in asked:
        clause = asked.rsplit("资料：", 1)[1]
        if "15日" in clause:
            return '好的：{"question": "想早点把贷款还上，得提前几天申请？", "answer": "提前15日书面申请。"}'
        return '{"question": "罚息上浮多少？", "answer": "上浮99%。"}' if "上浮" in clause else "我不知道"
    return next(said for question, said in SAYS.items() if asked.endswith(question))


@pytest.fixture
def teacher(tmp_path):
    opened = []

    def make(url: str, **more) -> Teacher:
        config = Augment(url=url, model="big-model", price_prompt=2.0, price_completion=4.0, **more)
        settings = load_settings(_env_file=None, home=tmp_path, server_key=KEY)
        opened.append(Teacher(settings, config, tmp_path / "cache" / "requests.jsonl"))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_only_what_passes_counts_and_nothing_is_asked_twice(teacher, tmp_path):
    config = Augment(paraphrases=3, personas=1)
    with serving(says) as server:
        first, dropped = teacher(server.url), Counter()
        made = list(rephrased(RECORDS, config, first, 7, dropped))
        assert [r.question for r in made] == ["我想把钱提前还上，该怎么申请呀？"] and made[0].answer == "提前15日。" and made[0].source == "augmented"
        assert made[0].messages[0] == RECORDS[1].messages[0] and PASSAGE in made[0].messages[1]["content"]
        assert dropped == {"改写：数字变了": 1, "改写：照抄原问题": 1, "改写：不是中文": 1}
        assert any("口吻" in asked for asked in server.asked) and len(server.asked) == first.cost.requests == 4
        assert first.cost.prompt_tokens == sum(map(len, server.asked)) and first.cost.price(first._config) > 0

        (tmp_path / "cache" / "requests.jsonl").open("a").write('{"key": "half a li')  # a killed run
        again = teacher(server.url)
        assert list(rephrased(RECORDS, config, again, 7, Counter())) == made
        assert len(server.asked) == 4 and (again.cost.requests, again.cost.cached) == (0, 4)
        assert again.cost.tokens == first.cost.tokens and again.cost.price(again._config) == first.cost.price(first._config), "in all"
    assert len([json.loads(line) for line in (tmp_path / "cache" / "requests.jsonl").read_text().splitlines() if line.endswith("}")]) == 4


def test_new_questions_stand_on_their_clause(teacher, material):
    with serving(says) as server:
        dropped = Counter()
        made = list(asked_anew(material, Augment(questions=40), teacher(server.url), 7, dropped))
    assert made and {r.answer for r in made} == {"提前15日书面申请。"} and all("提前15日书面申请" in r.messages[1]["content"] for r in made)
    assert dropped["提问：数字不在资料里"] == 1 and dropped["提问：不是JSON"] > 0


def test_the_budget_ends_the_asking(teacher):
    with serving(says) as server:
        dropped = Counter()
        list(rephrased(RECORDS, Augment(paraphrases=4), teacher(server.url, most_tokens=60), 7, dropped))
        assert 0 < len(server.asked) < 4 and dropped["词元预算用完，未再提问"] == 1


def test_the_budget_is_one_for_all_runs_into_a_folder(teacher):
    with serving(says) as server:
        list(rephrased(RECORDS, Augment(paraphrases=4), teacher(server.url, most_tokens=60), 7, Counter()))
        asked, dropped = len(server.asked), Counter()
        again = teacher(server.url, most_tokens=60)
        list(rephrased(RECORDS, Augment(paraphrases=4), again, 7, dropped))
        assert len(server.asked) == asked and again.cost.cached == asked and dropped["词元预算用完，未再提问"] == 1
        assert again.cost.tokens >= 60 and again.cost.price(again._config) > 0


def test_a_model_on_this_machine_is_asked_with_the_adapter_that_is_shipped_for_it(tmp_path, request, monkeypatch):
    """The real runtime over a tiny student, pinned by its real hash; an adapter laid beside it changes what it says."""
    tiny = tiny_student(request.config.cache.mkdir("tiny-student"))
    settings = load_settings(_env_file=None, home=tmp_path / "home", threads=1, context_tokens=CONTEXT)
    settings.models_dir.mkdir(parents=True)
    copy = settings.models_dir / "tiny-student.gguf"
    copy.write_bytes(tiny.gguf.read_bytes())
    monkeypatch.setitem(PINS, "tiny", Pin("tiny", copy.name, sha256_of(copy), copy.stat().st_size, "", "", None, None))
    monkeypatch.setattr(shipping, "SHIPPED", tmp_path / "shipped")

    def said() -> tuple[str, int]:
        one = Teacher(settings, Augment(model="tiny"), tmp_path / "requests.jsonl")
        try:
            return one.ask([Message(role="user", content="年费是多少？")], Options(max_tokens=40)), one.cost.requests
        finally:
            one.close()

    assert said() == (TALKS["年费是多少？"], 1) and said() == (TALKS["年费是多少？"], 0)
    (tmp_path / "shipped").mkdir()
    write_gguf_adapter(tiny, tmp_path / "shipped" / "tiny.gguf", scale=1.0)
    words, requests = said()
    assert words != TALKS["年费是多少？"] and requests == 1, "with an adapter it is another model, and asked anew"


def test_the_pinned_teacher_is_the_fine_tuned_one(tmp_path):
    """Asked without a server, it reads the adapter that lies in the project; nothing is loaded before the first question."""
    one = Teacher(load_settings(_env_file=None, home=tmp_path), Augment(model="teacher"), tmp_path / "requests.jsonl")
    assert shipping.adapter_of(one._student.runtime.settings) == shipping.SHIPPED / "teacher.gguf"


def test_a_server_that_refuses_the_key_is_one_line(teacher, tmp_path):
    with serving(says) as server:
        one = teacher(server.url)
        one._student.runtime.settings = one._student.runtime.settings.model_copy(update={"server_url": server.url + "/other"})
        with pytest.raises(StudentError, match="ODFIN_SERVER_KEY"):
            list(rephrased(RECORDS, Augment(paraphrases=1), one, 7, Counter()))


@pytest.mark.parametrize(("written", "why"), [
    ("云泽定期寿险25岁男的每年要交多少保费", ""), ("云泽定期寿险26岁男性保费是多少", "数字变了"), ("25岁男性保费是多少", "名称变了"), ("云泽定期寿险25岁男性保费是多少？", "照抄原问题"), ("好", "长度")])
def test_a_paraphrase_keeps_figures_and_names(written, why):
    assert question_fault(written, "云泽定期寿险25岁男性保费是多少", ("云泽定期寿险",)) == why


@pytest.mark.parametrize(("question", "answer", "why"), [
    ("想早还得提前几天说", "提前15日书面申请。", ""), ("想早还得提前几天说", "提前30日书面申请。", "数字不在资料里"),
    ("借款人提前还款应当提前几日书面申请", "15日书面申请。", ""), ("借款人提前还款应当提前15日书面申请吗", "需要。", "照抄资料"), ("how many days before", "15日。", "不是中文")])
def test_a_new_item_stands_on_its_passage(question, answer, why):
    assert item_fault(question, answer, PASSAGE, PASSAGE) == why
