"""A small HTTP server that speaks OpenAI's chat API, streamed, and says what a function makes of the last message."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "key-for-tests"


class Server(ThreadingHTTPServer):
    """`asked` are the contents of the last messages, in order of arrival."""

    def __init__(self, says: Callable[[str], str]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.says, self.asked = says, []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def serving(says: Callable[[str], str]) -> Iterator[Server]:
    server = Server(says)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions" or self.headers.get("Authorization") != f"Bearer {KEY}":
            self.send_error(401)
            return
        asked = request["messages"][-1]["content"]
        self.server.asked.append(asked)
        text = self.server.says(asked)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": request["model"]}
        for piece in (text[: len(text) // 2], text[len(text) // 2 :]):
            self._event(base | {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
        self._event(base | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self._event(base | {"choices": [], "usage": {"prompt_tokens": len(asked), "completion_tokens": len(text),
                                                     "total_tokens": len(asked) + len(text)}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, data: dict) -> None:
        self.wfile.write(f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode())
