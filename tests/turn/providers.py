"""A controller that speaks to the fakes through the real SDKs."""

from __future__ import annotations

from src.models.providers import BY_NAME
from tests.conftest import ECHO
from tests.sdk import NAMES

from importguard.warmup import WarmupJob

KEYS = ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY")


def jobs_of(*names):
    """The jobs of the warmup for the providers *names*."""
    modules = [BY_NAME[name].module for name in names or NAMES]
    return (*ECHO, *(WarmupJob(module, f"{module}:connect", group=2) for module in modules))


def connected(make_controller, monkeypatch, *names, more=()):
    """The controller, warm, with keys for the fakes; *more* jobs are warmed too."""
    for key in KEYS:
        monkeypatch.setenv(key, "a-key-of-the-tests")
    made = make_controller((*jobs_of(*names), *more))
    assert made.wait_for_warmup(120)
    assert made.wait_until_set_up(20)
    return made
