"""The loop that any of our own losses is trained by: steps, schedule, validation, early stop, checkpoints.

What a step computes is the caller's: `Work` gives sums of terms for conversations, and how many positions each sum is
over. Exact whatever the number of processes and micro-batches: a step's loss is a sum over the whole batch divided by
counts known beforehand, and its dropout is drawn from the seed and the step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from rag.errors import OdfinError
from training import memory
from training.distill import resume
from training.distill.parallel import World
from training.examples import batches
from training.losses.balance import Balance, combine, scales
from training.recipe import Training
from training.run_log import RunLog

REMEMBERED = 0.9  # of the running means that dynamic balance stands on
LOST = 5  # steps in a row without a finite gradient, after which a run stops


class Work(Protocol):
    """What is trained. Conversations are numbers: those to train on from 0, `validation` after them.

    `sums`: each term summed over positions, for one micro-batch (zeros for an empty one, but computed: other processes
    wait for this one's share of the weights). `counts`: how many positions each is over, known without computing.
    `keep_best`: writes the student; called by all processes.
    """

    module: nn.Module
    validation: Sequence[int]
    training: int

    def size(self, conversation: int) -> int: ...

    def sums(self, conversations: Sequence[int]) -> dict[str, Tensor]: ...

    def counts(self, conversations: Sequence[int]) -> dict[str, int]: ...

    def keep_best(self, folder: Path) -> None: ...


def run(work: Work, groups: list[dict], weights: Mapping[str, float], balance: Balance, recipe: Training, folder: Path,
        belongs: str, world: World, say: Callable[[str], None]) -> dict[str, float]:
    """Train to the end or the early stop; returns the best validation's raw terms. `groups`: the optimiser's.

    The best student so far lies in `folder`/best, checkpoints in `folder`/checkpoints; a run that finds one goes on.
    """
    optimiser = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay, betas=(0.9, 0.95))
    rates = [group["lr"] for group in optimiser.param_groups]
    lengths = [work.size(one) for one in range(work.training)]
    per_epoch = math.ceil(len(lengths) / recipe.batch)
    steps = min(recipe.max_steps or math.inf, max(1, round(per_epoch * recipe.epochs)))
    numbers = {"belongs": belongs, "best": {}, "worse": 0, "means": {}}
    step, stopped = 0, False
    found = resume.load(folder / "checkpoints", work.module, optimiser, belongs)
    if found:
        step, numbers = found
        stopped = numbers["worse"] >= recipe.patience
        say(f"接着第 {step} 步继续（共 {steps} 步）")
    log = RunLog(folder, step, say) if world.first else None
    try:
        while step < steps and not stopped:
            epoch = step // per_epoch
            for batch in islice(batches(lengths, recipe.batch, recipe.seed, epoch), step % per_epoch, None):
                started = time.monotonic()
                step += 1
                for group, rate in zip(optimiser.param_groups, rates, strict=True):
                    group["lr"] = rate * _share(step, steps, recipe)
                if balance == "dynamic" and not numbers["means"]:
                    numbers["means"] = _means(work, batch, recipe, world)
                terms = _step(work, batch, weights, balance, numbers, optimiser, recipe, world, step)
                if log:
                    tokens = sum(lengths[one] for one in batch)
                    log.row(step, "train", {**terms, "tokens_per_s": tokens / (time.monotonic() - started), **memory.peak()})
                last = step == steps
                if work.validation and (last or step % recipe.evaluate_every == 0):
                    stopped = _validate(work, weights, numbers, recipe, folder, world, step, log)
                if last or stopped or step % recipe.save_every == 0:
                    resume.save(folder / "checkpoints", step, work.module, optimiser, numbers)
                if last or stopped:
                    break
        if not work.validation:
            work.keep_best(folder / "best")
    finally:
        if log:
            log.close()
    if stopped:
        say(f"验证损失 {recipe.patience} 次没有变好，提前停在第 {step} 步")
    return numbers["best"]


def _step(work: Work, batch: list[int], weights: Mapping[str, float], balance: Balance, numbers: dict,
          optimiser: torch.optim.Optimizer, recipe: Training, world: World, step: int) -> dict[str, float]:
    work.module.train()
    optimiser.zero_grad()
    counts = work.counts(batch)
    factors = scales(numbers["means"] if balance == "dynamic" else dict.fromkeys(weights, 1.0), weights, balance)
    totals: dict[str, Tensor] = {}
    for number, part in enumerate(_parts(batch, recipe.micro_batch, world)):
        torch.manual_seed((recipe.seed << 40) + (step << 20) + (number << 10) + world.rank)
        means = {name: value / counts[name] for name, value in work.sums(part).items()}
        # FSDP averages gradients over processes; the loss is a sum over them.
        (combine(means, factors) * world.size).backward()
        for name, value in means.items():
            totals[name] = totals.get(name, 0) + value.detach().float()
    norm = nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], recipe.clip)
    norm = float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)
    terms = _gathered(totals, world)
    loss = sum(terms[name] * factor for name, factor in factors.items())
    _learn(optimiser, math.isfinite(norm) and math.isfinite(loss), numbers, step)
    if balance == "dynamic" and math.isfinite(loss):
        numbers["means"] = {name: REMEMBERED * numbers["means"][name] + (1 - REMEMBERED) * value
                            for name, value in terms.items()}
    return {"loss": loss, **terms, "gradient": norm, "rate": optimiser.param_groups[0]["lr"]}


def _learn(optimiser: torch.optim.Optimizer, finite: bool, numbers: dict, step: int) -> None:
    """The optimiser's step, left out where the gradient is no number: one such step would ruin every weight.

    Raises OdfinError where that happens again and again.
    """
    numbers["lost"] = 0 if finite else numbers.get("lost", 0) + 1
    if finite:
        optimiser.step()
    elif numbers["lost"] >= LOST:
        raise OdfinError(f"到第 {step} 步为止，连续 {LOST} 步的梯度都不是有限的数，训练已停下，之前的检查点没有受影响；"
                         "请调低 training.learning_rate，或把 training.precision 改为 fp32")


def _validate(work: Work, weights: Mapping[str, float], numbers: dict, recipe: Training, folder: Path, world: World,
              step: int, log: RunLog | None) -> bool:
    """Whether to stop. The best student is the one of the smallest weighted sum of raw terms."""
    terms = _means(work, work.validation, recipe, world)
    terms = {"loss": sum(terms[name] * weight for name, weight in weights.items() if weight), **terms}
    if log:
        log.row(step, "validation", terms)
    if not numbers["best"] or terms["loss"] < numbers["best"]["loss"]:
        numbers["best"], numbers["worse"] = {**terms, "step": step}, 0
        work.keep_best(folder / "best")
    else:
        numbers["worse"] += 1
    return numbers["worse"] >= recipe.patience


@torch.no_grad()
def _means(work: Work, conversations: Sequence[int], recipe: Training, world: World) -> dict[str, float]:
    work.module.eval()
    counts, totals = work.counts(conversations), {}
    near = sorted(conversations, key=lambda one: -work.size(one))
    for part in _parts(near, recipe.micro_batch, world):
        for name, value in work.sums(part).items():
            totals[name] = totals.get(name, 0) + value.float() / counts[name]
    return _gathered(totals, world)


def _parts(batch: Sequence[int], micro: int, world: World) -> list[list[int]]:
    """This process's micro-batches: as many as every other process's, the last ones perhaps empty."""
    own = list(batch[world.rank :: world.size])
    rounds = math.ceil(math.ceil(len(batch) / world.size) / micro)
    return [own[number * micro : (number + 1) * micro] for number in range(rounds)]


def _gathered(totals: dict[str, Tensor], world: World) -> dict[str, float]:
    names = sorted(totals)
    values = world.total(torch.stack([totals[name].float() for name in names]))
    return dict(zip(names, values.tolist(), strict=True))


def _share(step: int, steps: int, recipe: Training) -> float:
    """Of the learning rate at `step` (from 1): linear warm-up, then a cosine down to `lowest_rate`."""
    warm = max(1, round(recipe.warmup * steps))
    if step <= warm:
        return step / warm
    done = (step - warm) / max(1, steps - warm)
    return recipe.lowest_rate + (1 - recipe.lowest_rate) * 0.5 * (1 + math.cos(math.pi * done))
