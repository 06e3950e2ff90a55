"""`odfin eval`: which words of the command line mean what."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from odfin import evaluations
from rag.errors import OdfinError
from rag.evaluate.built_in import INSTITUTIONS, QUESTIONS, built_in


def run(*arguments: object):
    return CliRunner().invoke(evaluations.app, [str(argument) for argument in arguments])


@pytest.fixture
def asked(monkeypatch):
    """What would be run: (name of the call, sets), one for each call."""
    calls = []
    done = SimpleNamespace(to_markdown=lambda: "done", to_json=dict, check=lambda: None)
    monkeypatch.setattr("odfin.main.ready", lambda settings, student=False: settings)
    monkeypatch.setattr("odfin.main.indexed", lambda settings: calls.append(("indexed", [])) or settings)
    monkeypatch.setattr("rag.evaluate.evaluation.run_eval", lambda _, sets, **more: calls.append(("eval", list(sets))) or done)
    monkeypatch.setattr("rag.evaluate.gate.hold", lambda *_, sets, say: calls.append(("gate", list(sets))) or done)
    return calls


def test_a_built_in_set_is_asked_by_its_name(asked):
    for name in ("knowledge", "talk", "corpus", "corpus_b"):
        assert run(name, "--parts", "retrieval", "--systems", "keyword").exit_code == 0
    assert [sets for call, sets in asked if call == "eval"] == [[QUESTIONS / f"{n}.jsonl"] for n in ("knowledge", "talk", "corpus", "corpus_b")]
    assert [call for call, _ in asked] == ["indexed", "eval", "indexed", "eval", "eval", "eval"]  # the samples are indexed at first use
    assert run("city_bank").exit_code == 0 and asked[-1] == ("eval", [INSTITUTIONS / "city_bank"])
    assert "没有名为 knowlege 的内置题集，也没有这个文件；内置题集：knowledge、talk" in str(run("knowlege").exception)


def test_without_a_set_the_built_in_one_is_asked(asked):
    for arguments in ([], ["--parts", "retrieval", "--systems", "keyword", "--sample", "1"]):
        done = run(*arguments)
        assert done.exit_code == 0 and asked[-1] == ("eval", [QUESTIONS / "knowledge.jsonl"]) and "没有写题集" in done.output


def test_what_is_wrong_is_one_line():
    assert "没有名为 search 的部分" in str(run("no-such.jsonl", "--parts", "search").exception)


def test_sets_are_listed_and_named_in_the_help():
    listed = run("list").stdout
    assert "| knowledge | 448 |" in listed and "| city_bank | 70 |" in listed and "shared/data/corpus" in listed
    assert {row["name"] for row in json.loads(run("list", "--json").stdout)} == set(built_in())
    assert all(word in run("--help").output for word in ("knowledge", "corpus_b", "city_bank", "list"))


def test_gate_is_a_command_and_an_option(tmp_path):
    for arguments in (["--gate", tmp_path / "none.json"], ["gate", tmp_path / "none.json"], [f"--gate={tmp_path / 'none.json'}"]):
        done = run(*arguments)
        assert isinstance(done.exception, OdfinError) and "none.json 打不开" in str(done.exception)
    assert run("--gate").exit_code == 2


def test_a_gate_stands_before_or_after_the_sets_it_is_held_over(asked, tmp_path):
    file = tmp_path / "gate.json"
    file.write_text('{"questions": "talk", "floors": [{"measure": "R@5", "least": 0.5}]}', encoding="utf-8")
    for arguments in (["a.jsonl", "--gate", file, "--json"], ["--gate", file, "a.jsonl"], ["a.jsonl", f"--gate={file}"], ["gate", file, "a.jsonl"]):
        done = run(*arguments)
        assert done.exit_code == 0, done.output
        assert asked[-1] == ("gate", ["a.jsonl"])
    assert run("--gate", "knowledge").exit_code == 0 and asked[-1] == ("gate", [])


def test_compare_takes_folders_and_writes_a_page(tmp_path):
    row = {"part": "retrieval", "set": "s", "system": "hybrid", "id": "1", "kind": "", "topic": "", "rank": 2}
    for name, rank in (("one", 2), ("two", 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}", encoding="utf-8")
        (tmp_path / name / "rows.jsonl").write_text(json.dumps(row | {"rank": rank}) + "\n", encoding="utf-8")
    done = run("compare", tmp_path / "one", tmp_path / "two", "--json", "--html", tmp_path / "page.html")
    assert done.exit_code == 0, done.exception
    found = {one["measure"]: one for one in json.loads(done.stdout)["differences"]}
    assert (found["R@1"]["gained"], found["R@1"]["lost"], found["MRR"]["difference"]) == (1, 0, 0.5)
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("<svg") == 1
    assert "不是评测结果文件夹" in str(run("compare", tmp_path / "one", tmp_path / "three").exception)
