"""A resource or a prompt of an MCP server as an attachment of the message. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from src.mcp_servers.offers import Fetched
from src.request.composer import Attachment, Composer
from src.work.toasts import ToastKind


def put(composer: Composer, reading: Future[Fetched], tell: Callable[[str, ToastKind], object]) -> Future[Attachment]:
    """Attaches what *reading* gives, once it is there; the future of the attachment. How it went is said, too."""
    put_there: Future[Attachment] = Future()
    reading.add_done_callback(partial(_take, composer, put_there, tell))
    return put_there


def _take(
    composer: Composer, there: Future[Attachment], tell: Callable[[str, ToastKind], object], read: Future[Fetched]
) -> None:
    try:
        got = read.result()
        made = Attachment("", got.name, got.size, got.tokens, got.part)
        composer.put(made)
    except BaseException as error:  # cancelled, too, when the program closes
        said = str(error) or "The server was not waited for."
        tell(said, "error")
        there.set_exception(ValueError(said))
        return
    tell(f"{made.name} is in the message: about {made.tokens:,} tokens.", "success")
    there.set_result(made)
