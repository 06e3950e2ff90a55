"""Console and bot under one supervisor: both are children, restarted when they fall, stopped together."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from odfin.terminal import say
from rag.errors import OdfinError
from rag.settings import Settings
from ui import run as console

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_SECONDS = 1.0, 60.0, 60.0
STOP_SECONDS = 20.0
NEEDS_A_PERSON = 1  # the exit code of one clear line on stderr


@dataclass
class Child:
    """One program kept running. `pause` doubles with every quick fall."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    falls: list[int] = field(default_factory=list)
    given_up: bool = False

    def tend(self) -> None:
        """Start it when due; note a fall and when to try again. What a person must mend (code 1) is not tried again."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due and not self.given_up:
                self.started = now
                self.process = subprocess.Popen(self.command, env=self.environment)
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        self.pause = FIRST_PAUSE if now - self.started > HEALTHY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.due = now + self.pause
        self.falls.append(code)
        if code == NEEDS_A_PERSON:
            self.given_up = True
            say(f"{self.name}没有启动，原因见上一行；改好后请重新启动")
            return
        log.error("%s 退出（代码 %s），%.0f 秒后重启", self.name, code, self.pause)


def serve(settings: Settings, poll_seconds: float = 0.5) -> None:
    """Run until SIGINT or SIGTERM. The console always runs; the bot only where a token is set."""
    children = [Child("控制台", console.command(settings), console.environment(settings))]
    if settings.telegram_token.get_secret_value():
        children.append(Child("Telegram 机器人", [sys.executable, "-m", "odfin.main", "bot"], dict(os.environ)))
    else:
        say("未设置 TELEGRAM_BOT_TOKEN，机器人不启动。向 @BotFather 申请令牌后写入 .env（TELEGRAM_BOT_TOKEN=…）再启动即可")
    stopping = False

    def stop(*_) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    while not stopping:
        for child in children:
            child.tend()
        if all(child.given_up for child in children):
            raise OdfinError("控制台与机器人都没有启动，原因见上面")
        time.sleep(poll_seconds)
    running = [child.process for child in children if child.process]
    for process in running:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
    os.write(2, "已停止\n".encode())
