"""The registry of commands: what the menu, the shortcuts and the palette offer. Knows no imgui.

The table of Sloppy's commands is in `command_table`; what a key press is for imgui, in `shortcuts`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from src.value import Value

MAX_RECENT = 8
WHOLE = 15  # points
REFUSED = 8  # points less for what cannot be done now
UNREMEMBERED = ("view.palette",)  # whoever sees the recent commands has just run it
MODIFIERS = ("Ctrl", "Shift", "Alt", "Super")
_NAMED = ("Enter", "Escape", "Tab", "Space", "Backspace", "Delete", "Insert", "Home", "End", "PageUp", "PageDown")
_ARROWS = ("Up", "Down", "Left", "Right")
KEYS = (
    *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    *(f"F{number}" for number in range(1, 13)),
    *_NAMED,
    *_ARROWS,
    *",./;'[]\\`-=",
)
_SPELLINGS = {key.lower(): key for key in (*KEYS, *MODIFIERS)} | {
    "esc": "Escape", "return": "Enter", "control": "Ctrl", "cmd": "Super", "win": "Super", "option": "Alt",
    "del": "Delete", "ins": "Insert", "pgup": "PageUp", "pgdn": "PageDown",
}  # fmt: skip


def _never() -> str:
    return ""


class Command(Value):
    """Something to do. `refusal` says why it cannot be done now, "" when it can; `preview` only shows it.

    `category` is its menu, or a menu and a submenu: "View/Theme".
    """

    id: str
    title: str
    category: str
    run: Callable[[], object]
    keys: str = ""
    refusal: Callable[[], str] = _never
    preview: Callable[[], object] | None = None

    @property
    def full_title(self) -> str:
        """Category and title, as the palette searches them."""
        return f"{self.category.rpartition('/')[2]}: {self.title}"


def normalise_keys(written: str) -> str:
    """*written* as Sloppy spells it: `shift+ctrl+p` is `Ctrl+Shift+P`; "" stays. Raises ValueError naming the part."""
    if not written.strip():
        return ""
    parts = []
    for part in written.replace(" ", "").split("+"):
        if part.lower() not in _SPELLINGS:
            raise ValueError(
                f"{written!r} is no shortcut: {part!r} is neither a key nor one of {', '.join(MODIFIERS)}."
            )
        parts.append(_SPELLINGS[part.lower()])
    held = [name for name in MODIFIERS if name in parts]
    pressed = [name for name in parts if name not in MODIFIERS]
    if len(pressed) != 1:
        raise ValueError(f"{written!r} is no shortcut: it needs one key besides {', '.join(MODIFIERS)}.")
    if not set(held) - {"Shift"} and len(pressed[0]) == 1:
        raise ValueError(f"{written!r} is no shortcut: a key that types needs Ctrl, Alt or Super.")
    return "+".join((*held, pressed[0]))


class Commands:
    """The commands that exist, their shortcuts as the user mapped them, and those run last.

    *fixed* exist as long as the program runs; *varying* is asked only while the palette or a menu is open, because it
    makes its commands anew. *mapped* is
    the user's mapping from command id to keys; a command that it does not name keeps its own keys. *on_refused* gets
    the reason why a command could not run.
    """

    def __init__(
        self,
        fixed: tuple[Command, ...],
        varying: Callable[[], tuple[Command, ...]] = tuple,
        mapped: Callable[[], Mapping[str, str]] = dict,
        on_refused: Callable[[str], object] = len,
    ) -> None:
        self._fixed = fixed
        self._by_id = {one.id: one for one in fixed}
        self._varying = varying
        self._mapped = mapped
        self._on_refused = on_refused
        self._recent: deque[str] = deque(maxlen=MAX_RECENT)
        self._bound: tuple[Mapping[str, str] | None, Mapping[str, tuple[Command, ...]]] = (None, {})

    @property
    def fixed(self) -> tuple[Command, ...]:
        """The commands that always exist: those that keys can be mapped to."""
        return self._fixed

    def all(self) -> tuple[Command, ...]:
        """Every command, in the order of the menus."""
        return (*self._fixed, *self._varying())

    def find(self, name: str) -> Command | None:
        """The command with this id."""
        return self._by_id.get(name) or next((one for one in self._varying() if one.id == name), None)

    def run(self, name: str) -> str:
        """Runs the command with this id; why it was refused, "" when it ran. Raises KeyError for an unknown id."""
        command = self.find(name)
        if command is None:
            raise KeyError(name)
        return self.run_command(command)

    def run_command(self, command: Command) -> str:
        """Runs *command* unless it is refused now. Returns the refusal, which the user also sees."""
        if reason := command.refusal():
            self._on_refused(f"{command.title}: {reason}")
            return reason
        if command.id in self._recent:
            self._recent.remove(command.id)
        if command.id not in UNREMEMBERED:
            self._recent.appendleft(command.id)
        command.run()
        return ""

    def recent(self) -> tuple[str, ...]:
        """The ids of the commands that ran last, the last one first."""
        return tuple(self._recent)

    def keys_of(self, command: Command) -> str:
        """The keys that run *command* now; "" when none do."""
        return self._mapped().get(command.id, command.keys)

    def bound(self) -> Mapping[str, tuple[Command, ...]]:
        """For each chord in use, the commands that it is mapped to; more than one is a conflict and runs none."""
        mapped = self._mapped()
        if self._bound[0] is not mapped:
            found: dict[str, tuple[Command, ...]] = {}
            for command in self._fixed:
                if keys := mapped.get(command.id, command.keys):
                    found[keys] = (*found.get(keys, ()), command)
            self._bound = (mapped, found)
        return self._bound[1]

    def conflicts(self, command: Command) -> tuple[Command, ...]:
        """The other commands on the same keys."""
        return tuple(one for one in self.bound().get(self.keys_of(command), ()) if one.id != command.id)

    def match(self, typed: str) -> tuple[Command, ...]:
        """The commands that *typed* may mean, best first; recent ones first among equals."""
        return match(self.all(), typed, self.recent())


def match(commands: Iterable[Command], typed: str, recent: tuple[str, ...] = ()) -> tuple[Command, ...]:
    """The commands whose category and title hold the typed letters in order, best first."""
    found = []
    for position, command in enumerate(commands):
        points = score(typed, command.full_title, len(command.full_title) - len(command.title))
        if points is not None:
            points -= REFUSED * bool(command.refusal())
            age = recent.index(command.id) if command.id in recent else MAX_RECENT
            found.append((-points, age, position, command))
    return tuple(row[-1] for row in sorted(found, key=lambda row: row[:-1]))


def score(typed: str, text: str, title_at: int = 0) -> int | None:
    """How well the letters of *typed* are found in order in *text*; None when they are not.

    A letter counts more at the start of a word, right after the one before it, and in the title (from *title_at* on);
    a text that has all of *typed* in one piece goes before one that has its letters here and there.
    """
    letters = [letter for letter in typed.lower() if not letter.isspace()]
    lower = text.lower()
    rest = iter(lower)
    if not all(letter in rest for letter in letters):
        return None
    worth = [
        1 + 2 * (at >= title_at) + 6 * (at in (0, title_at) or not lower[at - 1].isalnum()) for at in range(len(lower))
    ]
    # best[at]: the most points with the letters so far, the last of them at *at*.
    best: list[int | None] = []
    for number, letter in enumerate(letters):
        previous, best = best, []
        reached: int | None = None if number else 0
        for at, here in enumerate(lower):
            if number and at and previous[at - 1] is not None:
                reached = max(reached or 0, previous[at - 1] or 0)
            if here != letter or reached is None:
                best.append(None)
                continue
            runs_on = number and at and previous[at - 1] is not None
            best.append(worth[at] + max(reached, (previous[at - 1] or 0) + 5 if runs_on else 0))
    whole = WHOLE if typed.strip() and typed.strip().lower() in lower else 0
    return whole + max((points for points in best if points is not None), default=0)
