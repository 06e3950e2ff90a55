"""Documents by the thousand for measuring scale: the sample documents' sentences, shuffled, with other names and figures.

And an embedder that costs next to nothing: what is measured with it is everything but the embedding model.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.documents.load import load_document
from rag.errors import DocumentError
from rag.index.folder import TOPICS, scan, topic_of
from rag.text.tokens import bigrams

WIDTH = 384
_FIRST = "安宁瑞泰恒信盛和嘉康福祥源晟悦锦华宏立诚远博汇通达启明星辰云海天岳江川林松竹梅兰"
_KINDS = {"保险": "终身寿险 医疗保险 意外险 养老年金".split(), "理财": "理财产品 结构性存款".split(),
          "基金": "混合基金 债券基金 货币基金".split(), "股票": "证券账户 融资业务".split(),
          "贷款": "信用贷款 经营贷款 住房贷款".split(), "信用卡": "白金信用卡 联名信用卡".split(), "社保": "参保指南 待遇指南".split()}
_SENTENCE = re.compile(r"[^。；\n|#]{12,160}[。；]")


def write_synthetic(folder: Path, samples: Path, documents: int, pieces: int, seed: int = 0) -> Path:
    """Write so many Markdown documents of about so many pieces each below `folder`, spread over the seven topics.

    Deterministic for a seed. `samples` is the folder whose sentences are used (the project's knowledge/).
    """
    by_topic = _sentences(samples)
    everything = [sentence for sentences in by_topic.values() for sentence in sentences]
    for number in range(documents):
        topic = TOPICS[number % len(TOPICS)]
        path = folder / topic / f"{number:06d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_document(random.Random(f"{seed}:{number}"), topic, by_topic.get(topic) or everything,
                                  everything, pieces), encoding="utf-8")
    return folder


def product_name(draw: random.Random) -> str:
    return "".join(draw.sample(_FIRST, 4))


def _document(draw: random.Random, topic: str, own: Sequence[str], everything: Sequence[str], pieces: int) -> str:
    name = product_name(draw) + draw.choice(_KINDS[topic])
    lines = [f"# {name}产品说明书", ""]
    for section in range(1, pieces + 1):
        lines += [f"## {section}. {draw.choice(own)[:14].strip('，、；。')}", ""]
        text = ""
        while len(text) < 230:
            sentence = draw.choice(own if draw.random() < 0.8 else everything)
            text += re.sub(r"\d", lambda _: str(draw.randrange(10)), sentence)
        lines += [text.replace("本产品", name), ""]
    return "\n".join(lines)


def _sentences(samples: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in scan(samples, samples / ".none"):
        try:
            document = load_document(file.path, file.source)
        except DocumentError:
            continue
        for page in document.pages:
            found.setdefault(topic_of(file.source), []).extend(m.strip() for m in _SENTENCE.findall(page.text))
    return found


class HashEmbedder(Embeddings):
    """Normalised vectors of 384 floats: each character pair has its own random direction, a text their sum.

    Texts that share words lie near each other, so that search has something to find; deterministic, no model, and the
    same attributes as `Embedder`.
    """

    def __init__(self, version: str = "hash:1"):
        self.name = self.version = version

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self.encode(texts).tolist()

    def embed_questions(self, texts: list[str]) -> list[list[float]]:
        return self.encode(texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self.encode([text])[0].tolist()

    def encode(self, texts: Iterable[str]) -> np.ndarray:
        rows = []
        for text in texts:
            row = np.sum([_direction(self.version, gram) for gram in bigrams(text)] or [_direction(self.version, text)],
                         axis=0)
            rows.append(row / (np.linalg.norm(row) or 1.0))
        return np.asarray(rows, dtype="float32")


@lru_cache(maxsize=200_000)
def _direction(version: str, gram: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(f"{version}\0{gram}".encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(WIDTH).astype("float32")
