"""A folder read once, as a table. Run: pytest tests/rag/evaluate/test_bench_corpus.py"""

from __future__ import annotations

import pytest

from rag.errors import OdfinError
from rag.evaluate.bench_corpus import run_bench_corpus


def test_every_format_is_a_row_and_every_failure_a_line(settings, documents):
    (documents / "保险/损坏.pdf").write_bytes(b"not a pdf at all")
    (documents / "保险/公告_files").mkdir()
    (documents / "保险/公告_files/框.html").write_text("<p>广告</p>", "utf-8")
    (documents / "保险/公告.html").write_text("<h1>公告</h1><p>免赔额一万元。</p>", "utf-8")
    result = run_bench_corpus(settings, documents)
    assert set(result.kinds) == {".md", ".txt", ".csv", ".pdf", ".html"}
    assert (result.kinds[".md"].tables, result.kinds[".csv"].tables, result.kinds[".txt"].tables) == (1, 1, 0)
    assert (result.kinds[".pdf"].files, result.kinds[".pdf"].failed, result.kinds[".pdf"].chunks) == (1, 1, 0)
    whole = result.whole
    assert (whole.files, whole.failed, whole.pages) == (5, 1, 4) and whole.chunks > whole.table_pieces >= 2
    assert [source for source, _ in result.failures] == ["保险/损坏.pdf"]
    assert [source for source, _ in result.skipped] == ["保险/公告_files/"]
    markdown = result.to_markdown()
    assert "| 合计 | 5 | 1 |" in markdown and "- 保险/损坏.pdf：" in markdown and "没有单独读的" in markdown
    assert result.to_json()["all"]["files"] == 5 and not (settings.home / "catalogue.db").exists()
    (documents / "empty").mkdir()
    with pytest.raises(OdfinError, match="没有能读的文档"):
        run_bench_corpus(settings, documents / "empty")
