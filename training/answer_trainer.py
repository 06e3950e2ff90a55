"""TRL's SFTTrainer with the vocabulary read on answers only, and its course in our own log.

TRL makes no logits for questions where there is a GPU, but all of them on a CPU; an answer is often a fifth of a
conversation, and the vocabulary a quarter of a small model's arithmetic, so on every device only answers are read here.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch
from transformers import TrainerCallback
from trl import SFTTrainer

from training import memory
from training.causal import base_of, decoder_of
from training.chat import IGNORED
from training.losses.logits import Divergence, vocabulary_terms
from training.run_log import RunLog


class AnswerTrainer(SFTTrainer):
    """Takes rows of `input_ids` and `labels`. The loss is the cross-entropy of learnt tokens over the whole batch's
    number of them, as TRL's."""

    def __init__(self, *args: Any, real: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _give_answer_sum(self.model, real)

    def compute_loss(self, model: Any, inputs: dict, return_outputs: bool = False, num_items_in_batch: Any = None) -> Any:
        total = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], answers=inputs["labels"])
        if num_items_in_batch is None:
            return total / (inputs["labels"] != IGNORED).sum().clamp(min=1)
        # The items are counted over all processes, whose gradients are averaged.
        share = self.accelerator.num_processes if self.args.average_tokens_across_devices else 1
        return total / num_items_in_batch * share

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        super(SFTTrainer, self).log(logs, start_time)  # without TRL's metrics, which need what is not computed here


def _give_answer_sum(model: Any, real: int) -> None:
    """The model called with `answers=labels` gives the sum of cross-entropies. Through `forward`, so that whatever wraps
    the model (DDP, FSDP, peft) is not passed by."""
    base = base_of(model)
    usual = base.forward

    def forward(self: Any, *args: Any, answers: torch.Tensor | None = None, **kwargs: Any) -> Any:
        if answers is None:
            return usual(*args, **kwargs)
        hidden = decoder_of(self)(*args, **kwargs, use_cache=False).last_hidden_state
        following = answers[:, 1:]
        learnt = following != IGNORED
        return vocabulary_terms(hidden[:, :-1][learnt], self.get_output_embeddings(), following[learnt], real, None,
                                Divergence())[0]

    base.forward = MethodType(forward, base)


class Reseeded(TrainerCallback):
    """Dropout drawn from the seed and the step: what the trainer restores of random states on resuming is not enough
    for the very same losses."""

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        torch.manual_seed((args.seed << 40) + (state.global_step << 10) + args.process_index)


class Logged(TrainerCallback):
    """Losses of steps and validations into a RunLog."""

    def __init__(self, log: RunLog):
        self.run_log = log

    def on_log(self, args: Any, state: Any, control: Any, logs: dict | None = None, **kwargs: Any) -> None:
        if "loss" in (logs or {}):
            self.run_log.row(state.global_step, "train", {
                "loss": logs["loss"], "gradient": logs["grad_norm"], "rate": logs["learning_rate"], **memory.peak()})
        elif "eval_loss" in (logs or {}):
            self.run_log.row(state.global_step, "validation", {"loss": logs["eval_loss"]})
