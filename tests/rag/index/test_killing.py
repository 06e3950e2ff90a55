"""A re-index killed at random moments loses nothing. The long version: python tests/rag/index/killing.py --kills 100"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("killing.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes; this system has no fork")
def test_a_run_killed_at_any_moment_leaves_the_old_snapshot_and_is_finished_by_the_next():
    done = subprocess.run([sys.executable, str(SCRIPT), "--kills", "12", "--seed", "7", "--json"],
                          capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    counts = json.loads(done.stdout)
    assert sum(counts.get(step, 0) for step in ("starting", "parsing", "embedding", "adding", "publishing", "pruning")) >= 12
    assert counts["compared"] >= 2
