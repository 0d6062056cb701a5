"""MCP servers in the window: agreed to, switched and stopped with the mouse and with the keyboard alone."""

import shlex
import tomllib

from tests.conftest import settled, wait_until
from tests.mcp_servers.programs import hostile, real
from tests.mcp_servers.test_servers import ADD, agreed, asked, opened, reached, results, state_of
from tests.window_driver import press

__all__ = ["opened"]


def commands(gui):
    return sorted(one.id for one in gui.commands.all() if one.id.startswith("server."))


def show(context, gui):
    gui.show_panel("Approvals")
    context.yield_(6)


def test_a_server_is_agreed_to_switched_and_stopped_in_approvals(drive, opened):
    controller = opened(real())

    def steps(context, gui):
        show(context, gui)
        context.item_click("//Approvals/calc/###agree")
        context.yield_(4)
        question = gui.dialogs.asked
        assert question.title == "Agree to the MCP server calc?"
        assert all(f":  {one}" in question.body for one in state_of(controller, "calc").server.command)
        press(context, "Enter")  # no is what Enter means
        assert (gui.dialogs.asked, state_of(controller, "calc").status) == (None, "unknown")
        context.item_click("//Approvals/calc/###agree")
        context.yield_(4)
        context.item_click("//###question/Agree and start")
        reached(controller, "calc", "ready")
        context.yield_(4)
        context.item_click("//Approvals/calc/calc__add/###switch")
        context.yield_(4)
        assert controller.discussion.snapshot().tools == ("calc__add",)
        context.item_click("//Approvals/calc/###stop")
        context.yield_(4)
        assert state_of(controller, "calc").status == "stopped"
        context.item_click("//Approvals/calc/###start")
        reached(controller, "calc", "ready")
        context.yield_(4)
        context.item_click("//Approvals/calc/###revoke")
        context.yield_(4)
        assert state_of(controller, "calc").status == "unknown"

    drive(steps, controller)


def test_the_palette_has_every_door_to_a_server(drive, opened):
    controller = opened(real())

    def steps(context, gui):
        always = ["server.add", "server.change.calc", "server.remove.calc"]
        assert commands(gui) == sorted([*always, "server.agree.calc"])
        gui.commands.run("server.agree.calc")
        context.yield_(4)
        context.item_click("//###question/Agree and start")
        reached(controller, "calc", "ready")
        assert commands(gui) == sorted(
            [*always, "server.revoke.calc", "server.start.calc", "server.stop.calc"]
            + [f"server.tool.calc__{name}" for name in ("add", "fail", "secret", "variables", "where")]
            + [f"server.put.calc.resource.notes://{name}" for name in ("broken", "picture", "today")]
            + ["server.put.calc.prompt.review"]
        )
        add = gui.commands.find("server.tool.calc__add")
        assert "on (~" in add.title
        gui.commands.run_command(add)
        context.yield_(4)
        assert "Adds two whole numbers." in gui.dialogs.asked.body
        press(context, "Enter")
        assert controller.discussion.snapshot().tools == ("calc__add",)
        assert gui.commands.find("server.tool.calc__add").title == "Switch calc__add off"
        gui.commands.run("server.tool.calc__add")
        assert controller.discussion.snapshot().tools == ()
        gui.commands.run("server.stop.calc")
        assert (state_of(controller, "calc").status, gui.commands.run("server.stop.calc")) == (
            "stopped",
            "it does not run",
        )
        gui.commands.run("server.revoke.calc")
        assert commands(gui) == sorted([*always, "server.agree.calc"])

    drive(steps, controller)


def test_a_call_is_shown_whole_and_can_be_allowed_for_good(drive, opened):
    controller = opened(real())
    agreed(controller, "calc")
    controller.servers.switch_tool("calc__add", True)

    def steps(context, gui):
        controller.send(ADD)
        asked(controller)
        context.yield_(12)
        assert gui.commands.run("approval.always") == ""
        context.yield_(4)
        context.item_click("//###question/Always allow")
        context.yield_(4)
        settled(controller)
        assert results(controller)[0].text == "5"
        assert [one.tool.name for one in state_of(controller, "calc").tools if one.always] == ["add"]
        controller.send(ADD)
        settled(controller)
        assert results(controller)[1].text == "5"
        context.yield_(4)
        show(context, gui)
        context.item_click("//Approvals/calc/calc__add/Ask again")
        context.yield_(4)
        assert not any(one.always for one in state_of(controller, "calc").tools)

    drive(steps, controller)


def test_the_request_says_which_tools_do_not_go_out(drive, opened):
    controller = opened(real())
    agreed(controller, "calc")
    controller.servers.switch_tool("calc__add", True)

    def said(context, gui):
        gui.read_next_frame()
        context.yield_(6)
        return " ".join(gui.screen().lines)

    def steps(context, gui):
        gui.show_panel("Request")
        context.yield_(6)
        assert "not sent" not in said(context, gui)
        controller.servers.stop("calc")
        assert "Switched on and not sent, see Approvals: calc__add" in said(context, gui)

    drive(steps, controller)


