"""Teaches the reranker: a LoRA adapter on the embedder's base, and how it weighs a question's words; or, by the same
lists and loss, the joint reader that reads its best texts again (`rag.models.joint_reader`).

The loss of a list is the cross-entropy of a softmax over its logits and a fixed zero that stands for "none of them
answers" (listwise softmax as in Cao et al. 2007, ListNet, with an added class): so the logits of right texts rise above
zero, and a question without an answer keeps all of them below.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rag.errors import OdfinError
from rag.index.build import Progress
from rag.models.embedder import ADAPTER, E5_PASSAGE, E5_QUERY, Embedder
from rag.models.joint_reader import joint_reading
from rag.models.reranker import late_interaction
from rag.models.token_reader import HEAD, base_of, token_ids
from rag.settings import Settings
from training.adapters import Descent, parted, save_reader, with_lora
from training.data.record import read_records
from training.grounds import grounds
from training.reranker_data import TEMPTING, Ranked, build, build_reading


@dataclass(frozen=True)
class Recipe:
    """What a run is made of. `absent`: share of answerable lists that are shown without what answers them instead.
    `joint`: the joint reader is taught. `tempting`: wrong texts in a list of the search. `many`: lists made by the thousand
    (reading items) that an epoch takes, by chance; None: all."""

    epochs: int = 2
    joint: bool = False
    tempting: int = TEMPTING
    many: int | None = None
    batch: int = 4  # lists
    learning_rate: float = 2e-4
    warmup: float = 0.06
    rank: int = 48
    lowest_layer: int = 0  # the layers below it are left as they are
    absent: float = 0.25
    validation: float = 0.08
    seed: int = 7


JOINT_RECIPE = Recipe(joint=True, tempting=13, rank=64, learning_rate=3e-4)


@dataclass(frozen=True)
class Score:
    """`first`: share of answerable lists whose best text answers. `refused`/`false_refusal`: share of lists without an
    answer, and of those with one, in which no text rises above zero."""

    first: float
    refused: float
    false_refusal: float
    loss: float


def prepare(settings: Settings, items: Path, laws: Path | None, work: Path,
            progress: Callable[[Progress], None], reading: Path | None = None, tempting: int = TEMPTING,
            ) -> tuple[list[Ranked], Embedder]:
    """Lists of all items, searched for in indexes of their own below `work` (kept for the next run), and of the reading
    items of a file that `odfin train data` or `odfin train sample` wrote."""
    embedder = Embedder(settings)
    lists = [one for found, searcher in grounds(settings, items, laws, work, embedder, progress)
             for one in build(found, searcher, tempting=tempting)]
    if reading is not None:
        lists += build_reading(read_records(reading))
    return lists, embedder


def train(lists: Sequence[Ranked], embedder: Embedder, folder: Path, recipe: Recipe,
          report: Callable[[str], None], start: Path | None = None) -> Score:
    """Train on `lists`, keep the best epoch's adapter in `folder`, and return its validation score.

    `start`: the folder of an adapter of the same rank and layers to go on from. Raises OdfinError where it is none.
    """
    import torch

    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    embedding = embedder.bare()
    training, validation = parted(lists, recipe.validation)
    under_lora = with_lora(base_of(embedding), recipe.rank, recipe.lowest_layer)
    model = joint_reading(under_lora) if recipe.joint else late_interaction(under_lora)
    if start is not None:
        _go_on_from(start, model)
    parameters = [p for p in model.parameters() if p.requires_grad]
    scalars = [model.scale, model.bias]
    optimiser = torch.optim.AdamW([
        {"params": [p for p in parameters if all(p is not s for s in scalars)], "lr": recipe.learning_rate},
        {"params": scalars, "lr": 0.05 if recipe.joint else 0.1, "weight_decay": 0.0}], weight_decay=0.01)
    always, many = [one for one in training if not one.many], [one for one in training if one.many]
    taken = len(many) if recipe.many is None else min(recipe.many, len(many))
    steps = recipe.epochs * math.ceil((len(always) + taken) / recipe.batch)
    descent = Descent(optimiser, parameters, steps, recipe.warmup, report, every=25)
    report(f"{len(training)} lists to train on, {len(validation)} to validate; "
           f"{sum(p.numel() for p in parameters) / 1e6:.2f} M weights; {steps} steps")
    best: Score | None = None
    for epoch in range(1, recipe.epochs + 1):
        model.train()
        order = [_absent(one) if one.right and chance.random() < recipe.absent else one
                 for one in always + chance.sample(many, taken)]
        chance.shuffle(order)
        descent.epoch(epoch, order, recipe.batch, lambda batch: _loss(model, embedding.tokenizer, batch))
        score = evaluate(model, embedding.tokenizer, validation)
        report(f"epoch {epoch}: {json.dumps(asdict(score))}")
        if best is None or score.loss < best.loss:
            best = score
            save(model, folder, recipe, score, len(training))
    return best


def _go_on_from(folder: Path, model) -> None:
    """Let a new model under LoRA begin with what another run has learnt."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    try:
        found = set_peft_model_state_dict(model.bert, load_file(folder / ADAPTER))
        head = model.load_state_dict(load_file(folder / HEAD), strict=False)
    except (OSError, RuntimeError) as error:
        raise OdfinError(f"{folder} 里的适配器用不了（{type(error).__name__}）；请指定 odfin train reranker 写出的、"
                         "秩与层数相同的文件夹") from error
    if found.unexpected_keys or head.unexpected_keys:
        raise OdfinError(f"{folder} 里的适配器是另一种秩或层数的；请指定 odfin train reranker 写出的文件夹")


