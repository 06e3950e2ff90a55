"""The comparison itself: each model asked the same, rows kept, a model that is done not asked again."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rag.errors import OdfinError
from rag.evaluate.compare import read_run
from rag.evaluate.evaluation import run_eval
from rag.evaluate.judge import right
from rag.models.store import sha256_of
from rag.settings import Settings
from training.plain_text import read_texts
from training.table.choices import answer_choices, read_choices
from training.table.contestants import Contestant, distinct
from training.table.dialogues import sample_of, speak
from training.table.text import foretell

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """What every model is asked; a part that is empty is left out. `sample` draws (0: all) with `seed`."""

    texts: tuple[Path, ...] = ()
    choices: Path | None = None
    dialogues: Path | None = None
    sets: tuple[Path, ...] = ()
    sample: int = 0
    seed: int = 0
    length: int = 512
    windows: int = 32


@dataclass(frozen=True)
class Marks:
    """One model's results. Shares are means of `rows`: mark -> {question: value}, by which models are paired."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[str, float]] = field(default_factory=dict)


def compare(contestants: Sequence[Contestant], asked: Asked, settings: Settings, out: Path, say: Say) -> list[Marks]:
    """Ask every model; `out`/<name>.json keeps each one's marks, and a folder of another comparison is refused."""
    contestants = distinct(list(contestants))
    if not (asked.texts or asked.choices or asked.dialogues or asked.sets):
        raise OdfinError("没有说拿什么比较；请用 --text、--choices、--dialogues 或 --sets")
    out.mkdir(parents=True, exist_ok=True)
    found = []
    for one in contestants:
        file, belongs = out / f"{one.name}.json", _belongs(one, asked)
        if file.is_file():
            kept = json.loads(file.read_text(encoding="utf-8"))
            if kept["belongs"] != belongs:
                raise OdfinError(f"{file} 是另一次比较（模型或题目不同）的结果；请换一个输出文件夹")
            say(f"{one.name}：已经做过，不再重做")
        else:
            say(f"{one.name}：{one.model}" + (f" + {one.adapter.name}" if one.adapter else ""))
            kept = {"belongs": belongs, "marks": asdict(_marks(one, asked, settings, out, say))}
            arriving = file.with_suffix(".partial")
            arriving.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
            arriving.replace(file)
        found.append(Marks(**kept["marks"]))
    return found


def _marks(one: Contestant, asked: Asked, settings: Settings, out: Path, say: Say) -> Marks:
    marks = Marks(one.name)
    if asked.texts or asked.choices or asked.dialogues:
        model, tokenizer = one.open(settings)
        marks.figures["weights"] = float(sum(parameter.numel() for parameter in model.parameters()))
        if asked.texts:
            text = foretell(model, tokenizer, list(read_texts(asked.texts)), asked.length, asked.windows)
            marks.figures.update(perplexity=text.perplexity, bits=text.bits)
            say(f"  困惑度 {text.perplexity:.3f}，每字 {text.bits:.3f} 比特（{text.tokens} 个词元）")
        if asked.choices:
            _add(marks, "choices", answer_choices(model, tokenizer, read_choices(asked.choices, asked.sample, asked.seed)), say)
        if asked.dialogues:
            spoken = speak(model, tokenizer, sample_of(asked.dialogues, asked.sample, asked.seed))
            _add(marks, "dialogues", [answer.right for answer in spoken], say)
            _add(marks, "overlap", [answer.overlap for answer in spoken], say)
        del model
        gc.collect()
    if asked.sets:
        _assistant(marks, one, asked, settings, out, say)
    return marks


def _add(marks: Marks, name: str, values: Sequence[float], say: Say) -> None:
    marks.rows[name] = {str(number): float(value) for number, value in enumerate(values)}
    marks.figures[name] = sum(values) / max(1, len(values))
    say(f"  {name} {marks.figures[name]:.3f}（{len(values)}）")


def _assistant(marks: Marks, one: Contestant, asked: Asked, settings: Settings, out: Path, say: Say) -> None:
    """The assistant's own evaluation with this student; index, search, evidence and checks are the same for all."""
    own = one.as_student(settings, out / "adapters")
    result = run_eval(own, list(asked.sets), parts=["answers"], systems=["assistant"], sample=asked.sample, seed=asked.seed,
                      report=lambda what, done, total: done == total and say(f"  {what} {done}/{total}"))
    rows = read_run(result.folder)[1].values()
    of = lambda row: f"{row['set']}/{row['id']}"  # noqa: E731
    for name, value in (("assistant", right), ("refused_wrong", lambda row: row.get("refused_wrong")),
                        ("refused_right", lambda row: row.get("refused_right")), ("faithful", lambda row: row.get("faithful"))):
        marks.rows[name] = {of(row): float(value(row)) for row in rows if value(row) is not None}
        if marks.rows[name]:
            marks.figures[name] = sum(marks.rows[name].values()) / len(marks.rows[name])
    seconds = sorted(row["total_s"] for row in rows if row.get("total_s") is not None)
    if seconds:
        marks.figures["seconds"] = seconds[len(seconds) // 2]
    say(f"  助手做对 {marks.figures.get('assistant', 0.0):.1%}；逐题结果 {result.folder}")


def _belongs(one: Contestant, asked: Asked) -> str:
    """What the marks were made of: the model's name, the adapter's weights, the questions' content, the numbers."""
    files = [*asked.texts, *filter(None, (asked.choices, asked.dialogues)), *asked.sets]
    contents = [sha256_of(file) if file.is_file() else str(file) for file in files]
    adapter = None
    if one.adapter is not None:
        weights = one.adapter if one.adapter.is_file() else one.adapter / "adapter_model.safetensors"
        adapter = sha256_of(weights) if weights.is_file() else str(one.adapter)
    said = [one.name, one.model, adapter, contents, asked.sample, asked.seed, asked.length, asked.windows]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
