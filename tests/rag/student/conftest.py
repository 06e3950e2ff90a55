"""Students to test with: a tiny one that is made here, and the pinned one where its weights lie."""

from __future__ import annotations

import pytest
import xllamacpp

from rag.models.store import ModelStore
from rag.settings import Settings, load_settings
from rag.student import ODFinChatModel, open_student
from tests.fixtures import tiny_student as tiny_fixture

KEY = "secret-for-tests"


@pytest.fixture(scope="session")
def tiny(request) -> tiny_fixture.TinyStudent:
    return tiny_fixture.tiny_student(request.config.cache.mkdir("tiny-student"))


@pytest.fixture(scope="session")
def server_url(tiny):
    """llama.cpp's own OpenAI-compatible server, over HTTP on loopback, with a key."""
    params = xllamacpp.CommonParams()
    params.model.path = str(tiny.gguf)
    params.n_ctx, params.n_parallel = tiny_fixture.CONTEXT, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [KEY]
    params.fit_params, params.warmup, params.verbosity = False, False, -1
    params.endpoint_metrics = True
    server = xllamacpp.Server(params)
    server.handle_metrics()  # its main loop runs; deleting it earlier would hang
    yield f"{server.listening_address}/v1"
    del server


@pytest.fixture(scope="session")
def settings_for(tiny, server_url, tmp_path_factory):
    """settings_for(runtime, **others) -> Settings of the tiny student on that runtime."""
    home = tmp_path_factory.mktemp("home")

    def make(runtime: str, **others) -> Settings:
        own = {"llamacpp": {"student": str(tiny.gguf)}, "transformers": {"student": str(tiny.checkpoint)},
               "openai": {"student": "tiny-student", "server_url": server_url, "server_key": KEY}}[runtime]
        return load_settings(**({"home": home, "runtime": runtime, "threads": 1, "max_answer_tokens": 200,
                                 "context_tokens": tiny_fixture.CONTEXT} | own | others))

    return make


@pytest.fixture(scope="session")
def students(settings_for):
    """students(runtime) -> the tiny student there, loaded once for all tests."""
    opened: dict[str, ODFinChatModel] = {}

    def get(runtime: str) -> ODFinChatModel:
        if runtime not in opened:
            opened[runtime] = open_student(settings_for(runtime))
        return opened[runtime]

    yield get
    for student in opened.values():
        student.close()


@pytest.fixture(scope="session", params=["llamacpp", "transformers", "openai"])
def student(request, students) -> ODFinChatModel:
    return students(request.param)


@pytest.fixture(scope="session")
def pinned():
    """The pinned student on llama.cpp; skips where its weights are not in the model folder."""
    settings = load_settings(student="student", runtime="llamacpp", adapter=None, threads=1, context_tokens=1024)
    if not ModelStore(settings).find("student"):
        pytest.skip(f"the pinned student is not in {settings.models_dir} (`odfin models fetch` gets it)")
    model = open_student(settings)
    yield model
    model.close()
