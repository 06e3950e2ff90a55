"""What `odfin search` prints of the passages found, for a person; other programs read its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.index.hit import Hit


def told(question: str, hits: Sequence[Hit]) -> Iterator[str]:
    """The question, then each hit with its source. Words that stand whole in a hit above are named, not printed again."""
    yield f"# {question}"
    for number, hit in enumerate(hits, 1):
        page = f" 第{hit.page}页" if hit.page is not None else ""
        above = next((n for n, other in enumerate(hits[: number - 1], 1) if hit.within(other)), 0)
        yield (f"\n[{number}] {hit.score:.3f} 《{hit.title}》{page}（{hit.source}）" + (f" {hit.edition}" if hit.edition else "")
               + "\n" + (f"（原文已在上面的 [{above}] 里）" if above else hit.text))
