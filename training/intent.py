"""Teaches the reader of intents (`rag.models.intent_reader`): a LoRA adapter on the embedder's base and a linear layer.

Cross-entropy over messages written for it (`training/instruction_set/conduct/`): of each kind, and as many that use the same
words for an ordinary question; beside them questions and follow-ups of the instruction set, which are all ordinary.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import OdfinError
from rag.models.embedder import E5_QUERY, Embedder
from rag.models.intent_reader import LABELS, MAX_TOKENS, intent_reading
from rag.models.token_reader import base_of, token_ids
from training.adapters import Descent, parted, save_reader, with_lora
from training.instructions import FOLDER


@dataclass(frozen=True)
class Message:
    """One message and what it is. `group` parts training from validation."""

    text: str
    label: str

    @property
    def group(self) -> str:
        return self.text


@dataclass(frozen=True)
class Recipe:
    """What a run is made of. `ordinary`: questions of the instruction set beside the messages."""

    epochs: int = 5
    batch: int = 16
    learning_rate: float = 5e-4
    head_rate: float = 3e-3
    warmup: float = 0.06
    rank: int = 16
    lowest_layer: int = 4
    ordinary: int = 1000
    smoothing: float = 0.02
    validation: float = 0.1
    seed: int = 7


@dataclass(frozen=True)
class Score:
    """`due`: share of messages that are no question that are told from one, at a probability of one half for "normal";
    `false_alarm`: of ordinary ones, the share taken for something else; `right`: all labels."""

    due: float
    false_alarm: float
    right: float
    loss: float


def messages(folder: Path = FOLDER, ordinary: int = 1000, seed: int = 7) -> list[Message]:
    """The written messages, and so many questions of the instruction set by chance. Raises OdfinError naming file and line
    where a row has no text or an unknown label."""
    found = []
    for file in sorted((folder / "conduct").glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line) if line.strip() else {}
            if not row.get("text") or row.get("label") not in LABELS:
                raise OdfinError(f"{file}:{number}：需要 text，和 label（{'、'.join(LABELS)} 之一）")
            found.append(Message(row["text"], row["label"]))
    if not found:
        raise OdfinError(f"文件夹 {folder / 'conduct'} 里没有 *.jsonl；请指定带 conduct/ 的文件夹")
    taken = []
    for files, share in (("*.jsonl", 0.7), ("rewriting/*.jsonl", 0.3)):  # whole questions, and follow-ups as they are said
        questions = sorted({json.loads(line)["question"] for file in sorted(folder.glob(files))
                            for line in file.read_text(encoding="utf-8").splitlines() if line.strip()})
        taken += random.Random(seed).sample(questions, min(int(share * ordinary), len(questions)))
    return found + [Message(text, "normal") for text in taken]


def train(rows: Sequence[Message], embedder: Embedder, folder: Path, recipe: Recipe, report: Callable[[str], None]) -> Score:
    """Train on `rows`, keep the best epoch's adapter in `folder`, and return its validation score."""
    import torch

    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    embedding = embedder.bare()
    training, validation = parted(rows, recipe.validation)
    model = intent_reading(with_lora(base_of(embedding), recipe.rank, recipe.lowest_layer))
    weights = [p for p in model.parameters() if p.requires_grad]
    lora = [p for p in weights if all(p is not one for one in model.head.parameters())]
    optimiser = torch.optim.AdamW([{"params": lora, "lr": recipe.learning_rate},
                                   {"params": list(model.head.parameters()), "lr": recipe.head_rate}], weight_decay=0.01)
    steps = recipe.epochs * -(-len(training) // recipe.batch)
    descent = Descent(optimiser, weights, steps, recipe.warmup, report, every=25)
    report(f"{len(training)} messages to train on, {len(validation)} to validate; {steps} steps")
    best: Score | None = None
    for epoch in range(1, recipe.epochs + 1):
        model.train()
        order = list(training)
        chance.shuffle(order)
        descent.epoch(epoch, order, recipe.batch, lambda batch: _loss(model, embedding.tokenizer, batch, recipe.smoothing))
        score = evaluate(model, embedding.tokenizer, validation)
        report(f"epoch {epoch}: {json.dumps(asdict(score))}")
        if best is None or score.loss < best.loss:
            best = score
            save(model, folder, recipe, score, len(training))
    return best


def _logits(model, tokenizer, rows: Sequence[Message]):
    return model.logits(token_ids(tokenizer, E5_QUERY, [one.text for one in rows], MAX_TOKENS))


def _loss(model, tokenizer, rows: Sequence[Message], smoothing: float = 0.0):
    import torch

    wanted = torch.tensor([LABELS.index(one.label) for one in rows], device=model.head.weight.device)
    return torch.nn.functional.cross_entropy(_logits(model, tokenizer, rows), wanted, label_smoothing=smoothing)


def evaluate(model, tokenizer, rows: Sequence[Message]) -> Score:
    """Marks over messages."""
    import torch

    model.eval()
    shares, losses = [], []
    with torch.inference_mode():
        for start in range(0, len(rows), 32):
            part = rows[start : start + 32]
            shares += _logits(model, tokenizer, part).softmax(-1).tolist()
            losses.append(_loss(model, tokenizer, part).item() * len(part))
    normal = LABELS.index("normal")
    taken = [one[normal] < 0.5 for one in shares]
    due = [told for told, one in zip(taken, rows, strict=True) if one.label != "normal"]
    alarms = [told for told, one in zip(taken, rows, strict=True) if one.label == "normal"]
    right = [LABELS[max(range(len(LABELS)), key=share.__getitem__)] == one.label for share, one in zip(shares, rows, strict=True)]
    mean = lambda values: round(sum(values) / len(values), 4) if values else 0.0  # noqa: E731
    return Score(mean(due), mean(alarms), mean(right), round(sum(losses) / max(1, len(rows)), 4))


def save(model, folder: Path, recipe: Recipe, score: Score, count: int) -> None:
    """Adapter, head and what they were made of, into `folder`; the weights in float16."""
    save_reader(model, folder, {"recipe": asdict(recipe), "validation": asdict(score), "messages": count})
