"""The MCP servers of the project in Approvals: each with its exact line, how it is, its tools with their prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from src import theme_2
from src.tools.visible import visible
from src.window import controls, server_commands

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.mcp_servers.offers import Offer
    from src.mcp_servers.states import ServerState, ToolState
    from src.window.protocol import Window

WORDS = {
    "unknown": "Not started: you have not agreed to it on this machine.",
    "off": "Starts when a discussion uses one of its tools.",
    "ready": "Runs.",
}
CHANGED = "changed since you switched it on, so it does not go out"
Act = Callable[[], object]


def draw(controller: AppController, window: Window) -> None:
    """One frame."""
    for state in controller.server_states():
        imgui.push_id(state.server.name)
        controls.draw_title(f"MCP server {state.server.name}")
        _draw_server(controller, window, state)
        for sentence in state.refused:
            controls.draw_muted(sentence)
        for one in state.tools:
            _draw_tool(controller, window, one)
        for offer in state.offers:
            _draw_offer(controller, window, offer)
        imgui.pop_id()
    if strays := controller.servers.strays():
        controls.draw_title("Servers agreed to before, which the project names no more")
    for key in strays:
        imgui.push_id(key)
        if imgui.small_button("Revoke"):
            server_commands.revoke_key(controller, window, key)
        imgui.same_line()
        imgui.text_unformatted(controls.fit_here(visible(key)))
        imgui.pop_id()


def _draw_server(controller: AppController, window: Window, state: ServerState) -> None:
    colours = theme_2.colours()
    controls.draw_muted(server_commands.rows_of(state.server))
    if state.status == "starting":
        controls.draw_working("Starting")
    elif state.status in WORDS and not state.reason:
        mark = icons.ICON_FA_CHECK if state.status == "ready" else icons.ICON_FA_CIRCLE_INFO
        shade = colours.ready if state.status == "ready" else colours.muted
        controls.draw_coloured(shade, f"{mark}  {WORDS[state.status]}")
    else:
        controls.draw_coloured(colours.failed, f"{icons.ICON_FA_TRIANGLE_EXCLAMATION}  {controls.shown(state.reason)}")
    if state.token:
        controls.draw_muted(f"Gets your token: {controls.shown(state.token)}.")
    for number, (label, act) in enumerate(_buttons(controller, window, state)):
        if number:
            controls.stay_on_line(controls.width_of_button(label))
        if imgui.small_button(label):
            act()


def _buttons(controller: AppController, window: Window, state: ServerState) -> Iterator[tuple[str, Act]]:
    name = state.server.name
    if state.status == "unknown":
        yield "Agree and start...###agree", partial(server_commands.agree, controller, window, state)
    else:
        runs = state.status in ("starting", "ready")
        word = "Restart" if runs else "Start"
        yield f"{word}###start", partial(server_commands.start, controller, window, name)
        if runs:
            yield "Stop###stop", partial(server_commands.stop, controller, window, name)
        yield "Revoke###revoke", partial(server_commands.revoke, controller, window, name)
    if state.server.url:
        yield "Token...###token", partial(server_commands.ask_token, controller, window, state)
    yield "Change...###change", partial(server_commands.change, controller, window, state.server)
    yield "Remove...###remove", partial(server_commands.remove, controller, window, name)


def _draw_tool(controller: AppController, window: Window, one: ToolState) -> None:
    name, chosen = one.tool.spec.name, controller.discussion.snapshot().tools
    imgui.push_id(name)
    label = f"{controls.fit_here(controls.shown(one.tool.name))}###switch"
    changed, wanted = controls.draw_check(label, server_commands.is_on(one, chosen))
    imgui.set_item_tooltip(f"{server_commands.definition_of(one)}\nThe model knows it as {name}.")
    if changed:
        server_commands.switch(controller, window, name, wanted)
    price = f"~{one.tool.tokens:,} tokens"
    controls.stay_on_line(imgui.calc_text_size(price).x)
    controls.draw_muted(price)
    if name in chosen and not one.agreed:
        controls.draw_coloured(theme_2.colours().busy, f"{icons.ICON_FA_TRIANGLE_EXCLAMATION}  {CHANGED}")
    elif description := one.tool.spec.description.strip():
        controls.draw_muted(controls.fit_here(controls.shown(description.split("\n")[0])))
    if one.always:
        controls.draw_muted("Runs without a question.")
        controls.stay_on_line(controls.width_of_button("Ask again"))
        if imgui.small_button("Ask again"):
            server_commands.ask_again(controller, window, name)
    imgui.pop_id()


def _draw_offer(controller: AppController, window: Window, offer: Offer) -> None:
    imgui.push_id(f"{offer.kind} {offer.key}")
    if imgui.small_button("Put in..." if offer.places else "Put in"):
        server_commands.put(controller, window, offer)
    imgui.set_item_tooltip(f"Puts it into the message.\n{controls.shown(offer.about)}".strip())
    imgui.same_line()
    said = f"{offer.kind.capitalize()} {controls.shown(offer.title)}{server_commands.price_of(offer)}"
    imgui.text_unformatted(controls.fit_here(said))
    imgui.set_item_tooltip(controls.shown(offer.key))
    imgui.pop_id()
