"""The commands about requests: what goes out of turns, caps and ledger, comparisons, schemas, templates, approvals.

Loaded when the first of them is asked for; `command_table` lists them. Each takes the controller and the window.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from src.chat import DEFAULT_OPTIONS
from src.discussion.marks import WHOLE, How, Mark, compact, outgoing, shorten, toggle
from src.models.estimate import estimate_message
from src.models.variant import KEYS, parse
from src.request import templates
from src.spending import report
from src.storage.settings import LEAST_WINDOW, key_of
from src.structured import schema
from src.window.questions import Pick, Question

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.tree import Turn
    from src.turn.sending import SendResult
    from src.window.protocol import Window

HINT = "temperature=0.2, thinking=high, tokens=2000"
MAX_BEGINNINGS = 8  # of a command, of which one can be allowed for good


def mark_whole(controller: AppController, window: Window, how: How) -> None:
    """Leaves the chosen turn out or pins it, or takes that back."""
    if (turn := _chosen(controller, window)) is not None:
        mark = toggle(turn.id, WHOLE, turn.marks, how)
        window.attempt(partial(controller.discussion.mark, (mark,)))


def shorten_turn(controller: AppController, window: Window) -> None:
    """Shortens the long texts of the chosen turn, or sends them whole again."""
    if (turn := _chosen(controller, window)) is not None:
        window.attempt(partial(controller.discussion.mark, _shorter(turn)))


def cannot_mark(controller: AppController, _window: Window) -> str:
    """Why nothing can be changed of what goes out; empty when it can."""
    state = controller.discussion.snapshot()
    if state.read_only:
        return "the discussion is read-only here"
    return "" if state.turns else "there is no turn yet"


def nothing_to_shorten(controller: AppController, window: Window) -> str:
    """Why the chosen turn cannot be shortened; empty when it can."""
    if reason := cannot_mark(controller, window):
        return reason
    turn = _chosen(controller, window)
    return "" if turn is not None and _shorter(turn) else "nothing in this turn is long"


def nothing_marked(controller: AppController, window: Window) -> str:
    """Why there is nothing to send again; empty when there is."""
    if reason := cannot_mark(controller, window):
        return reason
    turns = controller.discussion.snapshot().turns
    return "" if any(mark.how != "pin" for turn in turns for mark in turn.marks) else "all of it goes out"


def send_all(controller: AppController, window: Window) -> None:
    """Everything goes out whole again."""
    turns = controller.discussion.snapshot().turns
    marks = tuple(Mark(mark.turn, mark.part, "") for turn in turns for mark in turn.marks if mark.how != "pin")
    window.attempt(partial(controller.discussion.mark, marks))


def nothing_old(controller: AppController, window: Window) -> str:
    """Why there is nothing to compact; empty when there is."""
    if reason := cannot_mark(controller, window):
        return reason
    return "" if _compacting(controller) else "nothing that is old is long"


def compact_old(controller: AppController, window: Window) -> None:
    """Asks before it compacts, with what that saves."""
    marks, saved = _compacting(controller), 0
    for turn in controller.discussion.snapshot().turns:
        new = tuple(mark for mark in marks if mark.turn == turn.id)
        sent = outgoing(turn.message, new)
        saved += estimate_message(turn.message) - (estimate_message(sent) if sent is not None else 0)
    body = (
        f"{len(marks):,} parts of old turns are shortened or left out: about {saved:,} tokens less in each request. "
        "The turns stay as they are, each part can be sent again, and Undo takes all of it back. What is pinned stays "
        "whole. The provider reads what follows the first change anew, once."
    )
    act = lambda _: window.attempt(partial(controller.discussion.mark, marks))  # noqa: E731
    window.ask(Question("Compact what is old?", body, "Compact", act))


def choose_schema(controller: AppController, window: Window) -> None:
    """Asks for the JSON Schema of the answers from now on."""

    def take(text: str) -> None:
        window.attempt(lambda: controller.composer.set_schema(schema.read(text) if text.strip() else ""))

    now = controller.composer.snapshot().schema
    body = "Answers follow it from now on and are checked against it. Leave it empty for answers in words."
    window.ask(Question("A JSON Schema for the answers", body, "Use it", take, now, is_long=True, is_optional=True))


def no_schema(controller: AppController, _window: Window) -> str:
    """Why answers cannot be in words again; empty when they can."""
    return "" if controller.composer.snapshot().schema else "answers are in words"


def use_words(controller: AppController, _window: Window) -> None:
    """Answers are in words from now on."""
    controller.composer.set_schema("")


def use_template(controller: AppController, window: Window) -> None:
    """Asks for a template and puts it into the composer."""
    folder, typed = controller.templates_folder, controller.composer.snapshot().text

    def take(name: str) -> None:
        window.attempt(lambda: controller.composer.set_text(templates.place(templates.read(folder, name), typed)))
        window.focus_composer()

    there = templates.names(folder)
    if there:
        body = f"Text files in {folder}; $input is what is typed."
        window.ask(Question("Use a template", body, "Use it", take, there[0], choices=there))
        return
    body = f"A template is a file NAME.txt in {folder}; $input in it is what is typed."
    window.ask(Question("There is no template yet", body, "Copy the folder's path", lambda _: window.copy(folder)))


def toggle_compared(controller: AppController, window: Window) -> None:
    """The model that is chosen takes part in comparisons, or no longer."""
    now, chosen = controller.composer.snapshot(), controller.settings.snapshot().compared
    name = f"{now.provider}/{now.model}"
    others = tuple(one for one in chosen if one != name)
    controller.settings.change(compared=others if name in chosen else (*chosen, name))
    window.show_panel("Compare")


def compare_settings(controller: AppController, window: Window) -> None:
    """Asks for settings with which the chosen model takes part in comparisons once more."""
    now = controller.composer.snapshot()

    def add(typed: str) -> None:
        variant = parse(f"{now.model}:{typed.strip()}")
        if not variant.settings:
            raise ValueError(f"{typed.strip()!r} is no setting of a model; there are {KEYS}.")
        chosen, name = controller.settings.snapshot().compared, f"{now.provider}/{variant.name}"
        controller.settings.change(compared=(*(one for one in chosen if one != name), name))
        window.show_panel("Compare")

    body = f"{now.model} is asked once more, with these settings over its own: {KEYS}."
    take = lambda typed: window.attempt(partial(add, typed))  # noqa: E731
    window.ask(Question("Compare with other settings", body, "Add", take, "", hint=HINT))


def no_window(controller: AppController, _window: Window) -> str:
    """Why the window of the chosen model cannot be set; empty when it can."""
    return "" if _largest_window(controller) else "the chosen model is not one of an Ollama on this machine"


def set_window(controller: AppController, window: Window) -> None:
    """Asks for the window that Ollama is to give the chosen model."""
    now, most = controller.composer.snapshot(), _largest_window(controller)
    name, stored = key_of(now.provider, now.model), controller.settings.snapshot().model_options
    options = stored.get(name, DEFAULT_OPTIONS)

    def take(typed: str) -> None:
        wanted = typed.strip().replace(",", "")
        if not wanted.isdecimal() or (wanted != "0" and not LEAST_WINDOW <= int(wanted[:9]) <= most):
            raise ValueError(f"A window is a number of tokens from {LEAST_WINDOW:,} to {most:,}, or 0.")
        changed = options._replace(num_ctx=int(wanted) or None)
        others = {key: one for key, one in stored.items() if key != name}
        kept = others if changed == DEFAULT_OPTIONS else {**others, name: changed}
        controller.settings.change(model_options=kept)

    body = (
        f"How many tokens {now.model} reads at once (num_ctx), the answer among them: at most {most:,}; 0 is Ollama's "
        "own. More needs more memory; the next request loads the model with it."
    )
    question = Question(
        "The window of the model", body, "Set it", lambda typed: window.attempt(partial(take, typed)),
        str(options.num_ctx or controller.window_tokens(now.provider, now.model) or 0),
    )  # fmt: skip
    window.ask(question)


def _largest_window(controller: AppController) -> int:
    """Up to how many tokens the chosen model can be given; 0 where nobody can ask."""
    now = controller.composer.snapshot()
    try:
        models = controller.providers.models_of(now.provider).models
    except ValueError:  # the endpoint was removed from the settings
        return 0
    return next((one.largest_window for one in models if one.id == now.model), 0)


def too_few(controller: AppController, _window: Window) -> str:
    """Why no comparison can be asked for; empty when one can."""
    return "" if len(controller.settings.snapshot().compared) > 1 else "choose at least two models to compare"


def ask_compared(
    controller: AppController,
    window: Window,
    settle: Callable[[Window, SendResult, Callable[[], object]], None],
    *,
    confirmed: bool = False,
) -> None:
    """Asks all models of the comparison; *settle* shows what came of it."""
    window.show_panel("Compare")
    pairs = (one.partition("/") for one in controller.settings.snapshot().compared)
    models = tuple((provider, model) for provider, _, model in pairs)
    result = controller.comparison.ask(models, None, confirmed=confirmed)
    settle(window, result, lambda: ask_compared(controller, window, settle, confirmed=True))


def export_spending(controller: AppController, window: Window) -> None:
    """Asks where the ledger is written to as CSV."""
    start = os.path.join(os.path.expanduser("~"), "sloppy-spending.csv")

    def save(typed: str) -> None:
        path = os.path.abspath(os.path.expanduser(typed.strip()))
        controller.errands.write(path, report.to_csv(controller.ledger.entries()))

    question = Question("Export what was spent", "Write it as CSV to this file:", "Write", save, start)
    window.pick(Pick("save", question, save, start))


def no_change(controller: AppController, _window: Window, number: int) -> str:
    """Why the change *number* of an edit cannot be refused; empty when it can."""
    waiting = controller.approvals.snapshot()
    return "" if waiting and number <= len(waiting[0].hunks) else f"no edit with {number} changes waits for you"


def toggle_change(controller: AppController, _window: Window, number: int) -> None:
    """The change *number* of the edit that waits is made, or not."""
    controller.approvals.toggle(controller.approvals.snapshot()[0].id, number - 1)


def no_command(controller: AppController, window: Window) -> str:
    """Why nothing can be allowed for good; empty when it can."""
    waiting = controller.approvals.snapshot()
    can = waiting and (waiting[0].argv or waiting[0].tool)
    return window.unseen() if can else "neither a command nor a server's tool waits for you"


def allow_always(controller: AppController, window: Window) -> None:
    """Asks which beginning of the command that waits, or the server's tool, is allowed for good, and allows both."""
    asked = controller.approvals.snapshot()[0]
    if asked.tool:
        from src.window import server_commands

        server_commands.allow_always(controller, window, asked.tool, asked.id)
        return
    begins = tuple(shlex.join(asked.argv[: count + 1]) for count in range(min(len(asked.argv), MAX_BEGINNINGS)))

    def take(begin: str) -> None:
        if window.attempt(lambda: controller.allow_command(tuple(shlex.split(begin)))):
            controller.approvals.approve(asked.id)

    body = "Commands that begin with all of this run without a question in this project, on this machine alone:"
    window.ask(Question("Always allow?", body, "Always allow", take, begins[-1], choices=begins))


def _chosen(controller: AppController, window: Window) -> Turn | None:
    return window.turns.of(controller.discussion.snapshot().turns)


def _shorter(turn: Turn) -> tuple[Mark, ...]:
    short = tuple(Mark(turn.id, mark.part, "") for mark in turn.marks if mark.how == "short")
    return short or shorten(turn.id, turn.message, turn.marks)


def _compacting(controller: AppController) -> tuple[Mark, ...]:
    turns = controller.discussion.snapshot().turns
    return compact(tuple((turn.id, turn.message, turn.marks) for turn in turns))
