"""Ollama and LM Studio on this machine: whether they run, their models, how much fits into each. Heavy: imports httpx2.

The window of a model is what the server will really use: Ollama cuts what is longer than its `num_ctx` without a word.

Guarantees
- Only 127.0.0.1 is asked, past any proxy, and only when the user asks; an answer is bounded in time and size.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import httpx2

from src.models.catalog import Model
from src.models.endpoints import Endpoint
from src.value import Value

OLLAMA = Endpoint("ollama", "http://127.0.0.1:11434/v1", title="Ollama")
LM_STUDIO = Endpoint("lmstudio", "http://127.0.0.1:1234/v1", title="LM Studio")
KNOWN = (OLLAMA, LM_STUDIO)
ANSWER_S = 3.0
MAX_MODELS = 100
MAX_BYTES = 4 * 1024 * 1024
OLLAMA_TOKENS = 4096  # the least that Ollama gives a model for which nothing is set, on a machine with little memory
UNKNOWN_MOST = 131_072  # that a model is asked to make room for which does not say what it was made for
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Found(Value):
    """A server that answered, and its models."""

    endpoint: Endpoint
    models: tuple[Model, ...]


async def detect(candidates: tuple[Endpoint, ...] = KNOWN) -> tuple[Found, ...]:
    """The servers among *candidates* that run."""
    models = await asyncio.gather(*(models_at(one.base_url) for one in candidates))
    return tuple(Found(one, found) for one, found in zip(candidates, models, strict=True) if found is not None)


async def models_at(base_url: str) -> tuple[Model, ...] | None:
    """The models of the Ollama or LM Studio at *base_url*; None when it is neither, elsewhere or silent."""
    parts = urlsplit(base_url)
    if parts.scheme != "http" or parts.hostname not in _LOCAL:
        return None
    root = f"http://{parts.netloc}"
    async with httpx2.AsyncClient(trust_env=False, timeout=ANSWER_S) as client:
        try:
            async with asyncio.timeout(ANSWER_S * 2):
                found = await _ollama(client, root)
                return found if found is not None else await _lm_studio(client, root)
        except (httpx2.HTTPError, TimeoutError, ValueError, TypeError, KeyError, AttributeError):
            return None


async def _ollama(client: httpx2.AsyncClient, root: str) -> tuple[Model, ...] | None:
    tags = await _ask(client, "GET", f"{root}/api/tags")
    if tags is None:
        return None
    names = [str(row["name"]) for row in tags["models"][:MAX_MODELS]]
    running = await _ask(client, "GET", f"{root}/api/ps") or {}
    loaded = {row.get("name"): row.get("context_length") for row in running.get("models", ())}
    found = []
    for name in names:
        shown = await _ask(client, "POST", f"{root}/api/show", {"model": name}) or {}
        window, most = loaded.get(name), _most(shown)
        found.append(
            Model(name, name, window if type(window) is int else _ollama_window(shown, most), 0, most or UNKNOWN_MOST)
        )
    return tuple(found)


def _most(shown: dict[str, Any]) -> int:
    """How much the model was made for; 0 when it does not say."""
    info = shown.get("model_info") or {}
    return next((size for name, size in info.items() if name.endswith(".context_length") and type(size) is int), 0)


def _ollama_window(shown: dict[str, Any], most: int) -> int:
    """How much Ollama will give a model that is not loaded: its `num_ctx`, else the default, at most what it can."""
    for line in str(shown.get("parameters") or "").splitlines():
        name, _, value = line.partition(" ")
        if name == "num_ctx" and value.strip().isdigit():
            return int(value)
    return min(OLLAMA_TOKENS, most) if most else OLLAMA_TOKENS


async def _lm_studio(client: httpx2.AsyncClient, root: str) -> tuple[Model, ...] | None:
    listed = await _ask(client, "GET", f"{root}/api/v0/models")
    if listed is None:
        return None
    found = []
    for row in listed["data"][:MAX_MODELS]:
        if row.get("type") != "embeddings":
            window = row.get("loaded_context_length") or row.get("max_context_length") or 0
            found.append(Model(str(row["id"]), str(row["id"]), window if type(window) is int else 0))
    return tuple(found)


async def _ask(client: httpx2.AsyncClient, method: str, url: str, body: Any = None) -> dict[str, Any] | None:
    """The JSON object that *url* answers with; None when there is nothing of that name."""
    async with client.stream(method, url, json=body) as answer:
        if answer.status_code != 200:
            return None
        data = b""
        async for part in answer.aiter_bytes():
            data += part
            if len(data) > MAX_BYTES:
                raise ValueError("the answer is too long")
    value = json.loads(data)
    return value if isinstance(value, dict) else None
