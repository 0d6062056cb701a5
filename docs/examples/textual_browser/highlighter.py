"""Python text in colours. Heavy: Rich's syntax and the lexers of Pygments; reached only through the warmup."""

from rich.syntax import Syntax
from rich.text import Text

_SYNTAX = Syntax("", "python")


def coloured(text: str) -> Text:
    """*text* with the colours of Python."""
    return _SYNTAX.highlight(text)


def prepare() -> Text:
    """The warmup's factory: the lexer is imported at the first highlighting, so the first one is done here."""
    return coloured("x = 1\n")
