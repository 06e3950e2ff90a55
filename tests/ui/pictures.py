"""Makes the pictures of the console for the documentation, over the project's own documents and models.

Run from the project's folder: python -m tests.ui.pictures docs [HOME]
The models are those of ODFIN_HOME (default: .odfin). The index is begun from a copy of that of HOME, where it is given,
so that only what changed is embedded. Everything happens in a folder that is thrown away.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import settings_at
from tests.ui import served

QUESTIONS = ("个人贷款逾期了，罚息怎么算？", "今天上海的天气怎么样？", "存款保险最多赔多少？")
PATIENCE_MS = 30 * 60_000  # the first index reads and embeds every document


def main(out: Path, start: Path | None = None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        knowledge = served.PROJECT / "knowledge"
        settings = settings_at(folder / "home", knowledge=knowledge)
        if start:
            shutil.copytree(start / "chroma", settings.home / "chroma")
            for part in start.glob("catalogue.db*"):
                shutil.copy2(part, settings.home)
        with served.serve(settings.home, knowledge, folder) as server, served.browser() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            page.set_default_timeout(180_000)
            served.make_account(page, server)
            served.go(page, "知识库")
            served.reindex(page)
            page.wait_for_selector("[data-testid=last-run]", timeout=PATIENCE_MS)
            page.mouse.move(700, 60)  # away from the button and its hint
            page.wait_for_timeout(1500)
            page.screenshot(path=out / "console-knowledge.png")
            served.go(page, "对话")
            for question in QUESTIONS:
                served.ask(page, question)
            page.wait_for_timeout(1500)
            page.screenshot(path=out / "console-chat.png")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
