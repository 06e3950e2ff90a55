"""kill -9 in the middle of re-indexing, again and again, over a real SQLite and a real Chroma.

    python tests/rag/index/killing.py --kills 100 [--seed 1] [--json]

Each trial changes some documents, starts a run in a process of its own and kills it a random moment after it has entered
a random step: parsing, embedding, adding, publishing, pruning. After each kill a search in another process must find what
it found before (or, once published, what the finished run finds); every few kills a run is let through, and what is then
stored must be what a build from nothing stores, with nothing twice and nothing left over.

The embedder is `HashEmbedder` (384 floats, no model): it is not what is tested. Needs os.fork.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import chromadb  # noqa: F401  imported before forking, so that children start fast
import numpy as np

import rag.documents.plain  # noqa: F401
from rag.evaluate.synthetic import HashEmbedder
from rag.index import ahead, build, complete, matrix, postings
from rag.index.build import Indexer
from rag.index.catalogue import Catalogue
from rag.index.search import Searcher
from rag.index.vectors import VectorStore
from rag.settings import Settings, load_settings
from rag.text.tokens import words

STEPS = ("parsing", "embedding", "adding", "publishing", "pruning")
MOMENT = {"parsing": 0.01, "embedding": 0.0004, "adding": 0.03, "publishing": 0.006, "pruning": 0.05}  # seconds at most
LET_THROUGH = 5  # every so many kills a run is finished and compared
TIE = 2e-4  # scores are told to four places
DOCUMENTS, PIECES = 12, 6
WORDS = "保险 贷款 基金 理财 等待期 犹豫期 违约金 手续费 利率 年费 赎回 申购 净值 额度 还款 逾期 罚息 免赔额 保额 现金价值".split()
QUESTIONS = ("等待期多少天", "提前还款违约金怎么算", "基金赎回手续费", "年费和额度", "逾期罚息利率", "现金价值是多少")


# -- documents --------------------------------------------------------------------------------------------------------


def write(path: Path, draw: random.Random) -> None:
    sections = [f"## 第{n}条 {draw.choice(WORDS)}的规定\n\n" + "，".join(
        f"{draw.choice(WORDS)}为{draw.randrange(1, 500)}元" for _ in range(6)) + "。" for n in range(1, PIECES + 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {draw.choice(WORDS)}{draw.choice(WORDS)}产品说明书{draw.randrange(10**6)}\n\n" + "\n\n".join(sections),
                    encoding="utf-8")


def change(folder: Path, draw: random.Random) -> None:
    """Two documents are edited, others perhaps added, removed, moved, copied."""
    for kind in ("edit", "edit", *draw.choices(("edit", "add", "remove", "move", "copy"), k=draw.randrange(3))):
        files = sorted(folder.rglob("*.md"))
        one = draw.choice(files)
        if kind == "edit":
            write(one, draw)
        elif kind == "remove" and len(files) > DOCUMENTS // 2:
            one.unlink()
        elif kind == "move":
            one.rename(folder / "贷款" / f"moved-{draw.randrange(10**9)}.md")
        elif len(files) < 2 * DOCUMENTS:
            target = folder / draw.choice(("保险", "基金")) / f"{draw.randrange(10**9)}.md"
            write(target, draw) if kind == "add" else shutil.copy2(one, target)
    HashEmbedder().encode([one.read_text(encoding="utf-8") for one in folder.rglob("*.md")])  # children inherit its cache


# -- processes ----------------------------------------------------------------------------------------------------------


def run_marked(settings: Settings, folder: Path, mark: Callable[[str], None]) -> None:
    """A run that says which step it enters, with small batches so that there is much to interrupt."""
    complete.EMBED_GROUP, complete.STORE_EVERY, ahead.BATCH = 4, 8, 20
    postings.SEGMENTS, postings.MERGED, postings.FOLD = 3, 2, 40
    matrix.SMALLEST = 40

    def marked(owner: Any, name: str, step: str) -> None:
        inner = getattr(owner, name)

        def outer(*args, **kwargs):
            mark(step)
            return inner(*args, **kwargs)

        setattr(owner, name, outer)

    marked(Catalogue, "add_version", "parsing")
    marked(HashEmbedder, "embed_documents", "embedding")
    marked(complete.Stores, "add", "adding")
    marked(postings.Segments, "_write", "publishing")
    marked(Catalogue, "publish", "publishing")
    marked(build, "prune", "pruning")
    marked(build, "sweep", "pruning")
    marked(Catalogue, "tidy", "pruning")
    Indexer(settings, HashEmbedder()).run(folder)


def forked(work: Callable[..., Any], *args: Any) -> Any:
    """What `work` returns in a process of its own."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        try:
            result = ("done", work(*args))
        except BaseException:
            result = ("failed", traceback.format_exc())
        with os.fdopen(writes, "wb") as pipe:
            pickle.dump(result, pipe)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    kind, value = pickle.loads(data)
    if kind == "failed":
        raise AssertionError(value)
    return value


