"""The commands about a project's MCP servers and their tools: add, agree, start, stop, change, remove, switch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from src.commands import Command
from src.mcp_servers.tokens import key_name
from src.privacy.keys import check_value
from src.project.servers import line_of, parse_line
from src.tools.visible import visible, visible_line
from src.window.questions import Form, FormField, Question

if TYPE_CHECKING:
    from concurrent.futures import Future

    from src.app_controller import AppController
    from src.mcp_servers.offers import Offer
    from src.mcp_servers.states import ServerState, ToolState
    from src.project.servers import Server
    from src.window.protocol import Window

PLACE, TOOLS = "Project/MCP servers", "Project/Tools of MCP servers"
OFFERS = "Project/Resources and prompts of MCP servers"
MAX_SHOWN, MAX_LINES = 2_000, 40  # characters and lines of a definition in a question
PROGRAM = "The project names a program. It runs with your rights in the project's folder, and may run what is in there:"
ADDRESS = "The project names an address. What the model asks of its tools goes there, arguments and all:"
CODE = "You are asked again when one of these files of the project changes, and not for what they import:"
NAME_HINT, LINE_HINT = "time", "uvx mcp-server-time    or    https://example.org/mcp"
ADD = (
    "A program with its arguments, or an address. It goes into sloppy.toml, which others may see: keep keys out of it. "
    "Nothing is started before you have seen it once more and agreed."
)
KEPT = "Agree only if you trust it. That holds on this machine, in this project, for exactly this; you can revoke it."


def of(controller: AppController, window: Window) -> tuple[Command, ...]:
    """The commands about the servers of the open project, as they are now."""
    return tuple(
        command
        for state in controller.server_states()
        for command in (
            *_of_server(controller, window, state),
            *_of_tools(controller, window, state),
            *_of_offers(controller, window, state),
        )
    )


def _of_server(controller: AppController, window: Window, state: ServerState) -> Iterator[Command]:
    name = state.server.name
    yield Command(
        f"server.change.{name}", f"Change {name}...", PLACE, partial(change, controller, window, state.server)
    )
    yield Command(f"server.remove.{name}", f"Remove {name}...", PLACE, partial(remove, controller, window, name))
    if state.server.url:
        yield Command(f"server.token.{name}", f"Token for {name}...", PLACE,
                      partial(ask_token, controller, window, state))  # fmt: skip
    if state.status == "unknown":
        yield Command(f"server.agree.{name}", f"Agree to {name}, and start it...", PLACE,
                      partial(agree, controller, window, state))  # fmt: skip
        return
    word = "Start" if state.status in ("off", "failed", "stopped") else "Restart"
    yield Command(f"server.start.{name}", f"{word} {name}", PLACE, partial(start, controller, window, name))
    yield Command(f"server.stop.{name}", f"Stop {name}", PLACE, partial(stop, controller, window, name), "",
                  lambda: "" if state.status in ("starting", "ready") else "it does not run")  # fmt: skip
    yield Command(f"server.revoke.{name}", f"Revoke your agreement to {name}", PLACE,
                  partial(revoke, controller, window, name))  # fmt: skip


def _of_tools(controller: AppController, window: Window, state: ServerState) -> Iterator[Command]:
    chosen = controller.discussion.snapshot().tools
    for one in state.tools:
        name = one.tool.spec.name
        if is_on(one, chosen):
            yield Command(f"server.tool.{name}", f"Switch {name} off", TOOLS,
                          partial(switch, controller, window, name, False))  # fmt: skip
        else:
            yield Command(f"server.tool.{name}", f"Switch {name} on (~{one.tool.tokens:,} tokens)...", TOOLS,
                          partial(ask_to_switch_on, controller, window, one))  # fmt: skip
        if one.always:
            yield Command(f"server.ask.{name}", f"Ask again before {name}", TOOLS,
                          partial(ask_again, controller, window, name))  # fmt: skip


def _of_offers(controller: AppController, window: Window, state: ServerState) -> Iterator[Command]:
    for one in state.offers:
        title = f"Put {one.kind} {visible_line(one.title)} of {one.server} into the message{price_of(one)}"
        more = "..." if one.places else ""
        yield Command(f"server.put.{one.server}.{one.kind}.{one.key}", f"{title}{more}", OFFERS,
                      partial(put, controller, window, one))  # fmt: skip


def price_of(offer: Offer) -> str:
    """What the offer weighs, in parentheses, where its server says its size."""
    return f" (~{offer.tokens:,} tokens)" if offer.tokens is not None else ""


def put(controller: AppController, window: Window, offer: Offer) -> None:
    """Puts the resource or the prompt into the message; asks for a prompt's places first."""

    def take(texts: tuple[str, ...]) -> None:
        filled = {place.name: text for place, text in zip(offer.places, texts, strict=True) if text.strip()}
        window.attempt(lambda: controller.put_offer(offer.server, offer.kind, offer.key, filled))

    if not offer.places:
        take(())
        return
    fields = tuple(
        FormField(visible_line(place.name), hint=visible_line(place.about), is_optional=not place.is_needed)
        for place in offer.places
    )
    body = (
        f"{visible(offer.about)}\n\nWhat you write goes to the server {offer.server}; its words come into the message."
    )
    window.ask(Form(f"Prompt {visible_line(offer.title)}", body.strip(), "Put in", fields, lambda _: "", take))


