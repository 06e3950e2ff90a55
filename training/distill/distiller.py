"""The student with its losses as one module: ids and the teacher's signals in, sums of the five terms out.

Everything that touches weights happens within `forward`, so that FSDP gathers them and backward meets its hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from training.causal import base_of, decoder_of, need_plain
from training.distill.bridge import Bridge
from training.distill.capture import captured, family
from training.distill.rows import Rows
from training.distill.teachers import Signals
from training.losses.hidden import Projections, hidden_term
from training.losses.likelihood import chunk_log_probs, likelihood_term
from training.losses.logits import Divergence, FullTeacher, label_log_probs, vocabulary_terms
from training.losses.uld import uld_term
from training.recipe import Loss

Spans = Sequence[tuple[int, int]]


class Distiller(nn.Module):
    """`sites`: where hidden states are compared; `widths`: of student and teacher; `real`: ids the student's tokenizer
    knows; `used`: those the softmax is over, in order, where it is not over all."""

    def __init__(self, student: Any, link: Bridge, sites: Sequence[str], widths: tuple[int, int], real: int, loss: Loss,
                 used: Sequence[int] | None = None):
        super().__init__()
        need_plain(student)
        self.student = student
        self.projections = Projections(sites, *widths)
        self.link, self.sites, self.real, self.loss = link, list(sites), real, loss
        self.how = Divergence(loss.kind, loss.temperature, loss.beta)
        self.register_buffer("used", None if used is None else torch.tensor(used), persistent=False)

    def forward(self, rows: Rows, signals: Signals | None, spans: tuple[Spans, Spans] | None = None) -> dict[str, Tensor]:
        """Sums over this micro-batch's positions: "ce", "logit" (over positions, or chunks of bytes), and for each
        family of sites the mean over its sites of sums over positions. Without signals only "ce".

        `spans`: aligned chunks over the predicting positions of student and teacher, between different tokenizers.
        """
        decoder = decoder_of(self.student)
        sites = {site: site for site in self.sites} if signals else {}
        with captured(decoder, sites, rows.hidden) as taken:
            last = decoder(input_ids=rows.input_ids, attention_mask=rows.attention_mask,
                           position_ids=rows.position_ids, use_cache=False).last_hidden_state
        at = last.reshape(-1, last.shape[-1])[rows.predict]
        terms = self._vocabulary(at, rows, signals, spans)
        groups: dict[str, list[Tensor]] = {}
        for site in sites:
            distance = hidden_term(self.projections(site, taken[site]), signals.hidden[site], self.loss.distance)
            groups.setdefault(family(site), []).append(distance)
        return terms | {name: torch.stack(parts).mean() for name, parts in groups.items()}

    def _vocabulary(self, at: Tensor, rows: Rows, signals: Signals | None, spans: tuple[Spans, Spans] | None
                    ) -> dict[str, Tensor]:
        head, chunk = base_of(self.student).get_output_embeddings(), self.loss.vocabulary_chunk
        if signals is None or not self.loss.weights.logit or self.link.kind != "different":
            teacher = signals.logits if signals and self.loss.weights.logit else None
            labels, real = rows.labels, self.real
            if self.used is not None:
                head, labels, teacher = self._narrowed(head, labels, teacher)
                real = len(self.used)
            ce, logit = vocabulary_terms(at, head, labels, real, teacher, self.how, chunk)
            return {"ce": ce, "logit": logit} if teacher else {"ce": ce}
        spoken = label_log_probs(at, head, rows.labels, self.real, chunk)
        if self.loss.across_tokenizers == "likelihood":
            own, other = spans
            logit = likelihood_term(chunk_log_probs(spoken, own), chunk_log_probs(signals.log_probs, other),
                                    self.loss.likelihood_temperature)
        else:
            logit = self._sorted(at, head, signals.logits, spans, chunk)
        return {"ce": -spoken.sum(), "logit": logit}

    def _narrowed(self, head: Any, labels: Tensor, teacher: FullTeacher | None
                  ) -> tuple[Callable[[Tensor], Tensor], Tensor, FullTeacher | None]:
        """Head, labels and teacher counted over the used ids alone."""
        used = self.used
        if type(head) is nn.Linear:
            weight, bias = head.weight[used], None if head.bias is None else head.bias[used]
            narrow = lambda hidden: nn.functional.linear(hidden, weight, bias)  # noqa: E731
        else:  # with LoRA on it, say
            narrow = lambda hidden: head(hidden)[:, used]  # noqa: E731
        return narrow, torch.searchsorted(used, labels), teacher and FullTeacher(teacher.hidden, teacher.weight[used])

    def _sorted(self, at: Tensor, head: Any, teacher: FullTeacher, spans: tuple[Spans, Spans], chunk: int) -> Tensor:
        """ULD pairs position n of an answer with position n of the other's: `spans` are whole answers here."""
        mine, theirs = [], []
        for (start, end), (begin, stop) in zip(*spans, strict=True):
            both = min(end - start, stop - begin)
            mine += range(start, start + both)
            theirs += range(begin, begin + both)
        return uld_term(at[mine], head, self.real, teacher.hidden[theirs], teacher.weight, chunk)
