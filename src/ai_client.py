"""The lean façade of the providers: names, models, keys, and the way to a warmed provider. Never imports an SDK.

A provider module (`src/providers`) imports its SDK at its top and is imported by the warmup; its `connect()` makes the
SDK's clients, which is the warmup's product. `stream` looks up address and key for each request, so a switch, a new
endpoint and a key that is added later need no restart.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from importguard import warmup
from importguard.warmup import require_warmed as _require_warmed
from src.chat import Event, Failed, ImagePart, ModelRequest, Usage
from src.models import catalog
from src.models.access import Access
from src.models.catalog import Model, ModelList
from src.models.endpoints import Endpoint, check_endpoint
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.models.providers import PROVIDERS, Provider, at_endpoint
from src.privacy.keys import KeyStatus, KeyStore
from src.privacy.redactor import redact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MAX_SHOWN = 200  # characters of an image's data in `serialise`


class Providers:
    """The providers of one running Sloppy: those that come with it, and the endpoints that the user's settings name.

    Guarantees
    - `_lock` guards the endpoints and the model lists, which are swapped as frozen values. Nothing here waits except
      the coroutines.
    """

    def __init__(self, keys: KeyStore) -> None:
        self.keys = keys
        self._lock = threading.Lock()
        self._found: Mapping[str, Provider] = {provider.name: provider for provider in PROVIDERS}
        self._models: Mapping[str, ModelList] = {}

    def all(self) -> tuple[Provider, ...]:
        """Every provider: the built-in ones, then the user's endpoints."""
        return tuple(self._found.values())

    def find(self, name: str) -> Provider:
        """The provider called *name*. Raises ValueError naming those that exist."""
        provider = self._found.get(name)
        if provider is None:
            raise ValueError(f"There is no provider {name!r}; choose one of {', '.join(self._found)}.")
        return provider

    def title(self, name: str) -> str | None:
        """The title of the provider called *name*; None when its endpoint was removed from the settings."""
        provider = self._found.get(name)
        return provider.title if provider is not None else None

    def set_endpoints(self, endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
        """Replaces the endpoints. Returns a sentence for each one that cannot be used."""
        found = {provider.name: provider for provider in PROVIDERS}
        refused = []
        for endpoint in endpoints:
            try:
                check_endpoint(endpoint, tuple(found))
            except ValueError as error:
                refused.append(str(error))
                continue
            found[endpoint.name] = at_endpoint(endpoint)
        with self._lock:
            known = self._models.items()
            same = {name: models for name, models in known if found.get(name) == self._found.get(name)}
            self._found, self._models = found, same
        return tuple(refused)

    def is_ready(self, name: str) -> bool:
        """The provider is imported and its client built."""
        try:
            self.find(name).load()
        except (warmup.NotWarmedError, warmup.WarmupFailedError):
            return False
        return True

    def key_status(self, name: str) -> KeyStatus:
        """Where the provider's key is from, never the key; a provider that needs none has it."""
        key_names = self.find(name).key_names
        return self.keys.status(*key_names) if key_names else KeyStatus(True, "no key needed")

    def key_names(self) -> tuple[str, ...]:
        """The names of all keys that some provider asks for."""
        return tuple(dict.fromkeys(name for provider in self.all() for name in provider.key_names))

    async def stream(self, request: ModelRequest, patience: Patience | None = None) -> AsyncIterator[Event]:
        """The events of one reply, the last of them its end. Raises NotWarmedError or WarmupFailedError before it.

        Stop by cancelling the task that iterates.
        """
        provider = self.find(request.provider)
        module, clients = provider.load(), warmup.product(provider.module)
        images = tuple(part for message in request.messages for part in message.parts if isinstance(part, ImagePart))
        if refusal := provider.refusal(images):
            yield Failed(refusal, "refused")
            return
        access = await self._access(provider)
        if access is None:
            yield Failed(self._missing_key(provider), "missing_key")
            return
        async for event in module.stream(clients, access, request, patience or Patience()):
            counted = event.believed() if isinstance(event, Usage) else event
            if counted is not None:  # else the provider counted nothing, and it is guessed
                yield counted

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """The provider's own count of what *request* puts in; None when it has none or does not answer.

        Raises as `stream` does.
        """
        provider = self.find(request.provider)
        module, clients = provider.load(), warmup.product(provider.module)
        access = await self._access(provider)
        if access is None:
            return None
        try:
            count: int | None = await module.count_tokens(clients, access, request)
        except ProviderError:  # an estimate is shown where there is no count
            return None
        return count

    def models_of(self, name: str) -> ModelList:
        """The provider's models as known now: fetched, from the cache, or those that come with Sloppy."""
        return self._models.get(name) or ModelList(self.find(name).models)

    def read_models(self, folder: str) -> None:
        """Reads the model lists in *folder*. Touches disk: call it on the pool."""
        for provider in self.all():
            cached = catalog.read(folder, provider.name)
            if cached is not None and not self.models_of(provider.name).fetched_at > cached.fetched_at:
                self._set_models(provider, cached)

    async def list_models(self, name: str, folder: str = "") -> ModelList:
        """Fetches the provider's models and writes them to *folder*. Raises ProviderError, or as `stream` does."""
        provider = self.find(name)
        module, clients = provider.load(), warmup.product(provider.module)
        access = await self._access(provider)
        if access is None:
            raise ProviderError("missing_key", self._missing_key(provider))
        models = await self._local_models(provider) or await module.list_models(clients, access)
        fetched = ModelList(catalog.tidy(models), "fetched", time.time())
        self._set_models(provider, fetched)
        if folder:
            catalog.write(folder, name, fetched)
        return fetched

    async def find_local_servers(self) -> tuple[Endpoint, ...]:
        """The servers of models that run on this machine and are no endpoint yet. Raises NotWarmedError."""
        servers = _require_warmed("src.models.local_servers")
        known = {one.endpoint.base_url for one in self.all() if one.endpoint is not None}
        named = {one.name for one in self.all()}
        found = await servers.detect()
        return tuple(
            one.endpoint._replace(models=tuple(model.id for model in one.models))
            for one in found
            if one.endpoint.base_url not in known and one.endpoint.name not in named
        )

    async def _local_models(self, provider: Provider) -> tuple[Model, ...] | None:
        """The models of an Ollama or LM Studio on this machine, which alone say how much really fits; else None."""
        if provider.endpoint is None:
            return None
        servers = _require_warmed("src.models.local_servers")
        models: tuple[Model, ...] | None = await servers.models_at(provider.endpoint.base_url)
        return models

    def serialise(self, request: ModelRequest) -> str:
        """The JSON body as the provider gets it, indented, the data of images shortened. Raises as `stream` does."""
        provider = self.find(request.provider)
        body = provider.load().body(request, official=provider.endpoint is None)
        return json.dumps(_shorten(body), ensure_ascii=False, indent=2)

    def prepare_clients(self) -> None:
        """Builds the clients of all warmed providers for the keys and endpoints of now. Touches disk: on the pool.

        Without it the next request builds its own, which takes a few milliseconds of the loop on which replies stream.
        """
        for provider in self.all():
            access = self._access_now(provider)
            if access is not None and (provider.key_names or provider.endpoint) and self.is_ready(provider.name):
                warmup.product(provider.module).get(access)

    def _missing_key(self, provider: Provider) -> str:
        name = provider.key_names[0]
        notice = self.keys.status(*provider.key_names).notice
        ways = f"set {name}, or put {name}=... into {self.keys.path} (chmod 600), and send again."
        return redact(f"{provider.title} has no key: {ways} {notice}".strip())

    def _set_models(self, provider: Provider, models: ModelList) -> None:
        with self._lock:
            if models.models and self._found.get(provider.name) == provider:
                self._models = {**self._models, provider.name: models}

    def _access_now(self, provider: Provider) -> Access | None:
        base_url = provider.endpoint.base_url if provider.endpoint else ""
        if not provider.key_names:
            return Access(provider.title, base_url)
        key = self.keys.find(*provider.key_names)
        return Access(provider.title, base_url, key) if key else None

    async def _access(self, provider: Provider) -> Access | None:
        """Address and key; None when the key is missing. Waits for a question to the keyring that is still open."""
        access = self._access_now(provider)
        waiting = self.keys.waiting()
        if access is None and waiting is not None:
            import asyncio  # loaded already: this runs on its loop

            await asyncio.wait({asyncio.wrap_future(waiting[0])}, timeout=waiting[1])
            access = self._access_now(provider)
        return access


def _shorten(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _short(one) if name in ("data", "url") and isinstance(one, str) else _shorten(one)
            for name, one in value.items()
        }
    return [_shorten(one) for one in value] if isinstance(value, list) else value


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:40]}... ({len(text):,} characters)"
