"""What only the in-process llama.cpp runtime has. Run: python -m pytest tests/rag/student/test_llamacpp.py"""

from __future__ import annotations

import os
import signal
import stat
import threading
from pathlib import Path

import pytest

from rag.errors import ModelMissingError
from rag.student import StudentError, open_student
from tests.fixtures.tiny_student import TALKS, write_gguf_adapter


def test_nothing_is_loaded_before_it_is_needed(settings_for):
    student = open_student(settings_for("llamacpp"))
    assert student.runtime._engine is None
    assert student.warm() is student
    assert student.runtime._engine is not None
    student.close()
    assert student.runtime._engine is None
    assert student.invoke("你好").content == TALKS["你好"]  # loads again
    student.close()


def test_a_prompt_seen_before_is_not_read_again(students):
    student = students("llamacpp")
    first = student.invoke("年费是多少？").usage_metadata
    again = student.invoke("年费是多少？").usage_metadata
    assert again["input_token_details"]["cache_read"] >= first["input_tokens"] - 1


def test_the_socket_is_private_and_goes_away(settings_for):
    if os.name != "posix":
        pytest.skip("UNIX sockets only")
    student = open_student(settings_for("llamacpp")).warm()
    folder = Path(student.runtime._engine._tidy.peek()[2][0])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [entry.name for entry in folder.iterdir()] == ["s.sock"]
    student.close()
    assert not folder.exists()


def test_ctrl_c_stays_pythons_even_when_a_thread_loads(settings_for):
    if os.name != "posix":
        pytest.skip("POSIX signals only")
    student = open_student(settings_for("llamacpp"))
    caught = []
    before = signal.signal(signal.SIGINT, lambda *_: caught.append("here"))
    try:
        loading = threading.Thread(target=student.warm)
        loading.start()
        loading.join()
        os.kill(os.getpid(), signal.SIGINT)
        assert caught == ["here"]
        assert student.invoke("你好").content == TALKS["你好"]
    finally:
        signal.signal(signal.SIGINT, before)
        student.close()


def test_a_lora_adapter_is_applied(settings_for, tiny, tmp_path):
    still = write_gguf_adapter(tiny, tmp_path / "still.gguf", scale=0.0)
    loud = write_gguf_adapter(tiny, tmp_path / "loud.gguf", scale=1.0)
    said = {}
    for adapter in (still, loud):
        student = open_student(settings_for("llamacpp", adapter=adapter))
        said[adapter.stem] = student.invoke("年费是多少？").content
        student.close()
    assert said["still"] == TALKS["年费是多少？"]
    assert said["loud"] != TALKS["年费是多少？"]


def test_several_slots_answer_together(settings_for):
    from rag.student.chat_model import ODFinChatModel
    from rag.student.llamacpp import LlamaCppRuntime

    student = ODFinChatModel(runtime=LlamaCppRuntime(settings_for("llamacpp"), slots=2), max_tokens=200)
    try:
        assert [answer.content for answer in student.batch(list(TALKS))] == list(TALKS.values())
    finally:
        student.close()


def test_a_missing_or_broken_file_is_named(settings_for, tmp_path):
    with pytest.raises(ModelMissingError, match=r"nowhere\.gguf"):
        open_student(settings_for("llamacpp", student=str(tmp_path / "nowhere.gguf"))).warm()
    with pytest.raises(ModelMissingError, match="适配器"):
        open_student(settings_for("llamacpp", adapter=tmp_path / "none.gguf")).warm()
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")
    with pytest.raises(StudentError, match=r"broken\.gguf"):
        open_student(settings_for("llamacpp", student=str(broken))).warm()


@pytest.mark.model
def test_the_pinned_student_reads_a_passage(pinned):
    passage = "资料：澄海卡年费为每年360元，当年刷卡满12次免收次年年费。"
    answer = pinned.bind(max_tokens=40).invoke(f"{passage}\n问题：澄海卡的年费是多少？只答金额。")
    assert "360" in answer.content
    assert answer.usage_metadata["output_tokens"] <= 40
