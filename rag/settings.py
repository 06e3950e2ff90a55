"""Every setting of the program, read once from the environment (prefix `ODFIN_`) and `.env`, then passed down.

Nothing else in the project reads the environment for settings.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import OdfinError

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One object, made by `load_settings`. Paths are absolute; unknown `ODFIN_…` keys in `.env` are refused."""

    model_config = SettingsConfigDict(env_prefix="ODFIN_", env_file=PROJECT / ".env", extra="ignore", frozen=True)

    # where things lie
    home: Path = Field(PROJECT / ".odfin", description="data directory; everything written at run time lies here")
    knowledge: Path = Field(PROJECT / "knowledge", description="documents indexed when `odfin index` names no folder")
    language: Literal["zh", "en"] = Field("zh", description="language of messages to operators and administrators")

    # models
    hub_endpoint: str = Field(
        "https://huggingface.co", validation_alias=AliasChoices("ODFIN_HUB_ENDPOINT", "HF_ENDPOINT"),
        description="model hub, or a mirror of it")

    # embedder
    embedder: str = Field("e5-small", description="name in the model store, or a sentence-transformers folder")
    embedder_adapter: str = Field("shipped", description="adapter over e5-small: shipped, off, or a folder that "
                                  "`odfin train embedder` wrote")
    embed_batch: int = Field(32, ge=1, le=512, description="texts embedded at once")
    embed_max_tokens: int = Field(512, ge=32, le=8192, description="tokens of a text the embedder reads")

    # reading documents: each in a child process, within these caps
    parse_seconds: float = Field(120, gt=0, le=3600, description="one document is read for so long at most, OCR apart")
    parse_memory_mb: int = Field(2048, ge=256, le=65536, description="address space of the parsing process, in MB")
    parse_pages: int = Field(3000, ge=1, le=100_000, description="pages of one document at most")
    ocr: bool = Field(True, description="read scanned pages and pictures by OCR")
    ocr_pages: int = Field(500, ge=1, le=100_000, description="pages of one document read by OCR at most")
    ocr_page_seconds: float = Field(30, gt=0, le=600, description="time for one such page, added to parse_seconds")

    # splitting
    chunk_chars: int = Field(360, ge=80, le=4000, description="a piece is at most about so many characters")
    passage_chars: int = Field(900, ge=100, le=8000, description="a found piece is read with neighbours up to this")

    # snapshots
    keep_snapshots: int = Field(5, ge=1, le=1000, description="so many of the newest snapshots are kept")
    keep_days: int = Field(0, ge=0, le=3650, description="and all that are younger than so many days")

    watch_seconds: float = Field(3.0, ge=0.1, le=3600, description="`odfin index --watch` looks so often")

    # retrieval
    top_k: int = Field(5, ge=1, le=100, description="passages returned")
    candidates: int = Field(60, ge=5, le=1000, description="pieces each retriever proposes before fusion")
    lexicon: Literal["off", "shipped", "all"] = Field("all", description="customers' words also searched for by the "
                                                      "documents': off, the shipped list, or with the administrator's own")
    lexicon_for: Literal["both", "search", "reranker"] = Field("both", description="where the lexicon's words count: in the "
                                                               "search, for the reranker, or both")
    editions: bool = Field(True, description="of several editions of a law or product the one in force at the time asked about "
                           "is found first")
    notices: bool = Field(True, description="a later notice that changed the quoted figure is told with it")
    retrieval: Literal["hybrid", "dense", "keyword"] = Field("hybrid", description="which retrievers vote")
    search_headings: bool = Field(True, description="a piece is found by the vector of its heading as well")
    search_names: bool = Field(True, description="the product or law a question names decides among look-alikes")

    rerank_hits: int = Field(10, ge=0, le=100, description="first hits of `odfin search` that the reranker puts in order; "
                             "0: none")

    # conduct
    intent: str = Field("shipped", description="reads what a message is (a fraud under way, something unlawful, a wish for "
                        "a promise or advice) where no rule knows it: shipped, off, or a folder that `odfin train intent` wrote")

    # evidence
    reranker: str = Field("shipped", description="reads sentences against the question: shipped, off, or a folder "
                          "that `odfin train reranker` wrote")
    read_again: int = Field(4, ge=0, le=24, description="best sentences that the reranker reads again together with the "
                            "question, where its folder holds a joint reader; 0: none")
    answer_cache: int = Field(500, ge=0, le=100_000, description="so many answers are kept in memory for questions that mean "
                              "the same; 0: none")
    choices: bool = Field(True, description="where a question names no product and several answer differently, say so and "
                          "ask which is meant")
    rewrite: bool = Field(True, description="a follow-up that rules leave doubtful is put as a whole question by the student")
    second_opinion: bool = Field(True, description="how surely the student would decline weighs in whether a question is "
                                 "answered")
    contact: str = Field("", max_length=80, description="what a refusal tells to do instead of 咨询人工客服, e.g. 拨打95xxx或到网点")
    fetch_rows: bool = Field(True, description="of a table found, the row that is meant is fetched from the whole table")
    complete_lists: bool = Field(True, description="a list quoted is completed from its whole section")
    read_passages: int = Field(8, ge=1, le=50, description="passages whose sentences may become evidence")

    # student
    runtime: Literal["llamacpp", "transformers", "openai"] = Field("llamacpp", description="what runs the student")
    student: str = Field("student", description="name in the model store, a GGUF file, a checkpoint folder, "
                         "or the model name on the OpenAI-compatible server")
    adapter: str = Field("shipped", description="LoRA adapter over the student: shipped (where there is one for it), off, "
                         "a GGUF file, or (transformers only) a peft folder")
    server_url: str = Field("", description="base URL of the OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1")
    server_key: SecretStr = Field(SecretStr(""), description="its API key, where it wants one")
    context_tokens: int = Field(4096, ge=512, description="the student's context window")
    threads: int = Field(0, ge=0, description="CPU threads for the models; 0: the machine's cores")
    max_answer_tokens: int = Field(160, ge=16, le=2048, description="an answer is at most this long")
    packing: Literal["sentences", "passages"] = Field("sentences", description="what the student reads of the passages: the "
                                                      "sentences that are the evidence, or the passages whole")
    prompt_cache: bool = Field(True, description="the beginning of a prompt that the student has just read is not read again")
    lookup: bool = Field(False, description="words that the prompt goes on with are tried ahead of the model (prompt lookup "
                         "decoding; llamacpp): pays for long answers, `odfin bench speed` measures it")
    prompt_tokens: int = Field(640, ge=128, description="budget of the whole prompt: the first token waits on it")

    # bot
    telegram_token: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("ODFIN_TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        description="the token BotFather gave; the bot starts only where it is set")
    telegram_url: str = Field("", description="base URL of another Bot API server, up to and including /bot")

    # console
    ui_host: str = Field("127.0.0.1", description="address the console listens on")
    ui_port: int = Field(8501, ge=1, le=65535, description="port the console listens on")
    upload_mb: int = Field(50, ge=1, le=2000, description="largest document the console takes, in MB")

    @field_validator("home", "knowledge")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @field_validator("adapter", mode="before")
    @classmethod
    def _adapter(cls, named: str | Path | None) -> str:
        if not named or str(named) in ("off", "shipped"):
            return str(named or "off")
        return str(Path(named).expanduser().resolve())

    @property
    def cpu_threads(self) -> int:
        return self.threads or os.cpu_count() or 2

    @property
    def models_dir(self) -> Path:
        return self.home / "models"

    @property
    def uploads_dir(self) -> Path:
        return self.home / "uploads"


def load_settings(**overrides) -> Settings:
    """Read the settings; `overrides` win. Raises OdfinError naming the first value that does not fit."""
    _refuse_unknown(Path(overrides.get("_env_file", PROJECT / ".env") or os.devnull))
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise OdfinError(f"设置 ODFIN_{name.removeprefix('ODFIN_')} 不对：{first['msg']}（现值：{first['input']!r}）") from error


def _refuse_unknown(env_file: Path) -> None:
    """A mistyped setting would otherwise be passed over in silence; other programs' keys may stand beside ours."""
    if not env_file.is_file():
        return
    known = {f"ODFIN_{name.upper()}" for name in Settings.model_fields}
    for number, line in enumerate(env_file.read_text(encoding="utf-8").splitlines(), 1):
        key = line.removeprefix("export ").split("=")[0].strip().upper()
        if key.startswith("ODFIN_") and "=" in line and key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise OdfinError(f"{env_file} 第 {number} 行：没有 {key} 这个设置" + (f"；是 {near[0]} 吗？" if near else ""))
