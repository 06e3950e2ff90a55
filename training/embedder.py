"""Teaches the embedder the customers' words for the documents' clauses: a LoRA adapter on the pinned base.

The loss is InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) over the batch's own pieces and every question's tempting
ones, both ways, with the temperature that the base was trained with (Wang et al. 2022, arXiv:2212.03533: 0.01 there; a
little warmer here, since look-alike clauses are not quite wrong).
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.evaluate.taught import TAUGHT, fingerprint
from rag.index.build import Progress
from rag.models.embedder import ADAPTER, E5_PASSAGE, E5_QUERY, Embedder
from rag.models.token_reader import base_of
from rag.settings import Settings
from training.adapters import Descent, parted, save_adapter, with_lora
from training.embedder_data import Pair, from_items, from_passages
from training.grounds import grounds


@dataclass(frozen=True)
class Recipe:
    """What a run is made of."""

    epochs: int = 3
    batch: int = 32  # questions
    tempting: int = 1  # wrong pieces read with each
    max_tokens: int = 128  # of a piece
    temperature: float = 0.02
    learning_rate: float = 2e-4
    warmup: float = 0.1
    rank: int = 16
    lowest_layer: int = 2  # the layers below it are left as they are
    keep: float = 0.5  # share of the way from the base to what was learnt: less is forgotten of other kinds of text
    validation: float = 0.06
    seed: int = 7


@dataclass(frozen=True)
class Score:
    """Share of validation questions whose right piece is nearest, and among the five nearest, of all validation pieces
    (right and wrong), with all that was learnt; `before`: the same with the bare base."""

    first: float
    five: float
    before_first: float
    before_five: float


def prepare(settings: Settings, items: Path, laws: Path | None, clauses: Path | None, share: float, work: Path,
            progress: Callable[[Progress], None]) -> tuple[list[Pair], list[str], Embedder]:
    """(pairs, questions taken from the clause set, the embedder without an adapter).

    `clauses`: a set of `doc`, `passage`, `question`, of which the `share` of contracts is taken, so that the questions
    over the others may still measure.
    """
    embedder = Embedder(settings.model_copy(update={"embedder_adapter": "off"}))
    pairs = [pair for found, searcher in grounds(settings, items, laws, work, embedder, progress)
             for pair in from_items(found, searcher)]
    more, questions = from_passages(clauses, share) if clauses else ([], [])
    return pairs + more, questions, embedder


def train(pairs: Sequence[Pair], embedder: Embedder, folder: Path, recipe: Recipe,
          report: Callable[[str], None]) -> Score:
    """Train on `pairs` over the bare base of `embedder`; the adapter of the best epoch lands in `folder`."""
    import torch

    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    embedding = embedder.bare()
    training, validation = parted(pairs, recipe.validation)
    model = with_lora(base_of(embedding), recipe.rank, recipe.lowest_layer)
    read = _Reader(model, embedding.tokenizer, recipe.max_tokens)
    before = evaluate(read, validation)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.01)
    steps = recipe.epochs * math.ceil(len(training) / recipe.batch)
    descent = Descent(optimiser, weights, steps, recipe.warmup, report, every=10)
    report(f"{len(training)} pairs to train on, {len(validation)} to validate (bare base: {before[0]:.3f} / {before[1]:.3f}); "
           f"{sum(p.numel() for p in weights) / 1e6:.2f} M weights; {steps} steps")
    best = Score(-1.0, -1.0, *before)
    for epoch in range(1, recipe.epochs + 1):
        model.train()
        order = list(training)
        chance.shuffle(order)
        descent.epoch(epoch, order, recipe.batch, lambda batch: batch_loss(read, batch, recipe, chance))
        score = Score(*evaluate(read, validation), *before)
        report(f"epoch {epoch}: {json.dumps(asdict(score))}")
        if (score.first, score.five) >= (best.first, best.five):
            best = score
            save_adapter(model, folder, ADAPTER, recipe.keep)
            (folder / "recipe.json").write_text(json.dumps(
                {"recipe": asdict(recipe), "validation": asdict(score), "pairs": len(training)}, indent=2) + "\n")
    return best


def batch_loss(read: _Reader, batch: Sequence[Pair], recipe: Recipe, chance: random.Random):
    """Cross-entropy of each question's own piece among all pieces of the batch, and of each piece's question among all
    questions. What is right for another question of the batch, word for word, counts as no negative."""
    import torch

    wrong = [text for one in batch for text in chance.sample(one.wrong, min(recipe.tempting, len(one.wrong)))]
    asked = read([E5_QUERY + one.question for one in batch])
    pieces = read([E5_PASSAGE + text for text in [one.right for one in batch] + wrong])
    logits = asked @ pieces.T / recipe.temperature
    texts = [one.right for one in batch] + wrong
    same = torch.tensor([[texts[j] == one.right and j != i for j in range(len(texts))] for i, one in enumerate(batch)])
    logits = logits.masked_fill(same, -torch.inf)
    own = torch.arange(len(batch))
    back = logits[:, : len(batch)].T
    return (torch.nn.functional.cross_entropy(logits, own) + torch.nn.functional.cross_entropy(back, own)) / 2


class _Reader:
    """Texts with their prefix to unit vectors, float32 (n, width): the mean of the last states, as the base has it."""

    def __init__(self, model, tokenizer, max_tokens: int):
        self.model, self.tokenizer, self.max_tokens = model, tokenizer, max_tokens

    def __call__(self, texts: Sequence[str]):
        import torch
        from torch.nn.functional import normalize

        ids = self.tokenizer(list(texts), truncation=True, max_length=self.max_tokens)["input_ids"]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))  # of like length together: little is padding
        vectors = [None] * len(ids)
        for start in range(0, len(order), 16):
            part = order[start : start + 16]
            padded = self.tokenizer.pad({"input_ids": [ids[i] for i in part]}, return_tensors="pt")
            with torch.autocast("cpu", torch.bfloat16):
                states = self.model(**padded).last_hidden_state
            mask = padded["attention_mask"].unsqueeze(-1)
            mean = (states.float() * mask).sum(1) / mask.sum(1)
            for place, vector in zip(part, normalize(mean, dim=-1), strict=True):
                vectors[place] = vector
        return torch.stack(vectors)


def evaluate(read: _Reader, pairs: Sequence[Pair]) -> tuple[float, float]:
    """Shares of questions whose right piece is the nearest, and among the five nearest, of all pieces of `pairs`."""
    import torch

    if not pairs:
        return 0.0, 0.0
    texts = list(dict.fromkeys(text for one in pairs for text in (one.right, *one.wrong)))
    place = {text: i for i, text in enumerate(texts)}
    read.model.eval()
    with torch.inference_mode():
        pieces = read([E5_PASSAGE + text for text in texts])
        nearest = (read([E5_QUERY + one.question for one in pairs]) @ pieces.T).topk(min(5, len(texts))).indices.tolist()
    ranks = [row.index(place[one.right]) if place[one.right] in row else 9 for row, one in zip(nearest, pairs, strict=True)]
    return round(sum(r == 0 for r in ranks) / len(ranks), 4), round(sum(r < 5 for r in ranks) / len(ranks), 4)


def remember_questions(folder: Path, questions: Sequence[str]) -> None:
    """Write which questions of a public set were taught, as hashes: evaluations leave them out (`rag.evaluate.taught`)."""
    (folder / TAUGHT).write_text("".join(sorted(fingerprint(q) + "\n" for q in questions)))
