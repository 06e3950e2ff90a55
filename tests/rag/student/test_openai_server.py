"""What only the OpenAI-compatible runtime has. Run: python -m pytest tests/rag/student/test_openai_server.py"""

from __future__ import annotations

import socket
import traceback

import pytest

from rag.student import StudentError, open_student


def test_warm_asks_the_server(settings_for):
    student = open_student(settings_for("openai"))
    assert student.warm() is student
    student.close()


def test_a_wrong_key_is_said_and_not_shown(settings_for):
    student = open_student(settings_for("openai", server_key="not-the-right-key"))
    with pytest.raises(StudentError, match="ODFIN_SERVER_KEY") as caught:
        student.invoke("你好")
    assert "not-the-right-key" not in "".join(traceback.format_exception(caught.value))


def test_nobody_listens_there(settings_for):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    student = open_student(settings_for("openai", server_url=url))
    for use in (student.warm, lambda: student.invoke("你好"), lambda: list(student.stream("你好"))):
        with pytest.raises(StudentError, match=f"连不上模型服务 {url}"):
            use()


def test_no_address_is_set(settings_for):
    with pytest.raises(StudentError, match="ODFIN_SERVER_URL"):
        open_student(settings_for("openai", server_url="")).invoke("你好")


def test_the_server_answers_another_protocol(settings_for, server_url):
    student = open_student(settings_for("openai", server_url=server_url.removesuffix("/v1") + "/health"))
    with pytest.raises(StudentError, match="模型服务"):
        student.invoke("你好")
