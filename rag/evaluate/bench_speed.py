"""`odfin bench speed`: what each measure that shortens the waiting is worth. Each is left out in turn, by its setting.

All variants are asked one question after another, so that a busy minute is everyone's. Refusals count for the time until
the end only: no student speaks there.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.answer.assistant import Assistant
from rag.errors import OdfinError
from rag.evaluate.adapters import load_set
from rag.evaluate.answers import ask_assistant
from rag.evaluate.ground import Report, eval_folder
from rag.evaluate.judge import Said
from rag.evaluate.measure import Meter
from rag.evaluate.report import seconds, table
from rag.evaluate.runs import Run, code_version, describe_settings, new_folder
from rag.evaluate.sets import Question
from rag.evaluate.statistics import percentile
from rag.index.search import Searcher
from rag.models.embedder import Embedder
from rag.settings import Settings
from rag.student.open import open_student

PASSAGE_TOKENS = 2400  # room for three passages whole


@dataclass(frozen=True)
class Measure:
    """One measure and the settings that leave it out (or bring it in, where it is off by default); a further one is a line in
    MEASURES."""

    name: str
    without: dict[str, Any]


ALL = Measure("默认", {})
MEASURES = (
    ALL,
    Measure("只把依据的句子放进提示词", {"packing": "passages", "prompt_tokens": PASSAGE_TOKENS}),
    Measure("读过的提示词开头不再读", {"prompt_cache": False}),
    Measure("（打开）从提示词里起草，prompt lookup", {"lookup": True}),
)
AGAIN = "同样意思的问题再问一次"


@dataclass(frozen=True)
class Speed:
    """One variant's figures: seconds as (p50, p95), tokens as medians, `per_second` generated tokens, `accepted` the share of
    the drafted tokens that the model said too. None: not measured."""

    name: str
    questions: int
    evidence: tuple[float | None, float | None]
    first_token: tuple[float | None, float | None]
    total: tuple[float | None, float | None]
    prompt_tokens: float | None = None
    answer_tokens: float | None = None
    per_second: float | None = None
    accepted: float | None = None


@dataclass(frozen=True)
class SpeedResult:
    """The variants in the order of MEASURES, then the questions asked again."""

    folder: Path
    config: dict[str, Any]
    speeds: tuple[Speed, ...]

    def to_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "config": self.config, "speeds": [asdict(one) for one in self.speeds]}

    def to_markdown(self) -> str:
        """One row a variant."""
        head = ["和默认的差别", "题数", "见到依据", "首字", "答完", "提示词 / 回答（词元）", "生成（词元/秒）", "起草采用"]
        lines = table(head, [[
            "（无）" if one.name == ALL.name else one.name, str(one.questions), _pair(one.evidence), _pair(one.first_token),
            _pair(one.total), f"{_number(one.prompt_tokens)} / {_number(one.answer_tokens)}", _number(one.per_second),
            "—" if one.accepted is None else f"{one.accepted:.0%}"] for one in self.speeds])
        machine = self.config["machine"]
        return f"{lines}\n\n- 秒，p50 / p95；{machine['system']}，{machine['threads']} 线程\n- 结果：{self.folder}\n"


def run_bench_speed(settings: Settings, questions: Path, *, sample: int = 3, seed: int = 7,
                    report: Report = lambda *_: None) -> SpeedResult:
    """Ask at most `sample` questions of each kind of a set (0: all) over the live index with every variant, and once more
    where the answer is kept. Raises OdfinError where there is no index, no set or no student."""
    asked = load_set(questions, eval_folder(settings)).sample(sample, seed).questions
    if not asked:
        raise OdfinError(f"题集 {questions} 里没有题目")
    folder = new_folder(settings, "speed")
    config = {"settings": describe_settings(settings), "code": code_version(), "set": str(questions), "sample": sample, "seed": seed,
              "machine": {"system": f"{platform.system()} {platform.machine()}", "threads": settings.cpu_threads}, "sets": {}}
    run = Run(folder, config)
    embedder, meters, assistants = Embedder(settings), [Meter() for _ in MEASURES], []
    try:
        for measure, meter in zip(MEASURES, meters, strict=True):
            assistants.append(_opened(settings.model_copy(update={"answer_cache": 0, **measure.without}), embedder, meter))
        said: list[list[Said]] = [[] for _ in MEASURES]
        for number, question in enumerate(asked):
            report("speed", number, len(asked))
            for place, assistant in enumerate(assistants):
                said[place].append(ask_assistant(assistant, question))
        keeping = Assistant(settings, assistants[0].searcher, assistants[0].student)
        again = [_again(keeping, question) for question in asked]
    finally:
        for assistant in assistants:
            assistant.close()
    speeds = [_speed(measure.name, answers, meter) for measure, answers, meter in zip(MEASURES, said, meters, strict=True)]
    result = SpeedResult(folder, config, (*speeds, _speed(AGAIN, again, Meter())))
    run.finish(result.to_json())
    return result


def _opened(settings: Settings, embedder: Embedder, meter: Meter) -> Assistant:
    student = open_student(settings).model_copy(update={"callbacks": [meter]})
    assistant = Assistant(settings, Searcher(settings, embedder), student).warm()
    assistant.ask("预热")  # what is loaded at the first question is nobody's time
    meter.calls.clear()
    return assistant


def _again(assistant: Assistant, question: Question) -> Said:
    """The second time that a question is asked on the same ground."""
    ask_assistant(assistant, question)
    return ask_assistant(assistant, question)


def _speed(name: str, said: Sequence[Said], meter: Meter) -> Speed:
    def pair(values: Sequence[float | None]) -> tuple[float | None, float | None]:
        known = [value for value in values if value is not None]
        return percentile(known, 50), percentile(known, 95)

    calls = [call for call in meter.calls if call[2]]
    drafted = sum(timings.get("drafted_tokens", 0) for *_, timings in calls)
    generating = sum(timings.get("generation_s", 0.0) for *_, timings in calls)
    return Speed(
        name, len(said), pair([one.evidence_s for one in said]), pair([one.first_token_s for one in said]),
        pair([one.total_s for one in said]),
        percentile([prompt for prompt, *_ in calls], 50), percentile([written for _, _, written, _ in calls], 50),
        sum(written for _, _, written, _ in calls) / generating if generating else None,
        sum(timings.get("accepted_tokens", 0) for *_, timings in calls) / drafted if drafted else None)


def _pair(pair: tuple[float | None, float | None]) -> str:
    return " / ".join(seconds(value) for value in pair)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}"
