"""The search as a LangChain retriever."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from rag.index.search import Searcher


class ODFinRetriever(BaseRetriever):
    """Passages of the live snapshot as LangChain documents.

    `k` may be given to the constructor or to `invoke`. Metadata: source, title, page, headings, kind, score, edition.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searcher: Searcher
    k: int = 5

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun,
                                k: int | None = None) -> list[Document]:
        return [
            Document(
                id=str(hit.chunk_id), page_content=hit.text,
                metadata={"source": hit.source, "title": hit.title, "page": hit.page, "headings": list(hit.headings),
                          "kind": hit.kind, "score": hit.score, "edition": hit.edition})
            for hit in self.searcher.search(query, self.k if k is None else k)
        ]
