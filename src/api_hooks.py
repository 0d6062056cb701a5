"""The hook API's handlers as plain functions: controller in, JSON values out. Knows no web framework."""

from __future__ import annotations

from typing import Any

from src import message_json
from src.app_controller import AppController
from src.chat import Message

MAX_WAIT_S = 30.0
MAX_TEXT = 1_000_000  # characters


class HookError(Exception):
    """A request that cannot be served; the message says why."""


def warmup_status(controller: AppController) -> dict[str, Any]:
    """`pending`, `completed` and `failed` modules, and what runs now."""
    status = controller.warmup_status()
    pending = ([status.running] if status.running else []) + list(status.pending)
    return {
        "pending": pending,
        "completed": list(status.completed),
        "failed": [{"module": name, "reason": reason} for name, reason in status.failed],
        "running": status.running,
        "job_ms": {name: round(ms, 1) for name, ms in status.job_ms},
    }


def warmup_wait(controller: AppController, timeout: float) -> dict[str, Any]:
    """Waits up to *timeout* seconds (at most 30), then answers as `warmup_status` with `done`."""
    done = controller.wait_for_warmup(min(max(timeout, 0.0), MAX_WAIT_S))
    return {"done": done, **warmup_status(controller)}


def startup_profile(controller: AppController) -> dict[str, Any]:
    """Named moments in milliseconds since the process began."""
    return {name: round(ms, 1) for name, ms in controller.startup_profile().items()}


def io_pool_status(controller: AppController) -> dict[str, Any]:
    """The pool's workers and counters."""
    return dict(controller.io_pool_status()._asdict())


def state(controller: AppController) -> dict[str, Any]:
    """Provider, model, messages, the reply that streams."""
    now = controller.snapshot()
    return {
        "provider": now.provider,
        "model": now.model,
        "waiting": now.waiting,
        "streaming": now.reply is not None,
        "reply": now.reply.text if now.reply else "",
        "error": now.error,
        "messages": [_message(message) for message in now.conversation.messages],
    }


def _message(message: Message) -> dict[str, Any]:
    return {**message_json.encode(message), "text": message.text}


def choose_provider(controller: AppController, name: str, model: str | None) -> dict[str, Any]:
    """Switches provider. Raises HookError for an unknown name."""
    try:
        controller.choose_provider(name, model)
    except ValueError as error:
        raise HookError(str(error)) from error
    return state(controller)


def send(controller: AppController, text: str) -> dict[str, Any]:
    """Sends *text* to the chosen provider. Raises HookError when it is empty, too long or a reply still streams."""
    if len(text) > MAX_TEXT:
        raise HookError(f"The text has {len(text)} characters; at most {MAX_TEXT} are sent.")
    if not controller.send(text):
        raise HookError("Nothing was sent: the text is empty or a reply still streams.")
    return state(controller)
