"""Drops files onto a window as a file manager does: the source's side of the protocol XDND, version 5."""

from __future__ import annotations

import select
import time

from Xlib import X
from Xlib.protocol import event

VERSION = 5
MIME = "text/uri-list"


def drop(display, target, paths, at, timeout=10.0) -> None:
    """Drops the files *paths* onto *target* at the place *at* of the screen, and waits until it has taken them."""
    root = display.screen().root
    source = root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
    named = {name: display.intern_atom(name) for name in NAMES}
    source.set_selection_owner(named["XdndSelection"], X.CurrentTime)
    kind = named[MIME]
    x, y = at

    def tell(name, *data) -> None:
        values = [*data, 0, 0, 0, 0][:5]
        target.send_event(
            event.ClientMessage(window=target, client_type=named[name], data=(32, values)), event_mask=X.NoEventMask
        )
        display.flush()

    tell("XdndEnter", source.id, VERSION << 24, kind)
    tell("XdndPosition", source.id, 0, int(x) << 16 | int(y), X.CurrentTime, named["XdndActionCopy"])
    dropped, deadline = False, time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not display.pending_events():
            select.select([display.fileno()], [], [], 0.2)
            continue
        got = display.next_event()
        if got.type == X.SelectionRequest:
            _hand_over(display, got, named, "".join(f"file://{path}\r\n" for path in paths).encode())
        elif got.type == X.ClientMessage and got.client_type == named["XdndStatus"] and not dropped:
            assert got.data[1][1] & 1, "the window takes no files"
            dropped = True
            tell("XdndDrop", source.id, 0, X.CurrentTime)
        elif got.type == X.ClientMessage and got.client_type == named["XdndFinished"]:
            source.destroy()
            display.flush()
            return
    raise AssertionError("the window did not take what was dropped")


def _hand_over(display, asked, named, data) -> None:
    asked.requestor.change_property(asked.property, named[MIME], 8, data)
    answer = event.SelectionNotify(
        time=asked.time,
        requestor=asked.requestor,
        selection=asked.selection,
        target=asked.target,
        property=asked.property,
    )
    asked.requestor.send_event(answer, event_mask=X.NoEventMask)
    display.flush()


NAMES = (
    "XdndSelection", "XdndEnter", "XdndPosition", "XdndStatus", "XdndDrop", "XdndFinished", "XdndActionCopy", MIME,
)  # fmt: skip
