"""The same promises on all three runtimes, kept by a tiny real model. Run: python -m pytest tests/rag/student"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from langchain_core.callbacks import BaseCallbackHandler, UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from rag.student import StudentError
from rag.student.runtime import Finish, GaveUp, Listener, Options, Turns
from tests.fixtures.tiny_student import SYSTEM, TALKS

COUNTING = [{"role": "user", "content": "数数"}]


@pytest.mark.parametrize("question", TALKS)
def test_says_what_it_was_taught(student, question):
    assert student.invoke(question).content == TALKS[question]


def test_streams_what_it_says(student):
    pieces = list(student.stream([SystemMessage(SYSTEM), HumanMessage("数数")]))
    assert len(pieces) > 20
    assert "".join(piece.content for piece in pieces) == TALKS["数数"]
    assert all("\ufffd" not in piece.content for piece in pieces)


def test_whole_characters_only_in_pieces(student):
    pieces = [piece.content for piece in student.stream("逾期了怎么办？")]
    assert "".join(pieces) == TALKS["逾期了怎么办？"]
    assert any("😊" in piece for piece in pieces)  # four bytes, several tokens, one piece


def test_usage_and_metadata_come_with_the_last_piece(student):
    *earlier, last = student.stream("数数")
    assert all(piece.usage_metadata is None for piece in earlier)
    said = student.invoke("数数")
    for message in (last, said):
        usage = message.usage_metadata
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        assert usage["output_tokens"] > 80
        assert message.response_metadata["finish_reason"] == "stop"
        assert message.response_metadata["model_name"] == student.model_name
        assert message.response_metadata["timings"]["generation_s"] > 0


def test_prompt_tokens_are_counted_as_used(student):
    messages = [SystemMessage(SYSTEM), HumanMessage("年费是多少？")]
    used = student.invoke(messages).usage_metadata["input_tokens"]
    counted = student.get_num_tokens_from_messages(messages)
    if student.runtime.name == "openai":
        assert counted > 0  # an estimate: the server's tokenizer is out of reach
    else:
        assert counted == used
    assert student.get_num_tokens("您好") >= 1


def test_max_tokens_ends_with_length(student):
    message = student.bind(max_tokens=5).invoke("数数")
    assert message.usage_metadata["output_tokens"] == 5
    assert message.response_metadata["finish_reason"] == "length"
    assert TALKS["数数"].startswith(message.content)


@pytest.mark.parametrize("stop", [["8、"], ["7、8", "没有"], ["、4、5"]])
def test_stop_words_are_not_shown(student, stop):
    before = TALKS["数数"].split(stop[0])[0]
    assert student.invoke("数数", stop=stop).content == before
    assert "".join(piece.content for piece in student.stream("数数", stop=stop)) == before
    assert student.invoke("数数", stop=stop).response_metadata["finish_reason"] == "stop"


def test_seed_repeats_a_sample(student):
    warm = student.bind(temperature=3.0, max_tokens=12, seed=5)
    assert warm.invoke("数数").content == warm.invoke("数数").content
    if student.runtime.name == "openai":
        return  # the server's own min_p leaves a model that is sure of itself nothing to choose from
    others = {student.bind(temperature=3.0, max_tokens=12, seed=seed).invoke("数数").content for seed in range(4)}
    assert len(others) > 1


async def test_async_says_the_same(student):
    said, streamed = await asyncio.gather(student.ainvoke("数数"), _collect(student.astream("年费是多少？")))
    assert said.content == TALKS["数数"]
    assert streamed == TALKS["年费是多少？"]


async def _collect(stream) -> str:
    return "".join([piece.content async for piece in stream])


def test_four_threads_at_once(student):
    questions = list(TALKS) * 2
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda question: student.invoke(question).content, questions))
    assert answers == [TALKS[question] for question in questions]


def test_callbacks_hear_every_token_and_the_usage(student):
    class Ear(BaseCallbackHandler):
        heard = ""

        def on_llm_new_token(self, token, **kwargs):
            self.heard += token

    ear, usage = Ear(), UsageMetadataCallbackHandler()
    list(student.stream("年费是多少？", config={"callbacks": [ear, usage]}))
    assert ear.heard == TALKS["年费是多少？"]
    assert usage.usage_metadata[student.model_name]["output_tokens"] > 0


def test_a_conversation_is_continued_after_the_assistant(student):
    if student.runtime.name == "openai":
        pytest.skip("whether a server continues the assistant's words is the server's choice")
    answer = student.invoke([HumanMessage("年费是多少？"), AIMessage("普通卡年费")])
    assert answer.content == "100元，刷卡满6次免次年年费。"


def test_generation_stops_when_the_listener_leaves(student):
    heard: list[str] = []

    def deliver(piece):
        heard.append(piece)
        if len(heard) == 3:
            listener.leave()

    listener = Listener(deliver)
    with pytest.raises(GaveUp):
        student.runtime.run(COUNTING, Options(max_tokens=200), listener)
    assert len(heard) == 3
    assert student.invoke("你好").content == TALKS["你好"]  # the place is free again


def test_closing_a_stream_half_way(student):
    stream = student.stream("数数")
    assert next(stream).content is not None
    stream.close()
    assert student.invoke("你好").content == TALKS["你好"]


async def test_leaving_an_async_stream_half_way(student):
    stream = student.astream("数数")
    await anext(stream)
    await stream.aclose()
    assert (await student.ainvoke("你好")).content == TALKS["你好"]


def test_too_long_a_prompt_says_by_how_much(student):
    with pytest.raises(StudentError) as caught:
        student.invoke("数" * 3000)
    if student.runtime.name != "openai":
        window = 512
        needed = student.get_num_tokens_from_messages([HumanMessage("数" * 3000)])
        assert f"共 {needed} 个词元" in str(caught.value)
        assert f"{needed - window + 1} 个" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_first_token_log_probabilities(student):
    seen = student.first_token_logprobs("你好", top_n=5)
    assert 1 < len(seen) <= 5
    assert max(seen, key=seen.get) == next(iter(seen)) == "您好"
    assert sum(map(math.exp, seen.values())) <= 1.0001


def test_yes_and_no_are_scored(student):
    assert student.score_yes_no("存款保险保吗？答是或否") > 0.5
    assert student.score_yes_no("股票保本吗？答是或否") < 0.5
    assert student.score_yes_no("你好", yes=("没有这个词",), no=("也没有",)) == 0.5


def test_what_it_cannot_read_is_said_in_one_line(student):
    picture = HumanMessage([{"type": "image_url", "image_url": {"url": "data:,"}}])
    with pytest.raises(StudentError, match="只读文字"):
        student.invoke([picture])
    with pytest.raises(StudentError, match="tool"):
        student.invoke([HumanMessage("你好"), ToolMessage("1", tool_call_id="1")])
    with pytest.raises(StudentError, match="tools"):
        student.invoke("你好", tools=[{"type": "function"}])
    assert student.invoke([HumanMessage([{"type": "text", "text": "你好"}])]).content == TALKS["你好"]


def test_a_timeout_is_an_error_of_one_line(students):
    student = students("llamacpp")
    with student.runtime._turns.turn(), pytest.raises(StudentError, match=r"0\.05 秒"):
        student.bind(timeout=0.05).invoke("你好")


def test_generate_ends_with_one_finish(student):
    *pieces, end = student.runtime.generate(COUNTING, Options(max_tokens=10))
    assert all(isinstance(piece, str) for piece in pieces)
    assert isinstance(end, Finish)
    assert end.completion_tokens == 10


LEAVING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell runs the tests in the background
import asyncio, sys
from rag.settings import load_settings
from rag.student import open_student

runtime, model, home, way = sys.argv[1:]
student = open_student(load_settings(runtime=runtime, student=model, home=home, threads=1, context_tokens=512,
                                     max_answer_tokens=400)).bind(temperature=2.0, seed=1)
if way == "async":
    async def leave():
        async for piece in student.astream("数数"):
            return
    asyncio.run(leave())
else:
    stream = student.stream("数数")
    next(stream)
print("spoke", flush=True)
if way == "interrupted":
    for _ in range(1000):
        student.invoke("数数")
"""


