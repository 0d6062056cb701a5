"""The lean façade of the providers: names, models, keys, and the way to a warmed provider. Never imports an SDK.

A provider module (`src/providers`) imports its SDK at its top and is imported by the warmup; its `connect()` makes the
SDK's clients, which is the warmup's product. Providers are state: `stream` looks up address and key for each request,
so a switch, a new endpoint and a key that is added later need no restart.

Guarantees
- `_lock` guards the endpoints and the model lists, which are swapped as frozen values; nothing here waits but the
  coroutines.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from importguard import warmup
from src.chat import Event, Failed, ModelRequest
from src.models import catalog
from src.models.access import Access
from src.models.catalog import Model, ModelList
from src.models.endpoints import Endpoint, check_endpoint
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.privacy import keys
from src.privacy.redactor import redact
from src.value import Value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType

MAX_SHOWN = 200  # characters of an image's data in `serialise`


class Provider(Value):
    """A service that answers: its name, the module that speaks to it, the models it offers first, where its key is.

    The first of `key_names` under which a key is found is used; without names no key is needed.
    """

    name: str
    title: str
    module: str
    models: tuple[str, ...]
    key_names: tuple[str, ...] = ()
    takes_images: bool = True
    endpoint: Endpoint | None = None


def _built_in(name: str, title: str, module: str) -> Provider:
    models = tuple(model.id for model in catalog.SHIPPED[name])
    return Provider(name, title, module, models, keys.NAMES.get(name, ()))


PROVIDERS = (
    _built_in("echo", "Echo (offline)", "src.providers.echo"),
    _built_in("gemini", "Google Gemini", "src.providers.gemini"),
    _built_in("anthropic", "Anthropic", "src.providers.anthropic_claude"),
    _built_in("openai", "OpenAI", "src.providers.openai_chat"),
)
BUILT_IN = tuple(provider.name for provider in PROVIDERS)

_lock = threading.Lock()
_providers: Mapping[str, Provider] = {provider.name: provider for provider in PROVIDERS}
_models: Mapping[str, ModelList] = {}


def providers() -> tuple[Provider, ...]:
    """Every provider: the built-in ones, then the user's endpoints."""
    return tuple(_providers.values())


