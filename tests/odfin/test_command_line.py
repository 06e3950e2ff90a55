"""The command line that other programs rely on, run as they run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def odfin(settings, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ODFIN_", "TELEGRAM"))}
    return subprocess.run([sys.executable, "-m", "odfin.main", *arguments], capture_output=True, text=True, timeout=280,
                          env={**clean, "ODFIN_HOME": str(settings.home), **environment})


def test_index_prints_one_summary_object(settings, documents, embedder_model):
    (documents / "坏.docx").write_bytes(b"not a zip")
    ran = odfin(settings, "index", str(documents), "--json")
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert (report["added"], report["changed"], report["removed"], report["unchanged"]) == (3, 0, 0, 0)
    assert report["failed"][0]["source"] == "坏.docx" and report["failed"][0]["reason"]
    assert report["chunks"] > 0 and report["seconds"] > 0 and report["snapshot"]


def test_search_prints_a_line_a_question_in_order(indexed, tmp_path):
    batch = tmp_path / "q.jsonl"
    batch.write_text('{"question": "安居贷提前还款违约金"}\n\n{"question": "金卡年费"}\n', "utf-8")
    ran = odfin(indexed, "search", "--json", "--top-k", "2", "--batch", str(batch))
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["question"] for row in rows] == ["安居贷提前还款违约金", "金卡年费"]
    assert all(len(row["hits"]) == 2 and set(row["hits"][0]) == {"text", "source", "page", "score"} for row in rows)
    assert rows[0]["hits"][0]["source"] == "贷款/安居贷产品手册.md"


@pytest.mark.model
def test_ask_prints_a_line_a_question_with_history(indexed, student_model, tmp_path):
    batch = tmp_path / "q.jsonl"
    rows = [{"question": "安居贷提前还款要收违约金吗？"},
            {"question": "那逾期呢？", "history": [{"role": "user", "content": "安居贷提前还款要收违约金吗？"},
                                              {"role": "assistant", "content": "满1年后不收。"}]}]
    batch.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    ran = odfin(indexed, "ask", "--json", "--batch", str(batch))
    assert ran.returncode == 0, ran.stderr
    first, second = (json.loads(line) for line in ran.stdout.splitlines())
    assert set(first) == {"question", "answer", "refused", "citations", "timings"}
    assert first["refused"] is False and first["citations"][0]["source"] == "贷款/安居贷产品手册.md"
    assert "40%" in second["answer"] + second["citations"][0]["text"]


@pytest.mark.parametrize(("arguments", "words"), [
    (("ask", "  "), "问题是空的"),
    (("index", "/no/such/folder"), "没有文件夹"),
    (("ask", "--batch", "/no/such/file.jsonl", "--json"), "读不了"),
    (("ask",), "--batch"),
    (("bot",), "TELEGRAM_BOT_TOKEN"),
])
def test_what_fails_says_so_in_one_line(settings, embedder_model, arguments, words):
    ran = odfin(settings, *arguments)
    lines = ran.stderr.strip().splitlines()
    assert ran.returncode == 1 and ran.stdout == ""
    assert len(lines) == 1 and words in lines[0] and "Traceback" not in ran.stderr


def test_a_bad_row_is_named(settings, tmp_path):
    batch = tmp_path / "q.jsonl"
    batch.write_text('{"question": "年费"}\n{"ask": 1}\n', "utf-8")
    ran = odfin(settings, "search", "--batch", str(batch))
    assert ran.returncode == 1 and "第 2 行" in ran.stderr


def test_wrong_usage_exits_with_2(settings):
    assert odfin(settings, "serach").returncode == 2
    assert odfin(settings, "search", "--top-k", "0", "年费").returncode == 2


def test_debug_shows_where_it_failed(settings):
    assert "Traceback" in odfin(settings, "index", "/no/such/folder", "--debug").stderr


def test_the_first_question_indexes_the_knowledge_folder(settings, documents, embedder_model):
    ran = odfin(settings, "search", "--json", "金卡年费", ODFIN_KNOWLEDGE=str(documents))
    assert ran.returncode == 0, ran.stderr
    assert "第一次使用" in ran.stderr and "3 份文档" in ran.stderr
    assert json.loads(ran.stdout)["hits"][0]["source"] == "信用卡/收费标准.csv"


def test_nothing_to_index_is_one_clear_line(settings, embedder_model):
    ran = odfin(settings, "search", "年费", ODFIN_KNOWLEDGE="/no/such/folder")
    assert ran.returncode == 1 and "没有文件夹" in ran.stderr and "Traceback" not in ran.stderr


def test_models_are_listed(settings):
    rows = json.loads(odfin(settings, "models", "--json").stdout)
    assert {row["name"] for row in rows} >= {"student", "teacher", "e5-small"}
    assert all(len(row["sha256"]) == 64 for row in rows)
    assert {row["name"]: row["fits"] is None for row in rows} == {"student": False, "teacher": False, "e5-small": True}
