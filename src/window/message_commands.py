"""Commands about messages: sending what is typed, and what can be done with a turn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from src.commands import Command
from src.discussion.text import plain_text, typed_text
from src.discussion.tree import is_cut
from src.window.discussion_commands import typed_path
from src.window.questions import Pick, Question

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.discussion.tree import Turn
    from src.turn.sending import SendResult
    from src.window.protocol import Window


GO_ON = "Go on exactly where you stopped."


def send(controller: AppController, window: Window, *, confirmed: bool = False) -> None:
    """Sends what is typed; asks when it goes over a cap."""
    result = controller.send(confirmed=confirmed)
    window.turns.chosen = 0
    window.focus_composer()
    settle(window, result, lambda: send(controller, window, confirmed=True))


def settle(window: Window, result: SendResult, again: Callable[[], object]) -> None:
    """Shows what came of sending; *again* sends after all, over a cap or with a secret in it."""
    if result.kind == "confirm":
        window.ask(Question("Send it anyway?", result.reason, "Send anyway", lambda _: again(), is_grave=True))
    elif result.kind == "refused":
        window.tell(result.reason)


def messages(controller: AppController, window: Window) -> tuple[Command, ...]:
    """Writing, sending and stopping."""

    def busy() -> bool:
        state = controller.snapshot()
        return state.reply is not None or state.waiting

    def cannot_send() -> str:
        if busy():
            return "a reply is on its way; stop it first"
        typed = controller.composer.snapshot()
        return "" if typed.text.strip() or typed.attachments else "nothing is written yet"

    def cannot_stop() -> str:
        return "" if busy() else "no reply is on its way"

    def empty() -> str:
        return "" if controller.preview().sendable else "there is nothing to count yet"

    def cannot_go_on() -> str:
        turns = controller.discussion.snapshot().turns
        if busy():
            return "a reply is on its way; stop it first"
        return "" if turns and is_cut(turns[-1]) else "the last answer is whole"

    def go_on(*, confirmed: bool = False) -> None:
        settle(window, controller.send(GO_ON, confirmed=confirmed), partial(go_on, confirmed=True))

    def attach() -> None:
        take = lambda path: window.attempt(lambda: controller.composer.attach(typed_path(path)))  # noqa: E731
        question = Question("Attach a file", "An image or a text:", "Attach", take, "", "~/picture.png")
        window.pick(Pick("file", question, take))

    return (
        Command("message.send", "Send", "Message", lambda: send(controller, window), "Ctrl+Enter", cannot_send),
        Command("message.stop", "Stop the reply", "Message", controller.stop, "Escape", cannot_stop),
        Command("message.write", "Write", "Message", window.focus_composer, "Ctrl+L"),
        Command("composer.attach", "Attach a file...", "Message", attach, "Ctrl+Shift+O"),
        Command("composer.paste", "Paste a picture", "Message", controller.errands.paste_picture, "Ctrl+Shift+B"),
        Command("message.continue", "Continue the answer", "Message", go_on, "", cannot_go_on),
        Command("request.count", "Count the request at the provider", "Message", controller.count_request, "", empty),
        Command("request.copy", "Copy the request as JSON", "Message",
                lambda: window.attempt(lambda: window.copy(controller.providers.serialise(controller.next_request())))),
    )  # fmt: skip


def turns(controller: AppController, window: Window) -> tuple[Command, ...]:
    """What can be done with the chosen turn."""
    discussion = controller.discussion

    def about(act: Callable[[Turn], object]) -> Callable[[], object]:
        def run() -> None:
            if (turn := window.turns.of(discussion.snapshot().turns)) is not None:
                act(turn)

        return run

    def none() -> str:
        return "" if discussion.snapshot().turns else "there is no turn yet"

    def no_files() -> str:
        turn = window.turns.of(discussion.snapshot().turns)
        return "" if turn is not None and discussion.sent_with(turn.id) else "no file went out with this turn"

    def none_to_change() -> str:
        return "the discussion is read-only here" if discussion.snapshot().read_only else none()

    def change(act: Callable[[int], object]) -> Callable[[], object]:
        return about(lambda turn: window.attempt(lambda: act(turn.id)))

    def regenerate(turn: Turn, *, confirmed: bool = False) -> None:
        result = controller.regenerate(turn.id, confirmed=confirmed)
        settle(window, result, lambda: regenerate(turn, confirmed=True))

    def edit(turn: Turn) -> None:
        take = lambda text: window.attempt(lambda: discussion.edit(turn.id, text))  # noqa: E731
        window.ask(Question("Edit the turn", "", "Keep the change", take, typed_text(turn.message), is_long=True))

    def edit_and_send() -> None:
        turn = window.turns.own(discussion.snapshot().turns)
        if turn is None:
            return

        def take(text: str) -> None:
            if window.attempt(lambda: discussion.edit(turn.id, text)):
                regenerate(turn)

        window.ask(Question("Edit and ask again", "", "Send again", take, typed_text(turn.message), is_long=True))

    def no_question() -> str:
        is_there = window.turns.own(discussion.snapshot().turns) is not None
        return none_to_change() or ("" if is_there else "choose a turn of yours first")

    def step(by: int) -> None:
        window.turns.step(discussion.snapshot().turns, by)

    def branch(turn: Turn, by: int) -> None:
        at = turn.siblings.index(turn.id) + by if turn.id in turn.siblings else -1
        if 0 <= at < len(turn.siblings):
            window.attempt(lambda: discussion.switch(turn.siblings[at]))
            window.turns.chosen = turn.siblings[at]

    return (
        Command("message.copy", "Copy the turn", "Turn",
                about(lambda turn: window.copy(plain_text(turn.message))), "Ctrl+Shift+C", none),
        Command("message.plain", "View as plain text", "Turn", about(window.turns.toggle_plain), "Ctrl+Shift+V", none),
        Command("message.files", "Files that went out with it", "Turn",
                about(lambda turn: window.show_sent(turn.id)), "", no_files),
        Command("message.edit", "Edit...", "Turn", about(edit), "Ctrl+E", none_to_change),
        Command("message.resend", "Edit and ask again...", "Turn", edit_and_send, "Ctrl+Shift+E", no_question),
        Command("message.regenerate", "Ask again", "Turn", about(regenerate), "Ctrl+R", none_to_change),
        Command("message.fork", "Go on from here", "Turn", change(discussion.fork), "Ctrl+B", none_to_change),
        Command("message.truncate", "Delete what follows", "Turn", change(discussion.truncate), "", none_to_change),
        Command("message.delete", "Delete the turn", "Turn", change(discussion.delete), "", none_to_change),
        Command("message.previous", "Choose the turn before", "Turn", partial(step, -1), "Ctrl+K", none),
        Command("message.next", "Choose the turn after", "Turn", partial(step, 1), "Ctrl+J", none),
        Command("message.branch_before", "Show the branch before", "Turn",
                about(lambda turn: branch(turn, -1)), "Ctrl+[", none),
        Command("message.branch_after", "Show the branch after", "Turn",
                about(lambda turn: branch(turn, 1)), "Ctrl+]", none),
    )  # fmt: skip