def test_what_a_server_says_of_itself_cannot_hide_in_the_window(drive, opened):
    controller = opened(hostile("names"))
    agreed(controller, "odd")

    def steps(context, gui):
        show(context, gui)
        titles = [one.title for one in gui.commands.all() if one.id.startswith("server.tool.")]
        assert len(titles) == 7
        assert all(title.isprintable() for title in titles)

    drive(steps, controller)


def test_a_line_with_blanks_and_signs_is_shown_so_that_nothing_hides():
    from src.project.servers import Server
    from src.window.server_commands import rows_of

    argv = ("run", "a  b", "\u202egnp.exe", shlex.quote("x y"))
    assert rows_of(Server("s", argv)).splitlines() == [
        "program:  run",
        "1:  a\N{MIDDLE DOT}\N{MIDDLE DOT}b",
        "2:  \\u202egnp.exe",
        "3:  'x y'",
    ]


def show_form(context, gui, name):
    assert gui.commands.run(name) == ""
    context.yield_(4)
    return gui.dialogs.asked


def asks_to_agree(context, gui):
    """Draws frames until the question is there, which the pool asks."""
    for _ in range(2_000):
        if gui.dialogs.asked is not None:
            break
        context.yield_(2)
    context.yield_(4)
    assert gui.dialogs.asked.title == "Agree to the MCP server calc?"


def test_a_server_is_added_changed_and_removed_with_the_keyboard(drive, opened, tmp_path):
    controller = opened()
    file = tmp_path / "work" / "sloppy.toml"

    def steps(context, gui):
        assert commands(gui) == ["server.add"]
        assert show_form(context, gui, "server.add").title == "Add an MCP server"
        context.key_chars("calc")
        press(context, "Tab")
        context.key_chars("http://far.example/mcp")
        press(context, "Enter")
        context.yield_(2)
        assert gui.dialogs.asked.title == "Add an MCP server"  # it says why not, and what was typed stays
        gui.read_next_frame()
        context.yield_(4)
        assert "needs https" in " ".join(gui.screen().lines)
        context.item_input_value("//###question/##field1", shlex.join(real().command))  # and Enter
        context.yield_(2)
        reached(controller, "calc", "unknown")
        asks_to_agree(context, gui)
        assert all(f":  {one}" in gui.dialogs.asked.body for one in real().command)
        context.item_click("//###question/Agree and start")
        reached(controller, "calc", "ready")
        controller.project.flush()
        assert tomllib.loads(file.read_text())["mcp"]["calc"] == {"command": list(real().command)}

        form = show_form(context, gui, "server.change.calc")
        assert form.fields[0].text == shlex.join(real().command)
        press(context, "Escape")
        context.yield_(2)
        assert (gui.dialogs.asked, state_of(controller, "calc").status) == (None, "ready")
        show_form(context, gui, "server.change.calc")
        context.item_input_value("//###question/##field0", "https://far.example/mcp")
        wait_until(controller, lambda: state_of(controller, "calc").server.url)
        asks_to_agree(context, gui)
        press(context, "Escape")
        context.yield_(2)
        assert (controller.servers.strays(), state_of(controller, "calc").status) == ((), "unknown")

        show_form(context, gui, "server.token.calc")
        context.key_chars("two words")
        press(context, "Enter")
        context.yield_(2)
        assert gui.dialogs.asked is not None
        context.item_input_value("//###question/##field0", "tok-5d1e7c9b2a4f8036")
        wait_until(controller, lambda: state_of(controller, "calc").token)
        assert "tok-5d1e" not in file.read_text()

        show_form(context, gui, "server.remove.calc")
        context.item_click("//###question/Remove")
        wait_until(controller, lambda: not controller.server_states())
        controller.project.flush()
        assert "mcp" not in tomllib.loads(file.read_text())

    drive(steps, controller)


def test_a_name_that_is_taken_is_said_in_the_form(drive, opened):
    controller = opened(real())

    def steps(context, gui):
        form = show_form(context, gui, "server.add")
        assert form.check(("calc", "run it")) == "There is a server calc already: give this one another name."
        assert form.check(("other", "run it")) == ""

    drive(steps, controller)


def test_a_resource_and_a_prompt_are_put_into_the_message_from_the_palette(drive, opened):
    controller = opened(real())
    agreed(controller, "calc")

    def names():
        return [one.name for one in controller.composer.snapshot().attachments]

    def steps(context, gui):
        gui.commands.run("server.put.calc.resource.notes://today")
        wait_until(controller, lambda: names() == ["calc: Notes of today"])
        gui.commands.run("server.put.calc.prompt.review")
        context.yield_(4)
        assert [field.label for field in gui.dialogs.asked.fields] == ["code", "tone"]
        gui.dialogs.asked.on_yes(("x = 1", ""))
        wait_until(controller, lambda: len(names()) == 2)
        context.yield_(4)

    drive(steps, controller)
    assert "in a kind way: x = 1" in controller.composer.snapshot().attachments[1].part.text
