"""What `odfin bench index` measures, as the rows of its table: seconds, milliseconds, megabytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rag.evaluate.report import seconds

Figures = dict[str, Any]


def _one(key: str) -> Callable[[Figures], str]:
    return lambda f: seconds(f.get(key)) if f.get(key) is None or f[key] >= 0.1 else f"{f[key]:.3f}"


def _milli(key: str) -> Callable[[Figures], str]:
    return lambda f: " / ".join(f"{1000 * value:.1f}" for value in f[key]) if f.get(key) else "—"


def _mega(key: str) -> Callable[[Figures], str]:
    return lambda f: f"{f[key] / 1e6:.0f}" if f.get(key) else "—"


def _overhead(f: Figures) -> str:
    if not f.get("alone_s"):
        return "—"
    return " / ".join(f"{100 * (f['build_' + unit] / f['alone_' + unit] - 1):.1f}" for unit in ("s", "cpu"))


def _rates(f: Figures) -> str:
    return f"{f['vectors'] / f['build_s']:.1f} / {f['vectors'] / f['alone_s']:.1f}" if f.get("alone_s") else "—"


def _clock(name: str) -> Callable[[Figures], str]:
    """Seconds on the clock and of processors."""
    return lambda f: f"{_one(name + '_s')(f)} / {_one(name + '_cpu')(f)}" if f.get(f"{name}_s") is not None else "—"


def _faster(name: str, documents: str) -> Callable[[Figures], str]:
    """A dash where `documents`, the count of those changed, is 0: a run over nothing new is no re-index."""
    return lambda f: " / ".join(f"{f['build_' + unit] / f[name + '_' + unit]:.0f}" if f[f"{name}_{unit}"] else "∞"
                                for unit in ("s", "cpu")) if f.get(f"{name}_s") and f.get(documents) else "—"


def _parts(f: Figures) -> str:
    if "disk_parts" not in f:
        return _mega("disk")(f)
    vectors, chroma = f["disk_parts"]["vectors"], f["disk_parts"]["chroma"]
    return f"{f['disk'] / 1e6:.0f}（目录库 {(f['disk'] - vectors - chroma) / 1e6:.0f}，向量 {vectors / 1e6:.0f}，Chroma {chroma / 1e6:.0f}）"


ROWS: list[tuple[str, Callable[[Figures], str]]] = [
    ("文档 / 片", lambda f: f"{f['documents']} / {f['chunks']}" if "documents" in f else "—"),
    ("从零索引 秒：钟表 / 处理器", _clock("build")),
    ("同样的文字，仅向量模型 秒", _clock("alone")),
    ("流水线比模型多用 %：钟表 / 处理器", _overhead),
    ("每秒向量：流水线全程 / 仅模型", _rates),
    ("无变化时再索引 秒", _clock("again")),
    ("改动 1%，每份一处：文档", lambda f: str(f["changed"]) if "changed" in f else "—"),
    ("　再索引 秒", _clock("change")),
    ("　比从零快几倍：钟表 / 处理器", _faster("change", "changed")),
    ("改动 1%，整份重写：文档", lambda f: str(f["rewritten"]) if "rewritten" in f else "—"),
    ("　再索引 秒", lambda f: _clock("rewrite")(f) if "rewritten" in f else "—"),
    ("　比从零快几倍：钟表 / 处理器", _faster("rewrite", "rewritten")),
    ("更新期间提问：次 / 失败", lambda f: f"{f['asked']} / {f['asked_failed']}" if "asked" in f else "—"),
    ("　毫秒（p50 / p95）", _milli("asked_s")),
    ("　最慢 秒", _one("asked_slowest_s")),
    ("发布后多久用上新快照 秒", _one("follow_s")),
    ("回滚 秒", _one("rollback_s")),
    ("检索 毫秒（p50 / p95），按主题", _milli("search_topic")),
    ("　连同问题的向量", _milli("search_topic_whole")),
    ("检索 毫秒（p50 / p95），全部", _milli("search")),
    ("　连同问题的向量", _milli("search_whole")),
    ("另加：问题的向量 毫秒（p50 / p95）", _milli("query_s")),
    ("odfin search 毫秒（p50 / p95）：另由重排模型排前几个", _milli("ordered_s")),
    ("打开索引 秒", _one("open_s")),
    ("检索进程常驻内存 MB", _mega("resident")),
    ("　其中独占（其余可随时换出）", _mega("resident_private")),
    ("　打开索引之前", _mega("resident_before")),
    ("　连同向量模型", _mega("resident_model")),
    ("索引进程内存峰值 MB", _mega("build_peak")),
    ("磁盘 MB", _parts),
]
