"""The resources and prompts of a server: listed when it starts, read when a person asks for one. Heavy, with the SDK.

Guarantees
- A server that lists them wrongly or not at all keeps its tools: what went wrong is a sentence.
- What is read is text, cut as a tool's answer is; bytes and pictures are named and left out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import mcp_types
from mcp.client.client import Client

from src.mcp_servers.offers import MAX_OFFERS, Offer, Place, prompt, resource, taken
from src.mcp_servers.wire.texts import cut, explain, text_of

MAX_PAGES = 32


async def list_offers(client: Client, server: str) -> tuple[tuple[Offer, ...], tuple[str, ...]]:
    """What the server offers besides tools, and sentences about what of it is left out."""
    offers: list[Offer] = []
    refused: list[str] = []
    can = client.server_capabilities
    for word, is_there, read in (
        ("resources", can.resources is not None, _resources),
        ("prompts", can.prompts is not None, _prompts),
    ):
        if not is_there:
            continue
        try:
            found, wrong = taken([one async for one in read(client, server)])
        except Exception as error:  # whatever it does here, its tools stay
            refused.append(f"Its {word} cannot be listed. {explain(error)}")
            continue
        offers += found
        refused += wrong
    return tuple(offers), tuple(refused)


async def read_offer(client: Client, offer: Offer, filled: dict[str, str]) -> str:
    """The text of *offer*, a prompt's with its places *filled*. Raises what the server makes the SDK raise."""
    if offer.kind == "resource":
        return cut("\n".join(map(_contents, (await client.read_resource(offer.key)).contents)))
    got = await client.get_prompt(offer.key, filled)
    several = len(got.messages) > 1
    return cut("\n\n".join(f"{one.role}:\n{text_of(one.content)}" if several else text_of(one.content)
                           for one in got.messages))  # fmt: skip


async def _resources(client: Client, server: str) -> AsyncIterator[Offer]:
    async for one in _pages(client.list_resources, "resources"):
        yield resource(server, str(one.uri), one.title or one.name, one.description or "", one.size)


async def _prompts(client: Client, server: str) -> AsyncIterator[Offer]:
    async for one in _pages(client.list_prompts, "prompts"):
        places = (Place(place.name, place.description or "", bool(place.required)) for place in one.arguments or ())
        yield prompt(server, one.name, one.description or one.title or "", places)


async def _pages(listed: Callable[..., Any], field: str) -> AsyncIterator[Any]:
    """What *listed* gives page by page, up to one more than are taken."""
    cursor, count = None, 0
    for _ in range(MAX_PAGES):
        page = await listed(cursor=cursor)
        for one in getattr(page, field):
            count += 1
            yield one
        cursor = page.next_cursor
        if not cursor or count > MAX_OFFERS:
            break


def _contents(one: mcp_types.TextResourceContents | mcp_types.BlobResourceContents) -> str:
    if isinstance(one, mcp_types.TextResourceContents):
        return one.text
    return f"({one.mime_type or 'bytes'}, {len(one.blob) * 3 // 4 - one.blob[-2:].count('='):,} bytes, left out)"
