"""Foreign text inside the markup that the text reports are written in. Pure."""

from rich.markup import escape

from importguard.printable import plain


def shown(text: str) -> str:
    """*text* unchanged: neither markup nor anything that a terminal obeys."""
    return escape(plain(text))
