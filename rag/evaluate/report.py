"""Results as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.evaluate.retrieval import DEPTHS, RetrievalScore

SYSTEMS = {
    "hybrid": "混合检索", "dense": "仅向量", "keyword": "仅关键词", "tutorial": "教程 RAG",
    "assistant": "助手", "quote": "摘句（无模型）",
}
KINDS = {"named": "带产品名", "unnamed": "不带产品名", "reworded": "用户问法", "verbatim": "标准问原文", "": "—"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A pipe table; the first three columns are text, the others numbers."""
    lines = ["| " + " | ".join(head) + " |",
             "|" + "|".join("---" if i < 3 else "---:" for i in range(len(head))) + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def share(value: float | None) -> str:
    """0.531 -> 53.1"""
    return "—" if value is None else f"{100 * value:.1f}"


def seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def retrieval_table(scores: Sequence[RetrievalScore]) -> str:
    """Recall and MRR in percent; differences of hybrid to each other system with their 95% intervals."""
    head = ["题集", "问法", "系统", "题数", *(f"R@{k}" for k in DEPTHS), "MRR@10", "小片 R@1", "小片 R@5", "前 5 字数",
            "混合 − 它：R@1", "R@5", "MRR"]
    return table(head, ([
        s.questions, KINDS.get(s.kind, s.kind), SYSTEMS.get(s.system, s.system), str(s.count),
        *(share(s.recall[k]) for k in DEPTHS), share(s.mrr), share(s.piece_recall[1]), share(s.piece_recall[5]),
        f"{s.chars:.0f}", *(_difference(s, m) for m in ("R@1", "R@5", "MRR")),
    ] for s in scores))


def _difference(score: RetrievalScore, measure: str) -> str:
    if measure not in score.differences:
        return ""
    value, low, high = score.differences[measure]
    return f"{100 * value:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