def is_on(one: ToolState, chosen: tuple[str, ...]) -> bool:
    """The tool goes out with the next request."""
    return one.agreed and one.tool.spec.name in chosen


def rows_of(server: Server) -> str:
    """The exact address, or the program and every argument on a line of its own, so that nothing in them can hide."""
    if server.url:
        return f"address:  {visible(server.url)}"
    return "\n".join(f"{number or 'program'}:  {visible(one)}" for number, one in enumerate(server.command))


def definition_of(one: ToolState) -> str:
    """What the server says of the tool, as the model gets it; nothing in it can hide."""
    spec = one.tool.spec
    text = f"{spec.description}\n{json.dumps(spec.parameters, ensure_ascii=False)}"
    lines = text[:MAX_SHOWN].split("\n")
    cut = f"\n... ({len(text):,} characters)" if len(text) > MAX_SHOWN or len(lines) > MAX_LINES else ""
    return "\n".join(map(visible_line, lines[:MAX_LINES])) + cut


def add(controller: AppController, window: Window) -> None:
    """Asks for a server's name and line, names it in the project's file, and asks whether it may be started."""

    def check(texts: tuple[str, ...]) -> str:
        name, line = texts
        if name.strip() in {state.server.name for state in controller.server_states()}:
            return f"There is a server {name.strip()} already: give this one another name."
        return _wrong(name, line)

    fields = FormField("Name", hint=NAME_HINT), FormField("Program or address", hint=LINE_HINT)
    take = partial(_name_it, controller, window)
    window.ask(Form("Add an MCP server", ADD, "Add", fields, check, lambda texts: take(texts[0], texts[1])))


def change(controller: AppController, window: Window, server: Server) -> None:
    """Asks for another line of the server; one that differs is agreed to anew."""
    fields = (FormField("Program or address", line_of(server), LINE_HINT),)
    take = partial(_name_it, controller, window, server.name)
    check = partial(_wrong, server.name)
    window.ask(
        Form(
            f"Change the MCP server {server.name}",
            ADD,
            "Change",
            fields,
            lambda it: check(it[0]),
            lambda it: take(it[0]),
        )
    )


def remove(controller: AppController, window: Window, name: str) -> None:
    """Asks whether the server leaves the project's file, and takes it out."""
    body = f"{name} is taken out of sloppy.toml and ended; what you agreed to of it is forgotten."
    act = _attempting(window, lambda: controller.servers.remove(name))
    window.ask(Question(f"Remove the MCP server {name}?", body, "Remove", act, is_grave=True))


