"""A loopback server that speaks the wire formats of Anthropic, Gemini, OpenAI and Ollama, and can misbehave in all.

The model's name picks what happens; one that ends in `-once` does so for its first request and answers the next:

| `ok` | answers "one two", 3 tokens in, 2 out |
| `think`, `tool` | a thought first; the call CALLED after the text |
| `cut`, `cut-hard`, `cut-first` | the stream ends after "one"; breaks there; the connection closes without an answer |
| `hang`, `hang-first`, `hang-head` | silence until `released`, after "one"; before the answer; after its headers |
| `meet` | answers when as many requests have come as `meeting` waits for |
| `json` | answers `{"n": 1}` |
| `cached` | counts the input as a provider with a cache does, see `fake_caches` |
| `uncounted`, `negative`, `absurd`, `overcached` | counts nothing; -5; a billion of thousands; more cached than read |
| `drip` | the answer in pieces of a few bytes |
| `malformed`, `html` | something that is not JSON after "one"; a page instead of a stream |
| `break`, `break-first` | an error event after "one"; as the first event |
| `limit`, `limit-long`, `fault`, `overloaded`, `refuse`, `forbid`, `missing`, `broke` | what STATUS says |
| `filtered` | the provider's own refusal to answer |
| `redirect` | 307 to another host |
| `no-room` | at an Ollama: it has not the memory for so large a window |
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests import fake_ollama
from tests.fake_caches import SMALL, Caches, Counted

MALFORMED = "{this is not JSON"
CALLED = ("read_file", '{"path": "a.py"}')
STATUS = {
    "limit": (429, "rate_limit_error", "slow down"),
    "limit-long": (429, "rate_limit_error", "slow down"),
    "fault": (500, "api_error", "something broke"),
    "overloaded": (529, "overloaded_error", "too busy"),
    "refuse": (401, "authentication_error", "bad key"),
    "forbid": (403, "permission_error", "not yours"),
    "missing": (404, "not_found_error", "no such model"),
    "broke": (429, "insufficient_quota", "no credit"),
}
RETRY_AFTER = {"limit": "0.03", "limit-long": "3600"}


class Seen(NamedTuple):
    """A request that came: its path, its headers in lower case, its JSON body (None for a GET)."""

    path: str
    headers: dict[str, str]
    body: Any


class Fake(ThreadingHTTPServer):
    """The server; `requests` are those that came."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[Seen] = []
        self.released = threading.Event()
        self.answered: Counter[str] = Counter()
        self.meeting = threading.Barrier(1)
        self.caches = Caches()
        self.missing: tuple[str, ...] = ()  # paths that are not there

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what half of the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Fake

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests look at `requests`."""

    def do_GET(self) -> None:
        self.server.requests.append(Seen(self.path, self._lower_headers(), None))
        if self.path.startswith("/nowhere"):
            self._json(404, {"error": {"message": "no such place"}})
        elif self.path.startswith("/v1beta/models"):
            limits: dict[str, Any] = {"inputTokenLimit": 1000, "outputTokenLimit": 100}
            rows: list[dict[str, Any]] = [
                {
                    "name": "models/g-1",
                    "displayName": "G 1",
                    "supportedGenerationMethods": ["generateContent"],
                    **limits,
                },
                {"name": "models/embed", "supportedGenerationMethods": ["embedContent"], **limits},
            ]
            self._json(200, {"models": rows})
        elif "anthropic-version" in self._lower_headers():
            row: dict[str, Any] = {
                "type": "model",
                "id": "a-1",
                "display_name": "A 1",
                "created_at": "2026-01-01T00:00:00Z",
            }
            row |= {"max_input_tokens": 1000, "max_tokens": 100, "lifecycle": "active"}
            self._json(200, {"data": [row], "has_more": False, "first_id": "a-1", "last_id": "a-1"})
        else:
            self._json(
                200, {"object": "list", "data": [{"id": "o-1", "object": "model", "created": 1, "owned_by": "o"}]}
            )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(Seen(self.path, self._lower_headers(), body))
        if self.path in self.server.missing:
            self._json(404, {"detail": "Not Found"})
            return
        if self.path.endswith("countTokens"):
            self._json(200, {"totalTokens": 43})
            return
        if self.path.endswith("responses/input_tokens"):
            self._json(200, {"object": "response.input_tokens", "input_tokens": 44})
            return
        if self.path.endswith("count_tokens"):
            self._json(200, {"input_tokens": 42})
            return
        gemini = "/models/" in self.path
        model = self.path.split("/")[-1].partition(":")[0] if gemini else body["model"]
        self.server.answered[model] += 1
        if model.endswith("-once"):
            model = model.removesuffix("-once") if self.server.answered[model] == 1 else "ok"
        if self.path == fake_ollama.PATH and model == "no-room":
            self._json(fake_ollama.NO_ROOM[0], {"error": fake_ollama.NO_ROOM[1]})
            return
        if self.path == fake_ollama.PATH:
            self._answer(model, partial(fake_ollama.lines, _words(model), _MIDWAY, SMALL))
            return
        speak = _gemini if gemini else _anthropic if self.path.endswith("/messages") else _openai
        counted = ODD.get(model, SMALL)
        if model in COUNTED:
            counted = self.server.caches.count(body, marked=speak is _anthropic)
        self._answer(model, partial(speak, counted))

    def _answer(self, model: str, speak: Any) -> None:
        if model in STATUS:
            self._refuse(model)
        elif model == "redirect":
            self.send_response(307)
            self.send_header("location", "http://elsewhere.invalid/v1/messages")
            self.end_headers()
        elif model == "cut-first":
            self.close_connection = True
        elif model == "hang-first":
            self.server.released.wait(20)
        elif model == "html":
            page = b"<html><body>Please log in</body></html>"
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
        else:
            self._stream(model, speak)

    def _stream(self, model: str, speak: Any) -> None:
        self.send_response(200)
        is_lines = self.path == fake_ollama.PATH
        self.send_header("content-type", fake_ollama.KIND if is_lines else "text/event-stream; charset=utf-8")
        if model == "cut-hard":
            self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        if model == "hang-head":
            self.server.released.wait(20)
            return
        if model == "meet":
            self.server.meeting.wait(30)
        for event in speak(model):
            if event is HANG:
                self.server.released.wait(20)
                return
            text = event if isinstance(event, str) else json.dumps(event)
            name = f"event: {event['type']}\n" if isinstance(event, dict) and "type" in event else ""
            is_anthropic = speak.func is _anthropic
            name = "event: content_block_delta\n" if event is MALFORMED and is_anthropic else name
            self._write(f"{text}\n".encode() if is_lines else f"{name}data: {text}\n\n".encode(), model)

    def _write(self, data: bytes, model: str) -> None:
        if model == "cut-hard":
            data = b"%x\r\n%b\r\n" % (len(data), data)
        size = 24 if model == "drip" else len(data)
        for start in range(0, len(data), size):
            self.wfile.write(data[start : start + size])
            self.wfile.flush()
            if model == "drip":
                time.sleep(0.01)

    def _refuse(self, model: str) -> None:
        status, word, message = STATUS[model]
        google = {401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 529: "UNAVAILABLE"}
        error = {"type": word, "message": message, "code": status, "status": google.get(status, "NOT_FOUND")}
        headers = {"retry-after": RETRY_AFTER[model]} if model in RETRY_AFTER else {}
        self._json(status, {"type": "error", "error": error}, headers)

    def _json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {
            "content-type": "application/json",
            "content-length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def _lower_headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}


COUNTED = {"cached"}  # models whose input is counted
UNCOUNTED = Counted(0, 0, 0)
ODD = {  # what no request can have taken
    "uncounted": UNCOUNTED,
    "negative": Counted(0, 0, -5),
    "absurd": Counted(0, 0, 10**12),
    "overcached": Counted(9, 0, -6),
}
SAID = {"json": ('{"n":', " 1}")}  # what some models answer; the others "one two"


def _words(model: str) -> tuple[str, str]:
    """The two pieces of the answer."""
    return SAID.get(model, ("one", " two"))


HANG = object()
_MIDWAY: dict[str, list[Any]] = {"cut": [], "cut-hard": [], "hang": [HANG], "malformed": [MALFORMED]}


def _anthropic(counted: Counted, model: str) -> Iterator[Any]:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "too busy"}}
    if model == "break-first":
        yield error
        return
    usage = {"input_tokens": counted.fresh, "cache_read_input_tokens": counted.read, "output_tokens": 0}
    usage["cache_creation_input_tokens"] = counted.written
    message = {"id": "m", "type": "message", "role": "assistant", "model": model, "content": []}
    yield {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}}
    yield {"type": "ping"}
    index = 0
    if model == "think":
        yield {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "thinking", "thinking": "", "signature": ""},
        }
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2VhbA=="}}
        yield {"type": "content_block_stop", "index": 0}
        index = 1
    yield {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
    yield {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": _words(model)[0]}}
    if model == "break":
        yield error
        return
    if model in _MIDWAY:
        yield from _MIDWAY[model]
        return
    yield {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": _words(model)[1]}}
    yield {"type": "content_block_stop", "index": index}
    if model == "tool":
        block = {"type": "tool_use", "id": "call_1", "name": CALLED[0], "input": {}}
        yield {"type": "content_block_start", "index": 1, "content_block": block}
        for piece in (CALLED[1][:4], CALLED[1][4:]):
            yield {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": piece},
            }
        yield {"type": "content_block_stop", "index": 1}
    reason = {"tool": "tool_use", "filtered": "refusal"}.get(model, "end_turn")
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None},
        "usage": {"output_tokens": 0 if counted is UNCOUNTED else 2},
    }
    yield {"type": "message_stop"}


def _gemini(counted: Counted, model: str) -> Iterator[Any]:
    def piece(*parts: dict[str, Any]) -> dict[str, Any]:
        return {"candidates": [{"content": {"role": "model", "parts": list(parts)}}]}

    error = {"error": {"code": 503, "message": "too busy", "status": "UNAVAILABLE"}}
    if model == "break-first":
        yield error
        return
    if model == "think":
        yield piece({"text": "hm", "thought": True, "thoughtSignature": "c2VhbA=="})
    yield piece({"text": _words(model)[0]})
    if model == "break":
        yield error
        return
    if model in _MIDWAY:
        yield from _MIDWAY[model]
        return
    last = piece({"text": _words(model)[1]})
    if model == "tool":
        call = {"functionCall": {"id": "call_1", "name": CALLED[0], "args": json.loads(CALLED[1])}}
        last = piece({"text": " two"}, {**call, "thoughtSignature": "c2VhbA=="})
    last["candidates"][0]["finishReason"] = "SAFETY" if model == "filtered" else "STOP"
    counts = {"promptTokenCount": counted.total, "cachedContentTokenCount": counted.read}
    counts |= {"candidatesTokenCount": 2, "totalTokenCount": counted.total + 2}
    yield last if counted is UNCOUNTED else last | {"usageMetadata": counts}


def _openai(counted: Counted, model: str) -> Iterator[Any]:
    def piece(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}

    error = {"error": {"message": "too busy", "type": "server_error", "code": 503}}
    if model == "break-first":
        yield error
        return
    if model == "think":
        yield piece({"reasoning_content": "hm"})
    yield piece({"role": "assistant", "content": _words(model)[0]})
    if model == "break":
        yield error
        return
    if model in _MIDWAY:
        yield from _MIDWAY[model]
        return
    yield piece({"content": _words(model)[1]})
    if model == "tool":
        call = {"index": 0, "id": "call_1", "type": "function"}
        yield piece({"tool_calls": [{**call, "function": {"name": CALLED[0], "arguments": CALLED[1][:4]}}]})
        yield piece({"tool_calls": [{"index": 0, "function": {"arguments": CALLED[1][4:]}}]})
    yield piece({}, {"tool": "tool_calls", "filtered": "content_filter"}.get(model, "stop"))
    usage = {
        "prompt_tokens": counted.total,
        "completion_tokens": 2,
        "total_tokens": counted.total + 2,
        "prompt_tokens_details": {"cached_tokens": counted.read},
    }
    if counted is not UNCOUNTED:
        yield piece({}) | {"choices": [], "usage": usage}
    yield "[DONE]"


@contextmanager
def serve() -> Iterator[Fake]:
    """The running server."""
    server = Fake()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
