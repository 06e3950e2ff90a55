"""Results as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.evaluate.answers import AnswerScore
from rag.evaluate.retrieval import DEPTHS, RetrievalScore

SYSTEMS = {
    "hybrid": "混合检索", "dense": "仅向量", "keyword": "仅关键词", "tutorial": "教程 RAG",
    "assistant": "助手", "evidence": "助手（无学生，只引原文）", "quote": "摘句（无模型）",
}
KINDS = {
    "named": "带产品名", "unnamed": "不带产品名", "reworded": "用户问法", "verbatim": "标准问原文", "": "—",
    "fact": "事实", "number": "数字", "table": "表格", "list": "列举", "yes_no": "是否", "condition": "条件", "compare": "比较", "follow_up": "追问", "ambiguous": "未指明产品",
    "arithmetic": "计算", "unanswerable": "资料没有", "conduct": "合规", "injection": "注入",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A pipe table; the first three columns are set left, the others right."""
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
        *_names(s), str(s.count),
        *(share(s.recall[k]) for k in DEPTHS), share(s.mrr), share(s.piece_recall[1]), share(s.piece_recall[5]),
        f"{s.chars:.0f}", *(_difference(s, m) for m in ("R@1", "R@5", "MRR")),
    ] for s in scores))


def answer_table(scores: Sequence[AnswerScore]) -> str:
    """Shares in percent, seconds as p50 / p95, length in characters."""
    head = ["题集", "问法", "系统", "题数", "做对", "答对", "且引对文档", "答案或引文含要点", "该拒则拒", "误拒", "数字有据", "有引文", "引自正确文档",
            "引到依据", "照注入做了", "与参考答案重合", "答案字数", "见依据", "首字", "总时长", "出错", "助手 − 它：答对", "引到依据", "重合"]
    return table(head, ([
        *_names(s), str(s.count), f"{s.right}/{s.count}",
        *(share(v) for v in (s.correct, s.correct_source, s.correct_cited, s.refused_right, s.refused_wrong, s.faithful, s.cited,
                             s.gold_source, s.evidence, s.obeyed, s.overlap)),
        "—" if s.length is None else f"{s.length:.0f}",
        *(" / ".join(seconds(v) for v in s.seconds[name]) for name in ("evidence_s", "first_token_s", "total_s")),
        str(s.errors), *(_difference(s, m) for m in ("correct", "evidence", "overlap")),
    ] for s in scores))


def _names(score: RetrievalScore | AnswerScore) -> tuple[str, str, str]:
    return score.questions, KINDS.get(score.kind, score.kind), SYSTEMS.get(score.system, score.system)


def _difference(score: RetrievalScore | AnswerScore, measure: str) -> str:
    if measure not in score.differences:
        return ""
    value, low, high = score.differences[measure]
    return f"{100 * value:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
