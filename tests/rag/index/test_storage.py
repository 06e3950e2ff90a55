"""A disk that is full or cannot be written: one clear line, the old index still answers, and nothing is lost.

Run: pytest tests/rag/index/test_storage.py   (needs the right to mount a small disk in a namespace of its own)
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PRELUDE = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
import json, os
from pathlib import Path
from rag.errors import OdfinError
from rag.evaluate.synthetic import HashEmbedder
from rag.index.build import Indexer
from rag.index.search import Searcher
from rag.settings import load_settings
disk, folder = map(Path, sys.argv[1:])
settings = load_settings(home=disk / "home", _env_file=None)
def run():
    try:
        report = Indexer(settings, HashEmbedder()).run(folder)
        return [report.documents, [f.reason for f in report.failed]]
    except OdfinError as error:
        return str(error)
def asked():
    return [hit.source for hit in Searcher(settings, HashEmbedder()).search("金卡年费")][:1]
def many(name):
    return "# " + name + "\\n\\n" + "\\n\\n".join(
        f"## 第{{n}}条 {{name}}的规定\\n\\n" + "".join(f"第{{n}}项第{{k}}款收费{{n * k}}元，" for k in range(40)) for n in range(400))
"""


def on_a_small_disk(tmp_path: Path, documents: Path, *scripts: str) -> list:
    """What scripts print that run one after another with a small disk of their own; it is read-only for the second."""
    disk, unshare = tmp_path / "disk", shutil.which("unshare")
    disk.mkdir()
    if unshare is None or subprocess.run([unshare, "-rm", "mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no right to mount a disk in a namespace of one's own")
    steps = ['mount -t tmpfs -o size=24m tmpfs "$1"']
    for number, script in enumerate(scripts):
        (tmp_path / f"{number}.py").write_text(PRELUDE + script, "utf-8")
        steps.append(f'"$2" "$3/{number}.py" "$1" "$4"')
    shell = " && mount -o remount,ro \"$1\" && ".join((" && ".join(steps[:2]), *steps[2:]))
    done = subprocess.run([unshare, "-rm", "sh", "-c", shell, "sh", disk, sys.executable, tmp_path, documents],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_full_disk_leaves_the_old_index_and_the_next_run_finishes(tmp_path, documents):
    [said] = on_a_small_disk(tmp_path, documents, """
said = {"first": run(), "before": asked()}
(folder / "保险/长.md").write_text(many("长条款"), "utf-8")
free = os.statvfs(disk)
(disk / "ballast").write_bytes(bytes(free.f_bavail * free.f_bsize - (1 << 20)))
said["full"], said["during"], said["again"] = run(), asked(), run()
(disk / "ballast").unlink()
said["after"], said["once"] = run(), asked()
print(json.dumps(said))
""")
    assert said["first"] == [3, []] and said["before"] == said["during"] == said["once"] == ["信用卡/收费标准.csv"]
    for line in (said["full"], said["again"]):
        assert "磁盘写满了" in line and "从断处继续" in line and "\n" not in line
    assert said["after"] == [4, []]


def test_a_home_that_cannot_be_written_answers_still(tmp_path, documents):
    first, then = on_a_small_disk(tmp_path, documents, "print(json.dumps([run(), asked()]))", """
(folder / "保险/新条款.md").write_text(many("新条款"), "utf-8")
said = [asked(), run(), asked()]
settings = load_settings(home=disk / "another", _env_file=None)
print(json.dumps([*said, run()]))
""")
    assert first == [[3, []], ["信用卡/收费标准.csv"]]
    assert then[0] == then[2] == first[1]
    for line in (then[1], then[3]):
        assert "不能写" in line and "ODFIN_HOME" in line and "\n" not in line
