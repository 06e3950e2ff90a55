"""`python -m rag.evaluate SET.jsonl …`: evaluation without the rest of the command line."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from rag.errors import OdfinError
from rag.evaluate.evaluation import LABELS, PARTS, SYSTEMS, run_eval
from rag.settings import load_settings


class Lines:
    """Progress as lines on stderr, at most one every few seconds."""

    def __init__(self, every_s: float = 5.0):
        self.every_s = every_s
        self._last = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last >= self.every_s or done == total:
            self._last = now
            print(f"{what} {done}/{total}", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rag.evaluate")
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--sample", type=int, default=0, help="questions of each kind, 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--fresh", action="store_true", help="read and split the documents again")
    parser.add_argument("--by", choices=LABELS, default=LABELS[0])
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        result = run_eval(load_settings(), chosen.sets, parts=chosen.parts.split(","),
                          systems=chosen.systems.split(","), sample=chosen.sample,
                          seed=chosen.seed, resume=chosen.resume, fresh=chosen.fresh, by=chosen.by, report=Lines())
    except OdfinError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(result.to_json(), ensure_ascii=False, indent=2) if chosen.json else result.to_markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
