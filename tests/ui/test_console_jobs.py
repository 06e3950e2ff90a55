"""Re-indexing runs of the console. Run: pytest tests/ui/test_console_jobs.py"""

from __future__ import annotations

import threading

import pytest

from rag.errors import OdfinError
from rag.index.build import Progress
from ui.jobs import ReindexJob

REPORT = {"added": 1, "changed": 0, "removed": 0, "unchanged": 2, "chunks": 9, "seconds": 0.1, "failed": []}


@pytest.fixture
def record(tmp_path):
    return tmp_path / "last-run.json"


class Gated:
    """Work that reports each step and then waits to be let on."""

    def __init__(self, *steps: Progress) -> None:
        self.steps = steps
        self.let = threading.Semaphore(0)
        self.at = threading.Semaphore(0)
        self.published = False

    def __call__(self, progress):
        for step in self.steps:
            progress(step)
            self.at.release()
            assert self.let.acquire(timeout=10)
        self.published = True
        return REPORT


def test_progress_is_seen_and_only_one_run_goes_at_a_time(record):
    work = Gated(Progress("read", 1, 4, "保险/一.md"), Progress("embed", 3, 4))
    job = ReindexJob(work, record)
    assert job.state().number == 0 and not job.state().running
    assert job.start("admin")
    assert work.at.acquire(timeout=10)
    state = job.state()
    assert (state.running, state.stage, state.fraction, state.detail, state.by) == (True, "read", 0.25, "保险/一.md", "admin")
    assert not job.start("second tab")
    work.let.release()
    assert work.at.acquire(timeout=10)
    assert (job.state().stage, job.state().fraction) == ("embed", 0.75)
    work.let.release()
    state = job.wait(10)
    assert not state.running and state.report == REPORT and not state.error and state.finished_at >= state.started_at
    work.let.release(2)
    assert job.start("admin")
    assert job.wait(10).number == 2


def test_of_many_starts_at_once_one_wins(record):
    gate = threading.Event()
    job = ReindexJob(lambda progress: gate.wait(10) and REPORT, record)
    started = []
    threads = [threading.Thread(target=lambda n=n: started.append(job.start(str(n)))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.set()
    assert started.count(True) == 1
    assert job.wait(10).report == REPORT


def test_a_refused_run_says_why_and_a_failed_one_points_to_the_log(record, caplog):
    def refuse(progress):
        raise OdfinError("另一个索引任务正在进行；请等它结束后再试")

    def fail(progress):
        raise RuntimeError("secret path /x/y")

    job = ReindexJob(refuse, record)
    job.start("admin")
    assert job.wait(10).error == "另一个索引任务正在进行；请等它结束后再试"
    job = ReindexJob(fail, record)
    job.start("admin")
    state = job.wait(10)
    assert "RuntimeError" in state.error and "secret" not in state.error and "\n" not in state.error
    assert "secret path /x/y" in caplog.text
    assert job.start("admin")  # the next one may run
    job.wait(10)


def test_stopping_ends_the_run_before_it_publishes(record):
    work = Gated(Progress("read", 0, 2), Progress("read", 1, 2))
    job = ReindexJob(work, record)
    job.start("admin")
    assert work.at.acquire(timeout=10)
    job.stop()
    assert job.state().stopping
    work.let.release(2)
    state = job.wait(10)
    assert state.stopped and not state.report and not state.error and not work.published


def test_publishing_is_not_stopped_half_way(record):
    work = Gated(Progress("publish", 0, 1), Progress("publish", 1, 1))
    job = ReindexJob(work, record)
    job.start("admin")
    assert work.at.acquire(timeout=10)
    job.stop()
    work.let.release(2)
    assert job.wait(10).report == REPORT


def test_the_last_result_outlives_the_server(record):
    job = ReindexJob(lambda progress: REPORT, record)
    job.start("admin")
    job.wait(10)
    again = ReindexJob(lambda progress: REPORT, record)
    assert again.state().report == REPORT and again.state().by == "admin" and not again.state().running
    record.write_text("{broken", encoding="utf-8")
    assert ReindexJob(lambda progress: REPORT, record).state().number == 0
