"""An assistant that says what a test tells it to, and a handle on a running bot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from telegram.ext import Application

from rag.answer.result import Answer, Citation, Event, EvidenceShown, Finished, Token, Turn

WAITING = Citation(1, "保险/安康.md", "安康重疾险条款", "自本合同生效之日起90日为等待期。", 3, ("第二章 保险责任", "第五条 等待期"))
REFUND = Citation(2, "保险/安康.md", "安康重疾险条款", "等待期内发生的，本公司退还已交保险费。", None, ())


def answer_to(question: str, text: str = "等待期为**90日**[1]，期内出险退还已交保费[2]。", **fields) -> Answer:
    return Answer(**{"question": question, "answer": text, "refused": False, "citations": (WAITING, REFUND), **fields})


@dataclass
class ScriptedAssistant:
    """Speaks `reply(question)` in a few tokens, `pause` seconds apart; keeps what it was asked."""

    reply: Callable[[str], Answer] = answer_to
    pause: float = 0.0
    asked: list[tuple[str, tuple[Turn, ...]]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    abandoned: int = 0
    gate: asyncio.Event | None = None

    async def astream(self, question: str, history: Sequence[Turn] = ()) -> AsyncIterator[Event]:
        self.asked.append((question, tuple(history)))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        finished = False
        try:
            answer = self.reply(question)
            if answer.citations and not answer.refused:
                yield EvidenceShown(answer.citations)
            step = max(1, len(answer.answer) // 5)
            for start in range(0, len(answer.answer), step):
                yield Token(answer.answer[start:start + step])
                await asyncio.sleep(self.pause)
            if self.gate is not None:
                await self.gate.wait()
            finished = True
            yield Finished(answer)
        finally:
            self.running -= 1
            self.abandoned += not finished


@dataclass
class RunningBot:
    app: Application
    stop: asyncio.Event
    task: asyncio.Task

    async def halt(self) -> None:
        """As SIGTERM does."""
        self.stop.set()
        await asyncio.wait_for(self.task, 20)

    async def kill(self) -> None:
        """As kill -9 does: nothing is finished, nothing is confirmed."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task
