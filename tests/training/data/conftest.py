"""What the tests of training data share."""

from __future__ import annotations

import pytest

from tests.training.data import papers
from training.data.reading.material import Material


@pytest.fixture(scope="package")
def material(tmp_path_factory) -> Material:
    return papers.material(tmp_path_factory.mktemp("papers"))
