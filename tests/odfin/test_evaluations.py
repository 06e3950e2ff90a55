"""`odfin eval`: which words of the command line mean what."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from odfin import evaluations
from rag.errors import OdfinError


def run(*arguments: object):
    return CliRunner().invoke(evaluations.app, [str(argument) for argument in arguments])


def test_sets_need_no_name_before_them(tmp_path):
    done = run("--parts", "retrieval", "--systems", "keyword", "--sample", "1")
    assert done.exit_code == 2 and "SETS" in done.output
    assert isinstance(run("no-such.jsonl", "--parts", "search").exception, OdfinError)


def test_gate_is_a_command_and_an_option(tmp_path):
    for arguments in (["--gate", tmp_path / "none.json"], ["gate", tmp_path / "none.json"]):
        done = run(*arguments)
        assert isinstance(done.exception, OdfinError) and "none.json 打不开" in str(done.exception)


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