def _absent(one: Ranked) -> Ranked:
    """The same question without what answers it."""
    return replace(one, texts=tuple(t for i, t in enumerate(one.texts) if i not in one.right), right=())


def _logits(model, tokenizer, lists: Sequence[Ranked]):
    """Logits of all texts of the lists, one list after another."""
    import torch

    with torch.autocast(model.weigh.weight.device.type, torch.bfloat16):
        if hasattr(model, "logits"):
            asked = token_ids(tokenizer, E5_QUERY, [one.question for one in lists])
            texts = token_ids(tokenizer, E5_PASSAGE, [text for one in lists for text in one.texts])
            those = [question for question, one in zip(asked, lists, strict=True) for _ in one.texts]
            return model.logits(list(zip(those, texts, strict=True)))
        asked = model.read(token_ids(tokenizer, E5_QUERY, [one.question for one in lists]))
        texts = list(dict.fromkeys(text for one in lists for text in one.texts))
        ids = token_ids(tokenizer, E5_PASSAGE, texts)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        read = {}
        for start in range(0, len(order), 16):
            part = order[start : start + 16]
            for (vectors, _), place in zip(model.read([ids[i] for i in part]), part, strict=True):
                read[texts[place]] = vectors
    return torch.stack([model.compare(question, read[text])
                        for question, one in zip(asked, lists, strict=True) for text in one.texts])


def _loss(model, tokenizer, lists: Sequence[Ranked]):
    import torch

    lists = [one for one in lists if one.texts]
    logits = _logits(model, tokenizer, lists)
    losses, at = [], 0
    for one in lists:
        scores = torch.cat([logits.new_zeros(1), logits[at : at + len(one.texts)]])
        at += len(one.texts)
        shares = torch.log_softmax(scores, dim=0)
        right = [i + 1 for i in one.right] or [0]
        losses.append(-torch.logsumexp(shares[right], dim=0))
    return torch.stack(losses).mean()


def evaluate(model, tokenizer, lists: Sequence[Ranked]) -> Score:
    """Scores over lists, each answerable one also without what answers it."""
    import torch

    model.eval()
    first, refused, false_refusal, losses = [], [], [], []
    with torch.inference_mode():
        for one in lists:
            for shown in ([one, _absent(one)] if one.right else [one]):
                if not shown.texts:
                    continue
                losses.append(_loss(model, tokenizer, [shown]).item())
                logits = _logits(model, tokenizer, [shown])
                if shown.right:
                    first.append(int(logits.argmax()) in shown.right)
                    false_refusal.append(bool((logits < 0).all()))
                else:
                    refused.append(bool((logits < 0).all()))
    mean = lambda values: round(sum(values) / len(values), 4) if values else 0.0  # noqa: E731
    return Score(mean(first), mean(refused), mean(false_refusal), mean(losses))


def save(model, folder: Path, recipe: Recipe, score: Score, lists: int) -> None:
    """Adapter, head and what they were made of, into `folder`; the weights in float16."""
    save_reader(model, folder, {"recipe": asdict(recipe), "validation": asdict(score), "lists": lists})
