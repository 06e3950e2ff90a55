"""The transcript for the README is a real conversation."""

from __future__ import annotations

from scripted import ScriptedAssistant
from transcript import play


async def test_transcript_shows_questions_answers_sources_and_presses(settings):
    text = await play(ScriptedAssistant(), settings, ["/start", "等待期多久？", "> 查看来源", "> 👍", "/new"])
    order = ["王芳  /start", "ODFin 您好", "王芳  等待期多久？", "ODFin 等待期为90日[1]", "[📄 查看来源][👍][👎]",
             "点按 [查看来源]", "│ 自本合同生效之日起90日为等待期。", "（谢谢您的肯定 😊）", "忘掉了"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
