"""Evaluation and benchmark: question sets, retrieval and answers scored without a model, costs; the tutorial RAG beside."""

from rag.evaluate.bench import BenchResult, run_bench
from rag.evaluate.evaluation import LABELS, PARTS, SYSTEMS, EvalResult, run_eval

__all__ = ["LABELS", "PARTS", "SYSTEMS", "BenchResult", "EvalResult", "run_bench", "run_eval"]
