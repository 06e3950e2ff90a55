"""One pruning: a model in, a smaller checkpoint out, with a record of what was kept and a picture of why."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training import checkpoints
from training.plain_text import read_texts, windows
from training.prune import depth, plot, vocabulary, width
from training.prune.importance import mean_loss

RECORD, PICTURE = "pruning.json", "importance.png"


@dataclass(frozen=True)
class Recipe:
    """What to cut; 0 leaves that as it is. `groups` are GQA groups, `least` occurrences keep a token.

    `length` and `windows` are how much of the text the model is shown.
    """

    blocks: int = 0
    by: depth.By = "cosine"
    neurons: int = 0
    groups: int = 0
    vocabulary: bool = False
    least: int = 1
    length: int = 512
    windows: int = 32


@dataclass(frozen=True)
class Pruned:
    """Weights (parameters) and mean loss (nats a token) before and after; the loss after is without any further training.

    The loss after a cut vocabulary is on the same text, so on other tokens where that text was not of the corpus.
    """

    weights_before: int
    weights_after: int
    loss_before: float
    loss_after: float


def prune(source: Path, out: Path, texts: Sequence[Path], recipe: Recipe, report: Callable[[str], None]) -> Pruned:
    """Cut the checkpoint `source` down by `recipe`, led by `texts`, and write it to the new folder `out`.

    Raises OdfinError where the source, the texts or a number do not fit.
    """
    model, tokenizer = checkpoints.load(source)
    checkpoints.new_folder(out)
    shown = windows(read_texts(texts), tokenizer, recipe.length, recipe.windows)
    before, loss_before = count(model), mean_loss(model, shown)
    report(f"{before / 1e6:.1f} M weights, loss {loss_before:.3f} on {sum(map(len, shown))} tokens")
    record: dict[str, Any] = {"source": source.name, "recipe": asdict(recipe)}
    pictures: list[plot.Panel] = []
    if recipe.blocks:
        whole = model.config.num_hidden_layers
        kept, scores = depth.choose_blocks(model, shown, recipe.blocks, recipe.by)
        depth.keep_blocks(model, kept)
        record["depth"] = {"of": whole, "kept": kept, "scores": scores.tolist()}
        pictures.append(plot.Panel(scores, kept if recipe.by != "span" else [], "first block" if recipe.by == "span" else
                                   "block", depth.AXES[recipe.by]))
        report(f"kept {len(kept)} of {whole} blocks: {kept}")
    if recipe.neurons or recipe.groups:
        neurons, groups = width.measure(model, shown)
        record["width"] = {}
        if recipe.neurons:
            kept_neurons = width.keep_neurons(model, neurons, recipe.neurons)
            record["width"]["neurons"] = {"of": neurons.shape[1], "kept": kept_neurons}
            pictures.append(plot.Panel(np.sort(neurons, axis=1)[:, ::-1].mean(0), list(range(recipe.neurons)),
                                       "FFN neuron, strongest first", "mean |activation|"))
        if recipe.groups:
            record["width"]["groups"] = {"of": groups.shape[1], "kept": width.keep_groups(model, groups, recipe.groups)}
            pictures.append(plot.Panel(np.sort(groups, axis=1)[:, ::-1].mean(0), list(range(recipe.groups)),
                                       "GQA group, strongest first", "L2 of o_proj input"))
        report(f"{count(model) / 1e6:.1f} M weights after narrowing")
    if recipe.vocabulary:
        counts = vocabulary.used_tokens(tokenizer, read_texts(texts))
        kept_ids = vocabulary.choose_tokens(tokenizer, counts, recipe.least)
        record["vocabulary"] = {"of": model.config.vocab_size, "kept": kept_ids}
        pictures.append(plot.Panel(np.array(sorted(counts.values(), reverse=True), dtype=float), [],
                                   "token of the corpus, most frequent first", "occurrences", log=True))
        report(f"kept {len(kept_ids)} of {model.config.vocab_size} token ids")
        vocabulary.keep_tokens(model, kept_ids)
        vocabulary.save_tokenizer(tokenizer, kept_ids, out)
        from transformers import AutoTokenizer

        shown = windows(read_texts(texts), AutoTokenizer.from_pretrained(out), recipe.length, recipe.windows)
    else:
        tokenizer.save_pretrained(out)
    result = Pruned(before, count(model), loss_before, mean_loss(model, shown))
    model.save_pretrained(out)
    record |= asdict(result)
    (out / RECORD).write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    if pictures:
        plot.draw(pictures, out / PICTURE)
    report(f"{result.weights_after / 1e6:.1f} M weights, loss {result.loss_after:.3f} before any training")
    return result


def count(model: Any) -> int:
    """Weights of the model, shared ones once."""
    return sum(parameter.numel() for parameter in model.parameters())
