"""The commands about texts that look like secrets: accepting one, and taking that back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from src.commands import Command
from src.window.questions import Question

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.privacy.detector import Finding
    from src.privacy.hidden_texts import Hidden
    from src.project.scan import ContextFile
    from src.window.protocol import Window

MAX_FINDINGS = 20
TITLE = 40
ACCEPT, TAKE_BACK = "Project/Not a secret", "Project/A secret after all"


def of(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands about what is kept back now, and about what was accepted."""
    state = controller.project.snapshot()
    return (
        *(
            Command(f"context.accept.{file.path}", f"{file.path[-TITLE:]}...", ACCEPT,
                    partial(accept, controller, window, file))
            for file in state.held[:MAX_FINDINGS]
        ),
        *(
            Command(f"context.accept.{one.finding.digest[:12]}", f"{one.tool}: {one.finding.hint}...", ACCEPT,
                    partial(accept_hidden, controller, window, one))
            for one in hidden_now(controller)[:MAX_FINDINGS]
        ),
        *(
            Command(f"context.take_back.{file.path}", file.path[-TITLE:], TAKE_BACK,
                    partial(take_back, controller, window, file.accepted))
            for file in state.accepted[:MAX_FINDINGS]
        ),
    )  # fmt: skip


def hidden_now(controller: AppController) -> tuple[Hidden, ...]:
    """What is kept from the model in the answers of tools, as long as it was not accepted."""
    project = controller.project.snapshot().project
    accepted = project.not_secret if project is not None else frozenset()
    return tuple(one for one in controller.hidden_texts() if one.finding.digest not in accepted)


def accept(controller: AppController, window: Window, file: ContextFile) -> None:
    """Asks whether the text that keeps *file* back is a secret; with the answer no the file is kept back no longer."""
    suspect = file.suspect
    if suspect is None:
        return
    body = (
        f"{file.path} has {suspect} ({suspect.hint}). Look at that line. What you say is no secret goes out as it is, "
        "from every file of the project; its digest is kept in the project file. You can take that back in Request."
    )
    say = lambda _: window.attempt(lambda: controller.project.accept(file.path, suspect.digest))  # noqa: E731
    window.ask(Question("Not a secret?", body, "It is no secret", say, is_grave=True))


def accept_hidden(controller: AppController, window: Window, hidden: Hidden) -> None:
    """Asks whether what was hidden in a tool's answer is a secret. If the user says no, it is shown."""
    finding = hidden.finding
    body = (
        f"{hidden.tool} answered with {finding} ({finding.hint}), and the model did not see it. What you say is "
        "no secret is left in what tools answer from now on; its digest is kept in the project file. You can take that "
        "back in Request."
    )
    say = lambda _: window.attempt(lambda: controller.project.accept_text(finding.digest))  # noqa: E731
    window.ask(Question("Not a secret?", body, "It is no secret", say, is_grave=True))


def take_back(controller: AppController, window: Window, found: tuple[Finding, ...]) -> None:
    """The texts that were accepted are kept back again."""
    window.attempt(lambda: controller.project.take_back_texts(one.digest for one in found))