def kill_one(settings: Settings, folder: Path, step: str, draw: random.Random) -> str:
    """Start a run and kill it in this step. Returns the step it was in, or "finished" where it was quicker."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        code = 1
        try:
            run_marked(settings, folder, lambda name: os.write(writes, bytes([STEPS.index(name)])))
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    os.close(writes)
    wait_for = draw.randint(1, {"parsing": 2, "embedding": 3, "adding": 2, "publishing": 2, "pruning": 4}[step])
    last = ""
    with os.fdopen(reads, "rb", buffering=0) as pipe:
        while byte := pipe.read(1):
            last = STEPS[byte[0]]
            wait_for -= last == step
            if wait_for <= 0:
                break
        time.sleep(draw.random() * MOMENT[step])
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        while byte := pipe.read(1):
            last = STEPS[byte[0]]
    if os.WIFSIGNALED(status):
        return last or "starting"
    assert os.WEXITSTATUS(status) == 0, "the run failed by itself"
    return "finished"


# -- what must hold -----------------------------------------------------------------------------------------------------


def found(settings: Settings) -> tuple[str, list]:
    """The live snapshot, and what a search finds in it."""
    searcher = Searcher(settings, HashEmbedder())
    return searcher.snapshot(), [[(h.source, h.also, h.title, h.piece, h.text, h.score) for h in searcher.search(q, 5)]
                                 for q in QUESTIONS]


def same(one: list, other: list) -> bool:
    """Whether two searches found the same: equal scores and, but for near ties, the same passages in the same places.

    A row's product differs in its last bit with its place in the file, and ties are in the order of piece numbers.
    """
    for hits, others in zip(one, other, strict=True):
        scores, other_scores = [h[-1] for h in hits], [h[-1] for h in others]
        if not np.allclose(scores, other_scores, atol=TIE):
            return False
        clear = {h[:-1] for h in hits if h[-1] > scores[-1] + 2 * TIE}
        if not clear <= {h[:-1] for h in others} or len(hits) != len(others):
            return False
    return True


def stored(settings: Settings) -> dict[str, Any]:
    """Everything stored, by what it says rather than by its numbers. Asserts that nothing is there twice or left over."""
    catalogue = Catalogue(settings.home / "catalogue.db")
    db, live = catalogue.db, catalogue.live()
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert not db.execute("PRAGMA foreign_key_check").fetchall()
    used = {row[0] for row in db.execute("SELECT version FROM snapshot_documents")}
    assert {row[0] for row in db.execute("SELECT id FROM versions")} == used, "versions that no snapshot needs"
    chunks = db.execute("SELECT id, version, position, vector, heading_vector, text, words, grams FROM chunks").fetchall()
    assert {row["version"] for row in chunks} <= used
    named = {row[name] for row in chunks for name in ("vector", "heading_vector") if row[name]}
    chroma = VectorStore(settings.home / "chroma", live.vectors)
    rows = matrix.Matrix(catalogue, settings.home / "vectors", live.vectors)
    assert chroma.ids() == named == rows.rows().keys(), "vectors missing or left over"
    assert len(set(rows.rows().values())) == len(rows.rows())
    assert not db.execute("SELECT 1 FROM orphans").fetchall() and not db.execute("SELECT 1 FROM unfolded").fetchall()
    in_chroma, in_file = chroma.get(sorted(named)), rows.get(sorted(named))
    wanted = catalogue.vectors_of(used)
    for one in named:
        right = HashEmbedder().encode([complete.embedded_text(*wanted[one])])[0]
        assert np.allclose(in_chroma[one], right, atol=1e-5) and np.allclose(in_file[one], right, atol=1e-5)
    entries = catalogue.entries(live.id)
    place: dict[int, set] = {}
    for row in chunks:
        for source, entry in entries.items():
            if entry.version == row["version"]:
                place.setdefault(row["id"], set()).add((source, row["position"]))
    lists: Counter = Counter()
    every = {row["id"] for row in chunks}
    seen = set()
    for row in db.execute("SELECT field, term, pieces, counts FROM postings"):
        for piece, count in zip(np.frombuffer(row["pieces"], "int32").tolist(),
                                np.frombuffer(row["counts"], "uint8").tolist(), strict=True):
            assert (row["field"], row["term"], piece) not in seen, "a piece stands twice in a token's list"
            seen.add((row["field"], row["term"], piece))
            for where in place.get(piece, ()) if piece in every else ():
                lists[row["field"], row["term"], *where] += count
    return {
        "documents": {source: entry.version for source, entry in entries.items()},
        "pieces": sorted((where, row["vector"], row["heading_vector"], row["text"], row["words"], row["grams"])
                         for row in chunks for where in place.get(row["id"], ())),
        "lists": lists,
    }


def finish(settings: Settings, folder: Path) -> None:
    run_marked(settings, folder, lambda _: None)


def trial_by_fire(home: Path, kills: int, seed: int, say: Callable[[str], None] = print) -> dict[str, int]:
    """Kill so many runs; returns how many were killed in each step, and how often the end was compared."""
    draw = random.Random(seed)
    words("分词词典也先读好")
    settings = load_settings(home=home / "home", _env_file=None, keep_snapshots=2)
    folder = home / "documents"
    for number in range(DOCUMENTS):
        write(folder / ("保险", "贷款", "基金")[number % 3] / f"{number}.md", draw)
    forked(finish, settings, folder)
    served, answers = forked(found, settings)
    counts: Counter[str] = Counter()
    unfinished: list | None = None  # what a published, but not finished, run lets search find
    number = 0
    while sum(counts[step] for step in ("starting", *STEPS)) < kills:
        if unfinished is None:
            change(folder, draw)
        where = kill_one(settings, folder, STEPS[number % len(STEPS)], draw)
        counts[where] += 1
        number += 1
        now_served, now = forked(found, settings)
        if now_served == served:
            assert same(now, answers), f"after a kill in {where} the served snapshot answers otherwise"
        else:
            assert where in ("publishing", "pruning", "finished"), f"published after a kill in {where}"
            served, answers = now_served, now
            unfinished = now
        if number % LET_THROUGH == 0:
            forked(finish, settings, folder)
            served, answers = forked(found, settings)
            assert unfinished is None or same(unfinished, answers), "what was published was not whole"
            clean = load_settings(home=home / f"clean-{number}", _env_file=None)
            forked(finish, clean, folder)
            assert forked(stored, settings) == forked(stored, clean), "not what a build from nothing stores"
            assert same(forked(found, clean)[1], answers), "not what a search over a build from nothing finds"
            shutil.rmtree(clean.home)
            counts["compared"] += 1
            say(f"{number} runs: {dict(counts)}")
        unfinished = unfinished if unfinished and number % LET_THROUGH else None
    return dict(counts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="odfin-killing-"))
    started = time.monotonic()
    counts = trial_by_fire(home, options.kills, options.seed, lambda line: print(line, file=sys.stderr, flush=True))
    shutil.rmtree(home)
    counts["seconds"] = round(time.monotonic() - started)
    print(json.dumps(counts) if options.json else counts)


if __name__ == "__main__":
    main()