def set_endpoints(endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
    """Offers *endpoints* beside the built-in providers, in place of those before; the sentences on those left out."""
    global _providers, _models
    found = {provider.name: provider for provider in PROVIDERS}
    refused = []
    for endpoint in endpoints:
        try:
            check_endpoint(endpoint, tuple(found))
        except ValueError as error:
            refused.append(str(error))
            continue
        key_names = (endpoint.key_name,) if endpoint.key_name else ()
        title, models = endpoint.title or endpoint.name, endpoint.models or ("default",)
        found[endpoint.name] = Provider(
            endpoint.name, title, "src.providers.openai_chat", models, key_names, endpoint=endpoint
        )
    with _lock:
        kept = {name: models for name, models in _models.items() if found.get(name) == _providers.get(name)}
        _providers, _models = found, kept
    return tuple(refused)


def find_provider(name: str) -> Provider:
    """The provider called *name*. Raises ValueError naming those that exist."""
    provider = _providers.get(name)
    if provider is None:
        raise ValueError(f"There is no provider {name!r}; choose one of {', '.join(_providers)}.")
    return provider


def is_ready(name: str) -> bool:
    """The provider is imported and its client built."""
    try:
        _module(name)
    except (warmup.NotWarmedError, warmup.WarmupFailedError):
        return False
    return True


def key_status(name: str) -> keys.KeyStatus:
    """Where the provider's key is from, never the key; a provider that needs none has it."""
    key_names = find_provider(name).key_names
    return keys.STORE.status(*key_names) if key_names else keys.KeyStatus(True, "no key needed")


def key_names() -> tuple[str, ...]:
    """The names of all keys that some provider asks for."""
    return tuple(dict.fromkeys(name for provider in providers() for name in provider.key_names))


async def stream(request: ModelRequest, patience: Patience | None = None) -> AsyncIterator[Event]:
    """The events of one reply, the last of them its end. Raises NotWarmedError or WarmupFailedError before the first.

    Stop by cancelling the task that iterates.
    """
    provider = find_provider(request.provider)
    module, clients = _module(provider.name), warmup.product(provider.module)
    access = await _access(provider)
    if access is None:
        yield Failed(missing_key(provider), "missing_key")
        return
    async for event in module.stream(clients, access, request, patience or Patience()):
        yield event


async def count_tokens(request: ModelRequest) -> int | None:
    """The provider's own count of what *request* puts in; None when it has none or does not answer.

    Raises as `stream` does.
    """
    provider = find_provider(request.provider)
    module, clients = _module(provider.name), warmup.product(provider.module)
    access = await _access(provider)
    if access is None:
        return None
    try:
        count: int | None = await module.count_tokens(clients, access, request)
    except ProviderError:  # an estimate is shown where there is no count
        return None
    return count


def models_of(name: str) -> ModelList:
    """The provider's models as known now: fetched, kept from before, or shipped."""
    known = _models.get(name)
    if known is not None:
        return known
    provider = find_provider(name)
    if provider.endpoint is not None:
        return ModelList(tuple(Model(model) for model in provider.models))
    return catalog.shipped(name)


def read_models(folder: str) -> None:
    """Takes the model lists kept in *folder*. Touches disk: call it on the pool."""
    for provider in providers():
        kept = catalog.read(folder, provider.name)
        if kept is not None and not models_of(provider.name).fetched_at > kept.fetched_at:
            _keep_models(provider, kept)


async def list_models(name: str, folder: str = "") -> ModelList:
    """Fetches the provider's models, keeps them (in *folder* too), and raises ProviderError or as `stream` does."""
    provider = find_provider(name)
    module, clients = _module(name), warmup.product(provider.module)
    access = await _access(provider)
    if access is None:
        raise ProviderError("missing_key", missing_key(provider))
    fetched = ModelList(catalog.tidy(await module.list_models(clients, access)), "fetched", time.time())
    _keep_models(provider, fetched)
    if folder:
        catalog.write(folder, name, fetched)
    return fetched


def serialise(request: ModelRequest) -> str:
    """The JSON body as the provider gets it, indented, the data of images shortened. Raises as `stream` does."""
    provider = find_provider(request.provider)
    body = _module(provider.name).body(request, official=provider.endpoint is None)
    return json.dumps(_shorten(body), ensure_ascii=False, indent=2)


def missing_key(provider: Provider) -> str:
    """The sentence for a provider whose key is nowhere."""
    name = provider.key_names[0]
    notice = keys.STORE.status(*provider.key_names).notice
    ways = f"set {name}, or put {name}=... into {keys.STORE.path} (chmod 600), and send again."
    return redact(f"{provider.title} has no key: {ways} {notice}".strip())


def _keep_models(provider: Provider, models: ModelList) -> None:
    global _models  # noqa: PLW0603  one process has one set of providers
    with _lock:
        if models.models and _providers.get(provider.name) == provider:
            _models = {**_models, provider.name: models}


def prepare_clients() -> None:
    """Builds the clients that keys or endpoints changed since the warmup ask for; call it on the pool after a change.

    Without it the next request builds its own, which takes a few milliseconds of the loop on which replies stream.
    """
    for provider in providers():
        access = _access_now(provider)
        if access is not None and provider.name != "echo" and is_ready(provider.name):
            warmup.product(provider.module).get(access)


def _access_now(provider: Provider) -> Access | None:
    base_url = provider.endpoint.base_url if provider.endpoint else ""
    if not provider.key_names:
        return Access(provider.title, base_url)
    key = keys.STORE.find(*provider.key_names)
    return Access(provider.title, base_url, key) if key else None


async def _access(provider: Provider) -> Access | None:
    """Address and key; None when the key is missing. A question to the keyring that is still open is waited for."""
    access = _access_now(provider)
    waiting = keys.STORE.waiting()
    if access is None and waiting is not None:
        import asyncio  # loaded already: this runs on its loop

        await asyncio.wait({asyncio.wrap_future(waiting[0])}, timeout=waiting[1])
        access = _access_now(provider)
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


def _require_warmed(name: str) -> ModuleType:
    return warmup.require_warmed(name)


def _module(name: str) -> ModuleType:
    # The literals tell importguard what the warmup has to import.
    match find_provider(name).module:
        case "src.providers.echo":
            return _require_warmed("src.providers.echo")
        case "src.providers.gemini":
            return _require_warmed("src.providers.gemini")
        case "src.providers.anthropic_claude":
            return _require_warmed("src.providers.anthropic_claude")
        case _:
            return _require_warmed("src.providers.openai_chat")