@pytest.mark.parametrize(("runtime", "way"), [
    ("llamacpp", "open stream"), ("llamacpp", "async"), ("llamacpp", "interrupted"), ("transformers", "open stream")])
def test_a_process_may_end_in_the_middle_of_an_answer(tiny, tmp_path, runtime, way):
    model = tiny.gguf if runtime == "llamacpp" else tiny.checkpoint
    process = subprocess.Popen([sys.executable, "-c", LEAVING, runtime, str(model), str(tmp_path), way],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "spoke\n", process.stderr.read()
    if way == "interrupted":
        if os.name != "posix":
            process.kill()
            pytest.skip("POSIX signals only")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "FATAL" not in errors
    if way == "interrupted":
        assert "KeyboardInterrupt" in errors
        assert process.returncode in (130, -signal.SIGINT)
    else:
        assert process.returncode == 0


def test_turns_are_taken_in_order_and_given_up_for_free():
    turns, order = Turns(1), []

    def take(name):
        with turns.turn():
            order.append(name)

    with ThreadPoolExecutor(4) as pool:
        with turns.turn():
            waiting = []
            for name in "abc":
                waiting.append(pool.submit(take, name))
                while len(turns._waiting) < len(waiting):
                    time.sleep(0.001)
            with pytest.raises(GaveUp), turns.turn(lambda: True):
                order.append("never")
        for future in waiting:
            future.result(5)
    assert order == ["a", "b", "c"]