def ask_token(controller: AppController, window: Window, state: ServerState) -> None:
    """Asks for the token that goes to the server's address."""
    name, url = state.server.name, state.server.url
    now = f"It has one: {state.token}. An empty field takes one out of the file." if state.token else "It has none."
    body = (
        f"The token goes to {visible(url)} as Authorization: Bearer, and nowhere else. It is kept as {key_name(url)} "
        f"in {controller.keys.path}, readable by you alone, never in the project. {now}"
    )
    fields = (FormField("Token", is_optional=True, is_secret=True),)

    def wrong(texts: tuple[str, ...]) -> str:
        try:
            check_value("the token", texts[0].strip())
        except ValueError as error:
            return str(error)
        return ""

    def take(texts: tuple[str, ...]) -> None:
        window.attempt(lambda: controller.servers.set_token(name, texts[0].strip()))

    window.ask(Form(f"The token for {name}", body, "Keep", fields, wrong, take))


def _wrong(name: str, line: str) -> str:
    try:
        parse_line(name, line)
    except ValueError as error:
        return str(error)
    return ""


def _name_it(controller: AppController, window: Window, name: str, line: str) -> None:
    server = parse_line(name, line)

    def then(_: Future[None]) -> None:
        for state in controller.server_states():
            if state.server == server and state.status == "unknown":
                agree(controller, window, state)

    window.attempt(lambda: controller.servers.name(server).add_done_callback(then))


def agree(controller: AppController, window: Window, state: ServerState) -> None:
    """Asks whether the server may be started, with its exact line and the files that it names; starts it."""
    server = state.server
    rows = [ADDRESS if server.url else PROGRAM, rows_of(server)]
    if state.files:
        rows.append(f"{CODE} {', '.join(map(visible_line, state.files))}.")
    if state.token:
        rows.append(f"Your token goes with it: {state.token}.")
    body = "\n\n".join((*rows, KEPT))
    act = _attempting(window, lambda: controller.servers.agree(server.name))
    window.ask(Question(f"Agree to the MCP server {server.name}?", body, "Agree and start", act, is_grave=True))


def start(controller: AppController, window: Window, name: str) -> None:
    """Starts the server, anew when it runs."""
    window.attempt(lambda: controller.servers.start(name))


def stop(controller: AppController, window: Window, name: str) -> None:
    """Ends the server."""
    window.attempt(lambda: controller.servers.stop(name))


def revoke(controller: AppController, window: Window, name: str) -> None:
    """Ends the server, which is not started any more."""
    window.attempt(lambda: controller.servers.revoke(name))


def revoke_key(controller: AppController, window: Window, key: str) -> None:
    """As `revoke`, for an exact line that the project no longer names."""
    window.attempt(lambda: controller.servers.revoke_key(key))


def switch(controller: AppController, window: Window, name: str, on: bool) -> None:
    """Lets the model ask for the tool in this discussion, or no longer."""
    window.attempt(lambda: controller.servers.switch_tool(name, on))


def ask_to_switch_on(controller: AppController, window: Window, one: ToolState) -> None:
    """Shows the tool's definition and asks whether it is switched on."""
    name = one.tool.spec.name
    price = f"About {one.tool.tokens:,} tokens with every request. Each call is shown to you before it is made."
    act = _attempting(window, lambda: controller.servers.switch_tool(name, True))
    window.ask(Question(f"Switch on {name}?", f"{definition_of(one)}\n\n{price}", "Switch on", act))


def ask_again(controller: AppController, window: Window, name: str) -> None:
    """The tool asks before each call again."""
    window.attempt(lambda: controller.servers.set_always(name, False))


def allow_always(controller: AppController, window: Window, name: str, number: int) -> None:
    """Asks whether the tool may run unasked from now on; allows the call *number* that waits, too."""

    def take() -> None:
        controller.servers.set_always(name, True)
        controller.approvals.approve(number)

    body = f"Calls of {name}, with whatever arguments, run without a question in this project, on this machine alone."
    window.ask(Question("Always allow?", body, "Always allow", _attempting(window, take), is_grave=True))


def _attempting(window: Window, act: Callable[[], object]) -> Callable[[str], object]:
    return lambda _: window.attempt(act)
