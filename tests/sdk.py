"""A provider's module with clients of its own, as the tests use it."""

from __future__ import annotations

import importlib

from src.chat import Message, ModelRequest
from src.models.access import Access
from src.models.patience import Patience
from src.models.providers import BY_NAME, PROVIDERS
from src.privacy.keys import Key
from src.providers import wire
from src.providers.clients import Clients

NAMES = [provider.name for provider in PROVIDERS if provider.name != "echo"]
CANARY = "canary-7f3a9b2c51d0"
ASKED = (Message.of("user", "hi"), Message.of("assistant", "yes?"), Message.of("user", "go on"))
ONCE = Patience(attempts=1)


WINDOW = 8192


class Sdk:
    """A provider's module with clients of its own, without the rehearsal."""

    def __init__(self, name, base_url=""):
        self.name = name
        self.module = importlib.import_module(BY_NAME[name].module)
        self.clients = Clients(self.module.build, wire.Client())
        self.access = Access(BY_NAME[name].title, base_url, Key("A_KEY", CANARY, "file", "A_KEY in a file"))

    def request(self, model="ok", messages=ASKED, **fields):
        return ModelRequest(self.name, model, "be brief", messages, **fields)

    async def collect(self, request, patience=ONCE):
        request = self.request(request) if isinstance(request, str) else request
        return [event async for event in self.module.stream(self.clients, self.access, request, patience)]


def format_of(name):
    """The first provider that speaks the format of *name*: it rehearses the same answer."""
    rehearsed = Sdk(name).module.REHEARSED
    return next(one for one in NAMES if rehearsed == Sdk(one).module.REHEARSED)


class OllamaSdk(Sdk):
    """A model of an Ollama at *address* whose window is set."""

    def __init__(self, address):
        super().__init__("openai", f"{address}/v1")

    def request(self, model="ok", messages=ASKED, **fields):
        return super().request(model, messages, **{"num_ctx": WINDOW, **fields})


def speaker(name, fake):
    """The module of the provider *name*, or of `ollama`, over the fakes."""
    return OllamaSdk(fake.address) if name == "ollama" else Sdk(name)
