"""Snapshots, backup, restore and the watched folder on the command line. Run: pytest tests/odfin/test_lifecycle_commands.py"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from typer.testing import CliRunner

from odfin.main import app
from rag.errors import OdfinError
from rag.index.catalogue import Catalogue
from tests.conftest import settings_at


def environment(settings, **more: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ODFIN_", "TELEGRAM"))}
    return {**clean, "ODFIN_HOME": str(settings.home), **more}


def odfin(settings, *arguments: str, fails: bool = False) -> str:
    """Its stdout, or what it says where it must fail; in this process, which need not load the libraries anew."""
    ran = CliRunner().invoke(app, arguments, env={"ODFIN_HOME": str(settings.home)})
    assert (isinstance(ran.exception, OdfinError) if fails else ran.exit_code == 0), (ran.output, ran.exception)
    return str(ran.exception) if fails else ran.stdout


def test_snapshots_backup_and_restore_as_an_administrator_uses_them(settings, documents, embedder_model, tmp_path):
    assert "还没有快照" in odfin(settings, "snapshots")
    odfin(settings, "index", str(documents))
    path = documents / "贷款/安居贷产品手册.md"
    path.write_text(path.read_text("utf-8").replace("上浮40%", "上浮50%"), "utf-8")
    odfin(settings, "index")
    rows = json.loads(odfin(settings, "snapshots", "--json"))
    assert [(row["id"], row["documents"], row["live"]) for row in rows] == [(2, 3, True), (1, 3, False)]
    assert "正在使用" in odfin(settings, "snapshots")
    assert "~ 贷款/安居贷产品手册.md" in odfin(settings, "snapshots", "diff", "1", "2")
    found = json.loads(odfin(settings, "snapshots", "diff", "1", "2", "--json"))
    assert found["changed"] == ["贷款/安居贷产品手册.md"] and (found["chunks_added"], found["chunks_removed"]) == (1, 1)
    assert json.loads(odfin(settings, "snapshots", "rollback", "1", "--json"))["snapshot"] == "1"
    assert "没有快照 9" in odfin(settings, "snapshots", "rollback", "9", fails=True)
    asked = ("search", "逾期罚息上浮多少", "--json", "--top-k", "3")
    before = odfin(settings, *asked)
    assert "上浮40%" in json.loads(before)["hits"][0]["text"]

    archive = tmp_path / "备份.zip"
    assert json.loads(odfin(settings, "backup", str(archive), "--json"))["snapshot"] == 1
    other = settings_at(tmp_path / "elsewhere")
    assert "已恢复到" in odfin(other, "restore", str(archive))
    assert odfin(other, *asked) == before
    assert "--overwrite" in odfin(other, "restore", str(archive), fails=True)


def test_lost_vectors_are_made_again_before_anything_is_asked(settings, documents, embedder_model):
    odfin(settings, "index", str(documents))
    before = odfin(settings, "search", "金卡年费", "--json")
    for folder in ("chroma", "vectors"):
        subprocess.run(["rm", "-r", str(settings.home / folder)], check=True)
    assert odfin(settings, "search", "金卡年费", "--json") == before


def test_a_watched_folder_is_indexed_as_it_changes(settings, documents, embedder_model):
    watching = subprocess.Popen([sys.executable, "-m", "odfin.main", "index", str(documents), "--watch", "--json"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment(settings, ODFIN_WATCH_SECONDS="0.3"),
                                # ignored, and so inherited, where a shell runs the tests in the background
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        assert json.loads(watching.stdout.readline())["added"] == 3
        (documents / "保险/新条款.md").write_text("# 新条款\n\n免赔额一万元。", "utf-8")
        assert json.loads(watching.stdout.readline())["added"] == 1
    finally:
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=120)
    assert watching.returncode == 130 and "正在盯着" in said and "Traceback" not in said
    assert Catalogue(settings.home / "catalogue.db").live().documents == 4
