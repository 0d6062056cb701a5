"""MCP servers as programs: one that the SDK's own server part runs, and one without any library that misbehaves."""

import sys
from pathlib import Path

from src.project.servers import Server

HERE = Path(__file__).parent


def real(name="calc", *arguments):
    """A server of the SDK over stdio."""
    return Server(name, (sys.executable, str(HERE / "sdk_server.py"), *arguments))


def hostile(how, name="odd", *arguments):
    """A server that misbehaves as *how* says; see hostile_server.py."""
    return Server(name, (sys.executable, "-S", str(HERE / "hostile_server.py"), how, *arguments))
