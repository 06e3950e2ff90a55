"""Which student fits. Run: python -m pytest tests/rag/models/test_device.py"""

from __future__ import annotations

from rag.models.device import SYSTEM_BYTES, fits, largest, memory
from rag.models.pins import PINS


def test_the_larger_student_is_named_where_it_fits():
    small, large = PINS["student"], PINS["teacher"]
    assert small.memory < large.memory
    assert largest(large.memory + SYSTEM_BYTES) is large
    assert largest(large.memory + SYSTEM_BYTES - 1) is small
    assert largest(small.memory) is None
    assert fits(PINS["e5-small"], 10**12) is None


def test_a_containers_limit_counts(tmp_path):
    limit = tmp_path / "memory.max"
    assert memory(limit).total > 10**8  # no such file
    limit.write_text("max\n")
    whole = memory(limit).total
    limit.write_text("2000000000\n")
    assert memory(limit).total == min(whole, 2_000_000_000) >= memory(limit).free
