"""`odfin index`: one run, or a watched folder."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from odfin.terminal import index_progress, say
from rag.index.build import Indexer, IndexReport


def run_once(indexer: Indexer, directory: Path | None, as_json: bool) -> None:
    with index_progress() as progress:
        report = indexer.run(directory, progress)
    show(report, as_json)


def run_watch(indexer: Indexer, directory: Path | None, as_json: bool) -> None:
    """Until Ctrl-C or SIGTERM; a line (or a JSON object) for every run that changed something."""
    from rag.index.watch import Watcher

    def told(report: IndexReport) -> None:
        if report.added or report.changed or report.removed or report.failed:
            show(report, as_json)

    watcher = Watcher(indexer, directory, every=indexer.settings.watch_seconds, say=say, report=told)
    say(f"正在盯着 {watcher.directory} 与上传的文档，有变化就更新（Ctrl-C 结束）")
    watcher.run(threading.Event())


def show(report: IndexReport, as_json: bool) -> None:
    for failure in report.failed:
        say(f"未能读取 {failure.reason}")
    for passed in report.skipped:
        say(f"未读 {passed.reason}")
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False), flush=True)
    else:
        print(f"新增 {report.added}，更新 {report.changed}，移除 {report.removed}，未变 {report.unchanged}，"
              f"失败 {len(report.failed)}；共 {report.documents} 份文档、{report.chunks} 个片段，"
              f"快照 {report.snapshot}，用时 {report.seconds:.1f} 秒", flush=True)
