"""Markdown to plain text. Heavy: Rich and its lexers; reached only through the warmup."""

from rich.console import Console
from rich.markdown import Markdown

SAMPLE = "# Title\n\n- item\n\n```python\nx = 1\n```\n"


def render(text: str, width: int = 60) -> str:
    """*text* as a terminal of *width* columns shows it."""
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(Markdown(text))
    return capture.get()


def prepare() -> str:
    """The warmup's factory: Rich imports its lexers at the first code block, so the first one is rendered here."""
    return render(SAMPLE)
