"""What programs are built on: a framework that a program cannot do without has to load. Pure; reads texts only."""

from __future__ import annotations

import re
from collections.abc import Iterable

# By the name that is imported.
SERVERS = frozenset(
    "aiohttp bottle celery dash django falcon fastapi flask gradio hypercorn litestar nicegui quart robyn sanic"
    " starlette streamlit tornado twisted uvicorn".split()
)
WINDOWS = frozenset(
    "PyQt5 PyQt6 PySide2 PySide6 arcade customtkinter dearpygui flet gi imgui_bundle kivy pygame pyglet textual"
    " tkinter toga urwid wx".split()
)
# What a server or a worker makes → the package that it is built on.
APPLICATIONS = {
    b"FastAPI(": "fastapi",
    b"get_wsgi_application(": "django",
    b"get_asgi_application(": "django",
    b"Flask(__name__": "flask",
    b"Celery(": "celery",
}
# What a command makes where its command line is the package's.
_COMMAND_LINES = {
    b"@click.command": "click",
    b"@click.group": "click",
    b"@click.version_option": "click",
    b"typer.Typer(": "typer",
    b"Typer(": "typer",
    b"typer.run(": "typer",
}
_IMPORT = re.compile(rb"^(?:from|import)[ \t]+(\w++)", re.MULTILINE)


def of_a_command(texts: Iterable[bytes]) -> tuple[str, ...]:
    """What a command is built on, by the source *texts* around its function: its window, its command line, or rich.

    rich only where there is nothing else: then it is what the command is for its user.
    """
    windows, lines, drawn = set[str](), set[str](), False
    for text in texts:
        imported = {name.decode() for name in _IMPORT.findall(text)}
        windows |= imported & WINDOWS
        lines |= {package for made, package in _COMMAND_LINES.items() if made in text and package in imported}
        drawn = drawn or "rich" in imported
    return (*sorted(windows), *sorted(lines)) or (("rich",) if drawn else ())
