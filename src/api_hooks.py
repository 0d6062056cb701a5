"""The hook API's handlers as plain functions: controller in, values of `hook_values` out. Knows no web framework."""

from __future__ import annotations

import os
from typing import Any

from src import message_json
from src.app_controller import AppController
from src.chat import Message
from src.hook_values import Command, CommandList, CommandRun, FailedModule, Health, PoolStatus, WarmupStatus, WarmupWait

VERSION = 1
MAX_WAIT_S = 30.0
MAX_TEXT = 1_000_000  # characters


class HookError(Exception):
    """A request that cannot be served; the message says why, `status` is HTTP's word for it."""

    def __init__(self, reason: str, status: int = 409) -> None:
        super().__init__(reason)
        self.status = status


def health(controller: AppController) -> Health:
    """That the program runs, and whether all of it is ready."""
    return Health("ok", controller.wait_for_warmup(0), controller.window_link.is_open, VERSION, os.getpid())


def warmup_status(controller: AppController) -> WarmupStatus:
    """`pending`, `completed` and `failed` modules, and what runs now."""
    status = controller.warmup_status()
    return WarmupStatus(
        pending=((status.running,) if status.running else ()) + status.pending,
        completed=status.completed,
        failed=tuple(FailedModule(name, reason) for name, reason in status.failed),
        running=status.running,
        job_ms={name: round(ms, 1) for name, ms in status.job_ms},
    )


def warmup_wait(controller: AppController, timeout: float = 0.0) -> WarmupWait:
    """Waits up to *timeout* seconds (at most 30), then answers as `warmup_status` with `done`. Blocks its thread."""
    done = controller.wait_for_warmup(min(max(timeout, 0.0), MAX_WAIT_S))
    return WarmupWait(**vars(warmup_status(controller)), done=done)


def startup_profile(controller: AppController) -> dict[str, float]:
    """Named moments in milliseconds since the process began."""
    return {name: round(ms, 1) for name, ms in controller.startup_profile().items()}


def io_pool_status(controller: AppController) -> PoolStatus:
    """The pool's workers and counters."""
    return PoolStatus(**controller.io_pool_status()._asdict())


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


def list_commands(window: Any) -> CommandList:
    """The commands of *window*'s registry; on its thread."""
    registry = window.commands
    return CommandList(
        tuple(Command(one.id, one.title, one.category, registry.keys_of(one), one.refusal()) for one in registry.all())
    )


def run_command(name: str, window: Any) -> CommandRun:
    """Runs a command of *window*'s registry; on its thread. Raises HookError when there is none or it is refused."""
    try:
        refusal = window.commands.run(name)
    except KeyError:
        raise HookError(f"There is no command {name!r}; GET /api/commands lists them.", 404) from None
    if refusal:
        raise HookError(f"{name} cannot run now: {refusal}.")
    return CommandRun(name)
