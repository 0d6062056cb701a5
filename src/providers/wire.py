"""The HTTP client under every SDK, and what its errors mean. Heavy: imports httpx2.

One client class for all providers makes them alike: proxies from the environment, no redirect is followed (a key would
go with it), a bound on how much one answer may hold, and each byte that comes is a sign of life of its attempt.
"""

from __future__ import annotations

import urllib.request
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx2

from src.models.errors import CutOffError, ProviderError
from src.privacy.redactor import redact
from src.providers.attempts import Exchange, exchange

MAX_BODY = 64 * 1024 * 1024  # bytes of one answer
MAX_CONNECTIONS = 256
CONNECT_S = 15.0
EVENT_STREAM = "text/event-stream"
LINES = "application/x-ndjson"  # how Ollama streams its own format

# Made once: reading the system's certificates takes tens of milliseconds for each context.
TLS = httpx2.create_ssl_context()


class Client(httpx2.AsyncClient):
    """An httpx2 client that tells the attempt it serves what comes."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=16)
        self.proxy_fault = ""
        try:
            super().__init__(verify=TLS, limits=limits, follow_redirects=False, transport=transport)
        except (ImportError, ValueError, httpx2.InvalidURL) as error:
            # A proxy of a kind that cannot be used must not keep the provider from being there: what it would have
            # carried is refused with a sentence, and a local endpoint goes past it anyway.
            self.proxy_fault = redact(" ".join(str(error).split()))[:120]
            super().__init__(verify=TLS, limits=limits, follow_redirects=False, trust_env=False)

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Sends *request*; a silent server is the attempt's matter, so only connecting has a deadline here."""
        here = exchange.get()
        if self.proxy_fault and (proxy := proxy_for(str(request.url))):
            raise _proxy_error(here.title if here else "the provider", proxy, self.proxy_fault)
        connect = here.patience.connect_s if here else CONNECT_S
        request.extensions = {**request.extensions, "timeout": {"connect": connect}}
        options["follow_redirects"] = False
        response = await super().send(request, **options)
        if here is not None:
            here.sign_of_life()
            if options.get("stream") and isinstance(response.stream, httpx2.AsyncByteStream):
                response.stream = _Watched(response.stream, here)
                here.close = response.stream.aclose
                _check_type(here, response)
        return response


class _Watched(httpx2.AsyncByteStream):
    """A body whose every piece is a sign of life, up to MAX_BODY."""

    def __init__(self, body: httpx2.AsyncByteStream, here: Exchange) -> None:
        self._body = body
        self._here = here
        self._pieces = aiter(body)
        self._size = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._pieces)
        self._here.sign_of_life()
        self._size += len(piece)
        if self._size > MAX_BODY:
            raise ProviderError("protocol", f"{self._here.title} sent more than {MAX_BODY >> 20} MiB in one answer.")
        return piece

    async def aclose(self) -> None:
        # The pieces' generator first: stopped in the middle it would be left to the collector, which may find it when
        # the loop is gone.
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()
        await self._body.aclose()


def _check_type(here: Exchange, response: httpx2.Response) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = LINES if response.request.headers.get("accept") == LINES else EVENT_STREAM
    if response.status_code == 200 and kind != wanted:
        said = f"{here.title} answered with {redact(kind)[:80] or 'no content type'} instead of a stream of events"
        raise ProviderError("protocol", f"{said}. Check the base URL, and whether a proxy or login page is in between.")


def explain(title: str, error: BaseException) -> Exception:
    """What went wrong below an SDK: the ProviderError or CutOffError for *error*, or for what caused it."""
    seen: BaseException | None = error
    for _ in range(8):  # SDKs wrap what their client raised
        if seen is None:
            break
        if isinstance(seen, ProviderError | CutOffError):
            return seen
        if isinstance(seen, httpx2.TransportError | httpx2.InvalidURL):
            return _of_transport(title, seen)
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, ValueError | TypeError | AttributeError | LookupError):
        said = redact(" ".join(str(error).split()))[:120]
        return ProviderError(
            "protocol", f"{title} sent something that is not its format ({type(error).__name__}: {said})."
        )
    return ProviderError("internal", f"{title}: {type(error).__name__}: {redact(str(error))[:300]}")


def _of_transport(title: str, error: httpx2.TransportError | httpx2.InvalidURL) -> Exception:
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return ProviderError("network", f"The address of {title} is not a URL of http or https: {redact(str(error))}")
    if isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.ReadTimeout):
        return CutOffError(str(error))
    url = _url_of(error)
    proxy = proxy_for(url)
    if proxy:
        said = redact(" ".join(str(error).split()))[:120] or type(error).__name__
        return _proxy_error(title, proxy, said)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        why = "Something in between reads the traffic, or the clock is wrong; SSL_CERT_FILE names further certificates."
        return ProviderError("network", f"{title} does not prove who it is. {why}")
    host = urlsplit(url).netloc.rpartition("@")[2] or "its address"
    if isinstance(error, httpx2.ConnectTimeout):
        return ProviderError("network", f"{title} at {host} does not answer the connection.", again=True)
    reason = (
        f"{title} cannot be reached at {host} ({redact(str(error))[:120] or type(error).__name__}). Check the network."
    )
    return ProviderError("network", reason, again=True)


def _proxy_error(title: str, proxy: str, said: str) -> ProviderError:
    reason = f"The proxy {proxy} before {title} does not work ({said}). Correct HTTP_PROXY, HTTPS_PROXY or NO_PROXY."
    return ProviderError("network", reason)


def _url_of(error: BaseException) -> str:
    try:
        return str(getattr(error, "request").url)  # noqa: B009  httpx2 raises RuntimeError when there is none
    except (RuntimeError, AttributeError):
        return ""


def proxy_for(url: str) -> str:
    """The proxy that the environment names for *url*, without credentials; empty when none applies."""
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    scheme, _, rest = proxy.rpartition("://")
    return f"{scheme or 'http'}://{rest.rpartition('@')[2]}"
