"""What the tests of training share."""

from __future__ import annotations

import pytest
from transformers import AutoModelForCausalLM

from tests.fixtures.tiny_pair import chatml, checkpoint


@pytest.fixture(scope="module")
def tokenizer():
    return chatml()


@pytest.fixture(scope="module")
def model(tmp_path_factory, tokenizer):
    """A tiny random model that reads `tokenizer`'s ids."""
    return AutoModelForCausalLM.from_pretrained(checkpoint(tmp_path_factory.mktemp("model"), tokenizer))
