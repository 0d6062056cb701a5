"""What the hook server's connections use of uvicorn's own class, which has no documented interface."""

import ast
import asyncio
from pathlib import Path

from src.hooks.server import protocol
from src.hooks.server.protocol import BoundedProtocol
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


def names_used():
    """The attributes of `self` and `super()` in BoundedProtocol that it does not define itself."""
    tree = ast.parse(Path(protocol.__file__).read_bytes())
    (bounded,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "BoundedProtocol"]
    of_self, of_super, own = set(), set(), {name for name in vars(BoundedProtocol) if name.startswith("_")}
    for node in ast.walk(bounded):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            (own if isinstance(node.ctx, ast.Store) else of_self).add(node.attr)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "super()":
            of_super.add(node.attr)
    overridden = {name for name in vars(BoundedProtocol) if not name.startswith("_")}
    return of_self - own, of_super | overridden


def test_uvicorns_protocol_has_all_that_is_used_of_it():
    of_self, methods = names_used()
    assert of_self == {
        *("connections", "conn", "cycle", "flow", "loop", "send_400_response", "timeout_keep_alive_task", "transport")
    }
    assert methods == {
        *("connection_made", "connection_lost", "data_received", "on_response_complete", "pause_writing"),
        *("resume_writing", "send_400_response"),
    }

    async def make():
        return H11Protocol(Config(app=lambda: None), ServerState(), {})

    made = asyncio.run(make())
    assert {name for name in of_self if not hasattr(made, name)} == set()
    assert {name for name in methods if not callable(getattr(H11Protocol, name, None))} == set()
