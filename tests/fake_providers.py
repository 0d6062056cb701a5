"""A loopback server that speaks the wire formats of Anthropic, Gemini and OpenAI. The model's name picks what happens:

`ok` answers "one two", `cut` ends the stream without a reason, `refuse` answers 401, `break` fails in mid-stream,
`hang` sends one piece and then nothing until `released` is set.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

released = threading.Event()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    requests: ClassVar[list[tuple[str, dict[str, str], Any]]] = []

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests look at `requests`."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.requests.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
        gemini = "/models/" in self.path
        model = self.path.split("/")[-1].partition(":")[0] if gemini else body["model"]
        if model == "refuse":
            self._refuse()
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        speak = self._gemini if gemini else self._anthropic if self.path == "/v1/messages" else self._openai
        for event in speak(model):
            name = f"event: {event['type']}\n" if "type" in event else ""
            try:
                self.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())
                self.wfile.flush()
            except ConnectionError:
                return

    def _refuse(self) -> None:
        message = {"type": "authentication_error", "message": "bad key", "code": 401, "status": "UNAUTHENTICATED"}
        body = json.dumps({"type": "error", "error": message}).encode()
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _anthropic(self, model: str) -> Iterator[dict[str, Any]]:
        message = {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
        }
        message |= {"stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 0}}
        yield {"type": "message_start", "message": message}
        yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "one"}}
        if model == "break":
            yield {"type": "error", "error": {"type": "overloaded_error", "message": "too busy"}}
        if self._ends_early(model):
            return
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " two"}}
        yield {"type": "content_block_stop", "index": 0}
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 2}}
        yield {"type": "message_stop"}

    def _gemini(self, model: str) -> Iterator[dict[str, Any]]:
        def piece(text: str) -> dict[str, Any]:
            return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}]}

        yield piece("one")
        if model == "break":
            yield {"error": {"code": 503, "message": "too busy", "status": "UNAVAILABLE"}}
        if self._ends_early(model):
            return
        last = piece(" two")
        last["candidates"][0]["finishReason"] = "STOP"
        yield last | {"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}}

    def _openai(self, model: str) -> Iterator[dict[str, Any]]:
        def piece(text: str, reason: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
            return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}

        yield piece("one")
        if model == "break":
            yield {"error": {"message": "too busy", "code": 503}}
        if self._ends_early(model):
            return
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        yield piece(" two", "stop")
        yield piece("") | {"choices": [], "usage": usage}

    @staticmethod
    def _ends_early(model: str) -> bool:
        if model == "hang":
            released.wait(20)
        return model in ("break", "cut", "hang")


@contextmanager
def serve() -> Iterator[tuple[str, list[tuple[str, dict[str, str], Any]]]]:
    """The server's address, and the requests it gets."""
    released.clear()
    _Handler.requests = []
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", _Handler.requests
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.server_close()
