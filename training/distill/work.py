"""One run's work between data and losses: micro-batches made, the teacher asked or looked up, the student written."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from training.causal import base_of, public_name
from training.distill import resume
from training.distill.bridge import translated
from training.distill.distiller import Distiller, Spans
from training.distill.parallel import World
from training.distill.rows import rows
from training.distill.teacher_cache import TeacherCache
from training.distill.teachers import Signals, TeacherSide
from training.recipe import DistillRecipe

if TYPE_CHECKING:
    from training.distill.run import Prepared


class Distillation:
    """`loop.Work` over prepared conversations. The teacher is online, cached, or (for plain fine-tuning) none."""

    def __init__(self, module: Distiller, recipe: DistillRecipe, ready: Prepared, online: TeacherSide | None,
                 cache: TeacherCache | None, world: World, dtype: torch.dtype):
        self.module, self.recipe, self.ready = module, recipe, ready
        self.online, self.cache, self.world, self.dtype = online, cache, world, dtype
        self.training = ready.training
        self.validation = range(ready.training, len(ready.pairs))

    def size(self, conversation: int) -> int:
        return len(self.ready.pairs[conversation].student.input_ids)

    def counts(self, conversations: Sequence[int]) -> dict[str, int]:
        found = [self.ready.places[one] for one in conversations]
        answers, hidden = sum(len(one.student) for one in found), sum(len(one.hidden_student) for one in found)
        logit = answers
        if self.ready.link.kind == "different":
            chunks = [chunk for one in found for chunk in one.chunks]
            logit = (sum(min(c.student[1] - c.student[0], c.teacher[1] - c.teacher[0]) for c in chunks)
                     if self.recipe.loss.across_tokenizers == "uld" else len(chunks))
        return {"ce": max(1, answers), "logit": max(1, logit)} | dict.fromkeys(("block", "mlp", "embed"), max(1, hidden))

    def sums(self, conversations: Sequence[int]) -> dict[str, Tensor]:
        if not conversations:
            return {name: value * 0 for name, value in self.sums([0]).items()}
        found = [self.ready.places[one] for one in conversations]
        batch = rows([self.ready.pairs[one].student for one in conversations], [one.student for one in found],
                     [one.hidden_student for one in found], self.ready.tokenizer.pad_token_id).to(self.world.device)
        signals = self._signals(conversations)
        with torch.autocast(self.world.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            return self.module(batch, signals, self._spans(conversations))

    def keep_best(self, folder: Path) -> None:
        """The student as a peft folder or a checkpoint, with its tokenizer; landed by rename."""
        state = resume.trained(self.module)
        if self.world.first:
            building = folder.with_name(folder.name + ".building")
            shutil.rmtree(building, ignore_errors=True)
            prefix = "student."
            own = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
            student = self.module.student
            if self.recipe.method == "lora":
                student.peft_config["default"].base_model_name_or_path = public_name(self.recipe.student.model)
                student.save_pretrained(building, state_dict=own, save_embedding_layers=False)
                (building / "README.md").unlink(missing_ok=True)  # peft's own, full of blanks; the card is made on export
            else:
                if base_of(student).config.tie_word_embeddings:
                    own.pop("lm_head.weight", None)
                student.save_pretrained(building, state_dict={n: v.to(torch.bfloat16) for n, v in own.items()})
            self.ready.tokenizer.save_pretrained(building)
            shutil.rmtree(folder, ignore_errors=True)
            building.replace(folder)
        self.world.wait()

    def _signals(self, conversations: Sequence[int]) -> Signals | None:
        if self.cache:
            return self.cache.read(conversations, self.module.sites).to(self.world.device)
        if not self.online:
            return None
        found = [self.ready.places[one] for one in conversations]
        return self.online(rows(
            [translated(self.ready.pairs[one].teacher, self.ready.link) for one in conversations],
            [one.teacher for one in found], [one.hidden_teacher for one in found],
            self.ready.teacher_tokenizer.pad_token_id).to(self.world.device))

    def _spans(self, conversations: Sequence[int]) -> tuple[Spans, Spans] | None:
        """Chunks of the micro-batch's conversations, counted over all its predicting positions."""
        if self.ready.link.kind != "different":
            return None
        own, other, at_own, at_other = [], [], 0, 0
        for one in (self.ready.places[number] for number in conversations):
            own += [(at_own + chunk.student[0], at_own + chunk.student[1]) for chunk in one.chunks]
            other += [(at_other + chunk.teacher[0], at_other + chunk.teacher[1]) for chunk in one.chunks]
            at_own, at_other = at_own + len(one.student), at_other + len(one.teacher)
        return own, other
