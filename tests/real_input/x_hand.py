"""A hand on a real window: keys and mouse through XTest, and what the window shows through the hook API."""

from __future__ import annotations

import time

from tests.real_input.drop import drop
from Xlib import XK, X, Xatom, display
from Xlib.ext import xtest

# Before each event, by the server's clock: shorter than a frame. GLFW drops the second press of a key in one
# millisecond.
PAUSE_MS = 4
BETWEEN_S = 0.02  # between two looks: about a frame of a software renderer, which has other windows to draw
NAMES = {
    "Ctrl": "Control_L", "Shift": "Shift_L", "Alt": "Alt_L", "Enter": "Return", "Escape": "Escape", " ": "space",
    "=": "equal", "-": "minus", "!": "exclam", "?": "question", ".": "period", ",": "comma", "/": "slash",
    "_": "underscore", "[": "bracketleft", "]": "bracketright", ":": "colon", "\n": "Return",
    "{": "braceleft", "}": "braceright", '"': "quotedbl",
}  # fmt: skip
SHIFTED = '!?_:"{}'


class Hand:
    """Types and clicks in the window of *program*."""

    def __init__(self, program, name) -> None:
        self.program = program
        self._x = display.Display(name)
        self._root = self._x.screen().root
        self._window = self.until(self._find, "a window")
        self.focus()

    def _find(self):
        """The window of this program: another one may be on the display."""
        return next(
            (one for one in self._root.query_tree().children if self._owner(one) == self.program.process.pid), None
        )

    def _owner(self, window):
        found = window.get_full_property(self._x.intern_atom("_NET_WM_PID"), Xatom.CARDINAL)
        return found.value[0] if found is not None and window.get_wm_name() == "Sloppy" else None

    def focus(self) -> None:
        """Without a window manager nobody else gives the window the keys."""
        self._window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._window.configure(x=0, y=0)
        self._x.sync()

    def resize(self, width: int, height: int) -> None:
        self._window.configure(x=0, y=0, width=width, height=height)
        self._x.sync()
        self.until(lambda: any(abs(one["width"] - width) < 2 for one in self.screen()["areas"]), f"{width} pixels")
        self.focus()

    def close(self) -> None:
        """Lets the display go; the program runs on."""
        self._x.close()

    def drop(self, paths, at) -> None:
        """Drops files onto the window at a place of the screen."""
        drop(self._x, self._window, paths, at)

    def __enter__(self) -> Hand:
        return self

    def __exit__(self, kind, *_rest) -> None:
        """Ends the program, whatever has happened; it has to end well when the test did."""
        self.close()
        code = self.program.finish()
        assert kind is not None or code == 0, f"the program ended with {code}"

    # What is on the screen

    def screen(self):
        return self.program.get("/api/screen")

    def until(self, reached, what, timeout=60.0):
        """What `reached()` gives once it holds; it is asked again and again, with the window drawing between."""
        deadline = time.monotonic() + timeout
        while not (found := reached()):
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited {timeout:.0f} s for {what}; the screen: {self._said()}")
            time.sleep(BETWEEN_S)
        return found

    def _said(self):
        try:
            return self.screen()
        except Exception as error:
            return error

    def sees(self, *words, timeout=60.0):
        """Waits until all *words* are on the screen; the screen."""

        def shown():
            now = self.screen()
            text = "\n".join(now["lines"])
            return now if all(word in text for word in words) else None

        return self.until(shown, f"the words {words}", timeout)

    def shows(self, timeout=60.0, **fields):
        """Waits until the screen has these *fields*; the screen."""

        def shown():
            now = self.screen()
            return now if all(now[name] == value for name, value in fields.items()) else None

        return self.until(shown, f"{fields}", timeout)

    def area(self, title):
        """The rectangle of the panel: left, top, right, bottom."""
        found = next((one for one in self.screen()["areas"] if one["title"] == title), None)
        assert found, f"no {title} on the screen"
        return found["left"], found["top"], found["left"] + found["width"], found["top"] + found["height"]

    # What a hand does

    def _code(self, name):
        symbol = XK.string_to_keysym(NAMES.get(name, name))
        code = self._x.keysym_to_keycode(symbol)
        assert code, f"no key for {name!r}"
        return code

    def _send(self, kind, detail=0, **rest) -> None:
        xtest.fake_input(self._x, kind, detail, time=PAUSE_MS, **rest)
        self._x.sync()

    def chord(self, keys, *, as_tools_do=False) -> None:
        """Presses *keys*, as `Ctrl+Enter`. *as_tools_do*: the modifier is let go before the key."""
        names = [one.lower() if len(one) == 1 else one for one in keys.split("+")]
        codes = [self._code(one) for one in names]
        for code in codes:
            self._send(X.KeyPress, code)
        for code in codes if as_tools_do else reversed(codes):
            self._send(X.KeyRelease, code)

    def type(self, text) -> None:
        for letter in text:
            shift = letter.isupper() or letter in SHIFTED
            if shift:
                self._send(X.KeyPress, self._code("Shift"))
            code = self._code(letter.lower() if letter.isupper() else letter)
            self._send(X.KeyPress, code)
            self._send(X.KeyRelease, code)
            if shift:
                self._send(X.KeyRelease, self._code("Shift"))

    def click(self, x, y) -> None:
        self._send(X.MotionNotify, x=int(x), y=int(y))
        self.screen()  # a frame in which the pointer is there
        self._send(X.ButtonPress, 1)
        self.screen()
        self._send(X.ButtonRelease, 1)
        self.screen()
