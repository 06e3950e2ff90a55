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
    return f"{100 * (f['build_s'] / f['embed_s'] - 1):.1f}" if f.get("embed_s") else "—"


def _parts(f: Figures) -> str:
    if "disk_parts" not in f:
        return _mega("disk")(f)
    vectors, chroma = f["disk_parts"]["vectors"], f["disk_parts"]["chroma"]
    return f"{f['disk'] / 1e6:.0f}（目录库 {(f['disk'] - vectors - chroma) / 1e6:.0f}，向量 {vectors / 1e6:.0f}，Chroma {chroma / 1e6:.0f}）"


ROWS: list[tuple[str, Callable[[Figures], str]]] = [
    ("文档 / 片", lambda f: f"{f['documents']} / {f['chunks']}"),
    ("从零索引 秒", _one("build_s")),
    ("其中向量模型 秒", _one("embed_s")),
    ("流水线比模型多用 %", _overhead),
    ("无变化时再索引 秒", _one("again_s")),
    ("改动的文档", lambda f: str(f["changed"]) if "changed" in f else "—"),
    ("改动后再索引 秒", _one("change_s")),
    ("比从零快几倍", lambda f: f"{f['build_s'] / f['change_s']:.0f}"),
    ("更新期间提问：次 / 失败", lambda f: f"{f['asked']} / {f['asked_failed']}" if "asked" in f else "—"),
    ("　毫秒（p50 / p95）", _milli("asked_s")),
    ("　最慢 秒", _one("asked_slowest_s")),
    ("发布后多久用上新快照 秒", _one("follow_s")),
    ("回滚 秒", _one("rollback_s")),
    ("检索 毫秒（p50 / p95），按主题", _milli("search_topic")),
    ("检索 毫秒（p50 / p95），全部", _milli("search")),
    ("另加：问题的向量 毫秒（p50 / p95）", _milli("query_s")),
    ("打开索引 秒", _one("open_s")),
    ("检索进程常驻内存 MB", _mega("resident")),
    ("　其中独占（其余可随时换出）", _mega("resident_private")),
    ("　打开索引之前", _mega("resident_before")),
    ("磁盘 MB", _parts),
]
