"""What the fake of the providers says in Ollama's own format: lines of JSON, its own words for errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fake_caches import Counted

PATH = "/api/chat"
KIND = "application/x-ndjson"
NO_ROOM = (500, "model requires more system memory (40.0 GiB) than is available (8.0 GiB)")


def lines(words: tuple[str, str], midway: Mapping[str, list[Any]], counted: Counted, model: str) -> Iterator[Any]:
    """The lines of an answer."""

    def line(**message: Any) -> dict[str, Any]:
        return {"model": model, "message": {"role": "assistant", "content": "", **message}, "done": False}

    if model == "break-first":
        yield {"error": "server overloaded: too busy"}
        return
    if model == "think":
        yield line(thinking="hm")
    yield line(content=words[0])
    if model == "break":
        yield {"error": "server overloaded: too busy"}
        return
    if model in midway:
        yield from midway[model]
        return
    yield line(content=words[1])
    if model == "tool":
        yield line(tool_calls=[{"function": {"name": "read_file", "arguments": {"path": "a.py"}}}])
    counts = {"prompt_eval_count": counted.total, "eval_count": 2}
    yield {**line(), "done": True, "done_reason": "stop", **counts}
