"""TRL's SFTTrainer with the vocabulary read on answers only, and its course in our own log.

TRL makes no logits for questions where there is a GPU, but all of them on a CPU; an answer is often a fifth of a
conversation, and the vocabulary a quarter of a small model's arithmetic, so on every device only answers are read here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
from transformers import TrainerCallback
from trl import SFTTrainer

from training import memory
from training.causal import base_of, decoder_of, is_plain
from training.chat import IGNORED
from training.losses.logits import Divergence, vocabulary_terms
from training.run_log import RunLog


class AnswerTrainer(SFTTrainer):
    """Takes batches as training/packing.py makes them. The loss is the cross-entropy of learnt tokens over the whole
    batch's number of them, as TRL's."""

    def __init__(self, *args: Any, real: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _give_answer_sum(self.model, real)

    def compute_loss(self, model: Any, inputs: dict, return_outputs: bool = False, num_items_in_batch: Any = None) -> Any:
        total = self._sum(model, inputs)
        if num_items_in_batch is None:
            return total / (inputs["labels"] != IGNORED).sum().clamp(min=1)
        # The items are counted over all processes, whose gradients are averaged.
        share = self.accelerator.num_processes if self.args.average_tokens_across_devices else 1
        return total / num_items_in_batch * share

    def _sum(self, model: Any, inputs: dict) -> torch.Tensor:
        return model(**{name: value for name, value in inputs.items() if name != "labels"}, answers=inputs["labels"])

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """The mean over all learnt tokens of the validation, whatever the number of processes and batches."""
        rows, micro, count = self.eval_dataset, self.args.per_device_eval_batch_size, self.accelerator.num_processes
        totals = torch.zeros(2, dtype=torch.float64, device=self.accelerator.device)
        self.model.eval()
        for turn in range(math.ceil(len(rows) / (micro * count))):
            first = (turn * count + self.accelerator.process_index) * micro
            own = [rows[one] for one in range(first, min(first + micro, len(rows)))]
            inputs = self._prepare_inputs(self.data_collator(own or [rows[0]]))  # all take part, some with nothing
            with torch.no_grad(), self.compute_loss_context_manager():
                total = self._sum(self.model, inputs)
            if own:
                totals += torch.stack([total.double(), (inputs["labels"] != IGNORED).sum().double()])
        total, learnt = self.accelerator.reduce(totals, "sum").tolist()
        metrics = {"eval_loss": total / max(1, learnt)}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        super(SFTTrainer, self).log(logs, start_time)  # without TRL's metrics, which need what is not computed here


def _give_answer_sum(model: Any, real: int) -> None:
    """The model called with `answers=labels` gives the sum of cross-entropies. Through `forward`, so that whatever wraps
    the model (DDP, FSDP, peft) is not passed by. A model that does more than multiply (Gemma-2 caps its logits) makes all of
    them by its own forward."""
    base = base_of(model)
    usual, plain = base.forward, is_plain(model)

    def forward(self: Any, *args: Any, answers: torch.Tensor | None = None, **kwargs: Any) -> Any:
        if answers is None:
            return usual(*args, **kwargs)
        if plain:
            read, head = decoder_of(self)(*args, **kwargs, use_cache=False).last_hidden_state, self.get_output_embeddings()
        else:
            read, head = usual(*args, **kwargs, use_cache=False).logits, lambda logits: logits
        following = answers[:, 1:]
        learnt = following != IGNORED
        return vocabulary_terms(read[:, :-1][learnt], head, following[learnt], real, None, Divergence())[0]

    base.forward = MethodType(forward, base)


class Reseeded(TrainerCallback):
    """Dropout drawn from the seed and the step: what the trainer restores of random states on resuming is not enough
    for the very same losses."""

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        torch.manual_seed((args.seed << 40) + (state.global_step << 10) + args.process_index)


class Best(TrainerCallback):
    """Calls `keep` at each validation that is better than all before, and stops after `patience` without one.

    Stands on the trainer's history alone, which its checkpoints bring back: checkpoints may lie at any steps.
    """

    def __init__(self, patience: int, keep: Callable[[], None]):
        self.patience, self.keep = patience, keep

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._worse(state) == 0:
            self.keep()
        self._stop(state, control)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._stop(state, control)  # of a run that was killed between its stop and its end

    def _worse(self, state: Any) -> int:
        """Validations since the best one."""
        losses = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
        return len(losses) - 1 - losses.index(min(losses)) if losses else 0

    def _stop(self, state: Any, control: Any) -> None:
        control.should_training_stop |= self._worse(state) >= self.patience


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
