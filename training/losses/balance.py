"""The terms of a step made into one loss: `L = w_ce·CE + w_logit·L_logit + w_block·L_block + w_mlp·L_mlp + w_embed·L_embed`.

"dynamic" scales each hidden term by `sg(L_logit / L_mid)`, as NVIDIA ModelOpt does, so that no term drowns the logits
whatever its unit; without a logit term the cross-entropy takes its place. The ratio is taken over running means of the
steps before, not over the micro-batch at hand: so it is the same however many processes and micro-batches share a step.
Checkpoints are chosen on the raw terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from torch import Tensor

Balance = Literal["fixed", "dynamic"]
HIDDEN = ("block", "mlp", "embed")
TERMS = ("ce", "logit", *HIDDEN)


def scales(means: Mapping[str, float], weights: Mapping[str, float], balance: Balance) -> dict[str, float]:
    """What each term is multiplied by. `means`: running means over *all* processes; terms of weight 0 are left out."""
    factors = {name: weight for name, weight in weights.items() if weight and name in means}
    if balance == "dynamic":
        leading = means["logit"] if "logit" in factors else means.get("ce", 1.0)
        for name in HIDDEN:
            if name in factors and means[name] > 0:
                factors[name] *= leading / means[name]
    return factors


def combine(terms: Mapping[str, Tensor], factors: Mapping[str, float]) -> Tensor:
    """Σ factor · term over the factors' names; the factors carry no gradient."""
    return sum(terms[name] * factor for name, factor in factors.items())
