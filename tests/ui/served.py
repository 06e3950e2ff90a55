"""A real console in a process of its own and a headless Chromium before it, for the browser test and the pictures."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_SWITCHES = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync")
PASSWORD = "长江 correct horse 9"


class Served:
    """A running console. `log` holds everything it has written to stdout and stderr."""

    def __init__(self, process: subprocess.Popen, port: int, log: Path) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def code(self, timeout: float = 90) -> str:
        """The one-time code, as an administrator reads it off the terminal."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\b", self.log):
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no code was printed:\n{self.log}")


@contextmanager
def serve(home: Path, knowledge: Path, folder: Path, **settings: str) -> Iterator[Served]:
    """Run the console on a free port until the block ends; it must then end by itself with 0."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ODFIN_")}
    environment |= {"ODFIN_HOME": str(home), "ODFIN_KNOWLEDGE": str(knowledge), "ODFIN_UI_PORT": str(port), **settings}
    log = folder / "console.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "ui.run"], cwd=PROJECT, env=environment, stdout=out, stderr=out)
        served = Served(process, port, log)
        try:
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert code == 0, served.log


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_SWITCHES))
        try:
            yield chromium
        finally:
            chromium.close()


def make_account(page: Page, served: Served, name: str = "admin") -> None:
    """From the first visit to the first page, with the printed code."""
    code = served.code()
    page.goto(served.url)
    page.fill("#code", code)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-testid=stChatInput]")


def go(page: Page, name: str) -> None:
    page.click(f'[data-testid=stSidebar] a:has-text("{name}")')
    page.wait_for_selector(f'.odf-title:text-is("{name}")')


def ask(page: Page, question: str) -> None:
    """Ask and wait until the answer is finished and its evidence is shown."""
    field = page.locator("[data-testid=stChatInput] textarea")
    field.fill(question)
    field.press("Enter")
    page.locator(".odf-q", has_text=question).wait_for()
    page.wait_for_function(
        "n => document.querySelectorAll('.odf-a:not(.draft)').length === n && !document.querySelector('.odf-wait')",
        arg=page.locator(".odf-q").count())


def upload(page: Page, topic: str, files: list[dict]) -> None:
    """Put files (`name`, `mimeType`, `buffer`) through the form."""
    if not page.locator("[data-testid=stFileUploaderDropzone]").is_visible():
        unfold(page, "上传文档")
    form = page.locator("[data-testid=stForm]", has=page.locator("[data-testid=stFileUploader]"))
    form.locator("[data-testid=stSelectbox] input").click()
    page.locator("[role=option]", has_text=topic).click()
    form.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(files)
    for file in files:
        form.locator("[data-testid=stFileChip]", has_text=file["name"]).wait_for()
    form.get_by_role("button", name="上传", exact=True).click()


def unfold(page: Page, name: str) -> None:
    """Open a part of the page and wait until it has stopped moving: what is clicked while it moves is missed, and a list
    that is dropped down closes again."""
    part = page.locator("[data-testid=stExpander] details", has=page.locator(f"summary:has-text('{name}')"))
    part.locator("summary").click()
    page.wait_for_function(
        "part => part.open && part.getAnimations({subtree: true}).every(a => a.playState !== 'running')",
        arg=part.element_handle())


def reindex(page: Page) -> None:
    page.click("button:has-text('重新索引')")
    page.wait_for_selector("[data-testid=stProgress]")
