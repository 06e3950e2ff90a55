"""The RAG that a first tutorial builds, as the baseline: LangChain's recursive splitter at 1000/200 over the raw text,
Chroma, dense top k, every passage stuffed into one prompt. Same embedder and same student as ours.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from rag.documents.load import load_document
from rag.errors import DocumentError
from rag.index.folder import scan

log = logging.getLogger(__name__)

CHUNK, OVERLAP, TOP_K = 1000, 200, 4
ADD = 64

# The prompt that LangChain's retrieval tutorial pulls from its hub (rlm/rag-prompt).
PROMPT = (
    "You are an assistant for question-answering tasks. Use the following pieces of retrieved context to answer the "
    "question. If you don't know the answer, just say that you don't know. Use three sentences maximum and keep the "
    "answer concise.\nQuestion: {question} \nContext: {context} \nAnswer:"
)
REFUSAL = re.compile(r"don't know|do not know|不知道|不清楚|无法(?:确定|回答|提供|判断|得知|从)|(?:没有|未)(?:提及|提到|说明|给出|包含|找到)|"
                     r"not (?:mentioned|provided|specified)|抱歉|对不起", re.IGNORECASE)


@dataclass(frozen=True)
class TutorialAnswer:
    """`tokens` are (prompt, generated); times are seconds since the question."""

    answer: str
    refused: bool
    passages: tuple[LangChainDocument, ...]
    retrieval_s: float
    first_token_s: float
    total_s: float
    tokens: tuple[int, int]


class Tutorial:
    """An index of its own under `folder`, over the same documents."""

    def __init__(self, folder: Path, embedder: Embeddings, version: str = ""):
        self.folder = folder
        self.embedder = embedder
        self.version = version
        self._store = None
        self.chunks = 0

    def index(self, directory: Path, progress: Callable[[int, int], None] | None = None) -> int:
        """Index the folder anew unless nothing in it has changed. Returns the number of chunks."""
        from langchain_chroma import Chroma

        files = scan(directory, directory / ".none")
        stamp = hashlib.sha256(repr([(f.source, f.size, f.modified) for f in files] + [self.version]).encode()).hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        done = self.folder / f"{stamp}.done"
        self._store = Chroma(f"tutorial-{stamp}", self.embedder, persist_directory=str(self.folder))
        if done.is_file():
            self.chunks = int(done.read_text())
            return self.chunks
        chunks = self.split(directory)
        for start in range(0, len(chunks), ADD):
            part = chunks[start : start + ADD]
            self._store.add_documents(part, ids=[f"{start + i}" for i in range(len(part))])
            if progress:
                progress(min(start + ADD, len(chunks)), len(chunks))
        self.chunks = len(chunks)
        done.write_text(str(self.chunks))
        return self.chunks

    @staticmethod
    def split(directory: Path) -> list[LangChainDocument]:
        """The chunks of a folder; unreadable documents are passed over."""
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        documents = []
        for file in scan(directory, directory / ".none"):
            try:
                documents += [LangChainDocument(text, metadata={"source": file.source, "page": page})
                              for text, page in raw_pages(file.path, file.source)]
            except DocumentError as error:
                log.info("%s", error)
        return RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP).split_documents(documents)

    def search(self, question: str, top_k: int) -> list[LangChainDocument]:
        return self._store.similarity_search(question, k=top_k)

    def ask(self, question: str, student: BaseChatModel) -> TutorialAnswer:
        """Retrieve, stuff, answer."""
        started = time.perf_counter()
        passages = tuple(self.search(question, TOP_K))
        retrieved = time.perf_counter() - started
        prompt = PROMPT.format(question=question, context="\n\n".join(p.page_content for p in passages))
        text, first, usage = "", 0.0, None
        for chunk in student.stream([HumanMessage(prompt)]):
            if chunk.content and not text:
                first = time.perf_counter() - started
            text += chunk.content
            usage = chunk.usage_metadata or usage
        tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
        return TutorialAnswer(text.strip(), REFUSAL.search(text[:60]) is not None, passages, retrieved, first,
                              time.perf_counter() - started, tokens)


def raw_pages(path: Path, source: str) -> Iterator[tuple[str, int]]:
    """(text, page number or 0) as a tutorial reads a file: PDF pages as they come, text files whole, others by ours."""
    if path.suffix.lower() == ".pdf":
        import pypdfium2

        try:
            pdf = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise DocumentError(f"{source}：PDF 打不开（{error}）") from error
        try:
            for number, page in enumerate(pdf, 1):
                yield page.get_textpage().get_text_range(), number
        finally:
            pdf.close()
    elif path.suffix.lower() in (".md", ".txt"):
        from rag.documents.encoding import decode

        yield decode(path.read_bytes(), source)[0], 0
    else:
        for page in load_document(path, source).pages:
            yield page.text, page.number or 0
