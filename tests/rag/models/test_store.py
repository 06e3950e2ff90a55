"""Where model files come from: a real HTTP server as the hub, real wheels in a folder as the package index."""

from __future__ import annotations

import hashlib
import http.server
import threading
import zipfile

import pytest

from rag.errors import ModelHashError, ModelMissingError, OdfinError
from rag.models import fetch
from rag.models.pins import PINS, Pin, Wheels
from rag.models.store import ModelStore

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def hub():
    """A hub that has one file, honours Range, and can be told to break off after some bytes."""
    asked: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        stop_after = None

        def do_GET(self):
            asked.append(self.headers.get("Range"))
            if not self.path.endswith("/resolve/main/tiny.gguf"):
                self.send_error(404)
                return
            start = int((self.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            end = start + Handler.stop_after if Handler.stop_after else None
            self.wfile.write(CONTENT[start:end])

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Handler, asked
    server.shutdown()


@pytest.fixture
def tiny(monkeypatch) -> Pin:
    """A pinned file of 1 MB, in two parts where it comes in wheels."""
    pin = Pin("tiny", "tiny.gguf", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), "MIT", "", ("org/tiny", "tiny.gguf"),
              Wheels(("tiny-part1==1.0", "tiny-part2==1.0"), ("*/data/part*.bin",) * 2))
    monkeypatch.setitem(PINS, "tiny", pin)
    return pin


def store(settings, hub: str) -> ModelStore:
    (settings.home / "models").unlink()  # a folder of its own, not the shared one
    return ModelStore(settings.model_copy(update={"hub_endpoint": hub}))


def test_a_file_from_the_hub_is_verified_and_kept(settings, tiny, hub):
    models = store(settings, hub[0])
    seen = []
    path = models.path("tiny", lambda *step: seen.append(step))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("tiny.gguf", len(CONTENT), len(CONTENT))
    assert models.path("tiny") == path and len(hub[2]) == 1


def test_an_interrupted_download_goes_on_where_it_ended(settings, tiny, hub, monkeypatch):
    monkeypatch.setattr(fetch, "_pip_download", lambda *_: (_ for _ in ()).throw(fetch.NotThere("无网络")))
    models = store(settings, hub[0])
    hub[1].stop_after = 300_000
    with pytest.raises(ModelMissingError):
        models.path("tiny")
    hub[1].stop_after = None
    assert models.path("tiny").read_bytes() == CONTENT
    assert hub[2][-1] == "bytes=300000-"


def test_wheels_are_put_together_when_the_hub_is_out_of_reach(settings, tiny, tmp_path, monkeypatch):
    offered = tmp_path / "wheels"
    offered.mkdir()
    half = len(CONTENT) // 2
    for number, part in enumerate((CONTENT[:half], CONTENT[half:]), 1):
        name = f"tiny_part{number}"
        with zipfile.ZipFile(offered / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/data/part0{number}.bin", part)
            wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
            wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(offered))
    models = store(settings, "http://127.0.0.1:9")
    assert models.path("tiny").read_bytes() == CONTENT
    assert sorted(p.name for p in models.folder.iterdir()) == [".tiny.gguf.lock", ".tiny.gguf.verified", "tiny.gguf"]


def test_no_origin_says_which_file_where_from_and_where_to(settings, tiny, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    models = store(settings, "http://127.0.0.1:9")
    with pytest.raises(ModelMissingError) as error:
        models.path("tiny")
    message = str(error.value)
    assert "tiny.gguf" in message and "org/tiny" in message and str(models.folder / "tiny.gguf") in message
    assert "\n" not in message


def test_a_wrong_hash_names_both_and_deletes_nothing(settings, tiny, hub):
    models = store(settings, hub[0])
    models.folder.mkdir()
    wrong = models.folder / "tiny.gguf"
    wrong.write_bytes(b"something else")
    with pytest.raises(ModelHashError) as error:
        models.path("tiny")
    assert tiny.sha256 in str(error.value) and hashlib.sha256(b"something else").hexdigest() in str(error.value)
    assert wrong.read_bytes() == b"something else"


def test_a_file_changed_after_it_was_verified_is_noticed(settings, tiny, hub):
    models = store(settings, hub[0])
    models.path("tiny").write_bytes(b"changed later")
    with pytest.raises(ModelHashError):
        models.path("tiny")


def test_unknown_name_lists_the_known(settings):
    with pytest.raises(OdfinError, match="student"):
        ModelStore(settings).path("gpt")
