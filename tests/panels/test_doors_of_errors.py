"""What went wrong is said where it is seen, with the button that helps; the log has it too."""

import os
from pathlib import Path

from src.chat import Done, Failed, Message, Stopped, Text
from src.discussion.events import Arrived, Begun, Ended
from tests.conftest import settled, wait_until
from tests.panels.test_discussion import add
from tests.scenes import beside
from tests.window_driver import clipboard


def answer(controller, text, end):
    """Puts an answer into the discussion that ended with *end*."""
    discussion = controller.discussion
    discussion.record(Begun(discussion.next_id(), discussion.head(), 1.0, "echo", "echo-1"))
    discussion.record(Arrived(Text(text)))
    discussion.record(Ended(end, None))


def test_a_missing_key_has_a_button_to_where_keys_are_kept(drive, monkeypatch):
    for name in ("ANTHROPIC_API_KEY",):
        monkeypatch.delenv(name, raising=False)

    def steps(context, gui):
        controller = gui.controller
        add(controller, Message.of("user", "hello"))
        monkeypatch.setattr(controller._replies, "_error", "Anthropic has no key.")
        controller.choose_provider("anthropic")
        context.yield_(4)
        context.item_click("//Discussion/**/###enter key")
        context.yield_(4)
        window = context.window_info("//Settings").window
        assert window.active
        assert window.dock_node is None
        assert window.size.x > 500

    drive(steps)


def test_an_answer_that_was_cut_says_why_and_goes_on(drive):
    def steps(context, gui):
        controller = gui.controller
        add(controller, Message.of("user", "count to ten"))
        answer(controller, "one two", Failed("Sloppy ended while this reply streamed.", "internal"))
        context.yield_(4)
        context.item_click("//Discussion/**/###continue")
        settled(controller)
        said = [turn.message.text for turn in controller.discussion.snapshot().turns]
        assert said[-2] == "Go on exactly where you stopped."

    drive(steps)


def test_a_whole_answer_offers_no_continue(drive):
    def steps(context, gui):
        controller = gui.controller
        add(controller, Message.of("user", "count to two"))
        answer(controller, "one two", Done("end_turn"))
        context.yield_(3)
        assert gui.commands.run("message.continue") == "the last answer is whole"
        controller.discussion.undo()
        answer(controller, "one", Stopped())
        context.yield_(3)
        assert gui.commands.find("message.continue").refusal() == ""
        controller.discussion.undo()
        answer(controller, "one", Done("max_tokens"))
        assert gui.commands.find("message.continue").refusal() == ""

    drive(steps)


def test_a_failed_reply_is_in_the_log(drive):
    def steps(context, gui):
        controller = gui.controller
        controller.choose_provider("anthropic")
        controller._replies._error = ""
        before = len(controller.log.snapshot())
        gui.tell("Nothing can be done about it.")
        texts = [one.text for one in controller.log.snapshot()[before:]]
        assert texts == ["Nothing can be done about it."]

    drive(steps)


def test_edit_and_ask_again_is_one_step(drive):
    def steps(context, gui):
        controller = gui.controller
        assert controller.send("frist question")
        settled(controller)
        context.yield_(3)
        gui.turns.chosen = controller.discussion.snapshot().turns[0].id
        gui.commands.run("message.resend")
        context.yield_(3)
        context.item_click("//$FOCUSED/##answer")
        context.key_chars_replace("first question")
        context.item_click("//$FOCUSED/Send again")
        wait_until(controller, lambda: controller.discussion.snapshot().turns[0].message.text == "first question")
        settled(controller)
        assert controller.discussion.snapshot().turns[-1].message.text == "first question"

    drive(steps)


def test_a_folder_without_a_project_offers_to_make_it_one(drive, tmp_path):
    from tests.conftest import ECHO

    from importguard.warmup import WarmupJob

    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.txt").write_text("a")

    def steps(context, gui):
        assert gui.controller.wait_for_warmup(60)
        gui.take_dropped((str(folder),))
        wait_until(gui.controller, lambda: [one for one in gui.controller.toasts.snapshot() if "missing" in one.text])
        context.yield_(5)
        context.item_click("//$FOCUSED/Make it a project")
        wait_until(gui.controller, lambda: gui.controller.project.snapshot().project)
        assert os.path.isfile(folder / "sloppy.toml")

    drive(steps, drive.make((*ECHO, WarmupJob("tomlkit", group=2))))


def test_files_that_are_dropped_are_attached(drive, tmp_path):
    (tmp_path / "notes.txt").write_text("some notes")

    def steps(context, gui):
        gui.take_dropped((str(tmp_path / "notes.txt"),))
        wait_until(gui.controller, lambda: [one for one in gui.controller.composer.snapshot().attachments if one.part])
        assert gui.controller.composer.snapshot().attachments[0].name == "notes.txt"

    drive(steps)


def test_the_last_question_is_edited_and_asked_again_without_choosing_it(drive):
    def steps(context, gui):
        add(gui.controller, Message.of("user", "first"), Message.of("assistant", "an answer", "echo", "echo-1"))
        gui.commands.run("message.resend")
        context.yield_(3)
        assert gui.asked is not None
        assert (gui.asked.title, gui.asked.text) == ("Edit and ask again", "first")
        context.item_click("//$FOCUSED/Cancel")
        gui.turns.chosen = gui.controller.discussion.snapshot().turns[-1].id  # an answer that was chosen is none
        assert gui.commands.find("message.resend").refusal() == "choose a turn of yours first"

    drive(steps)


def test_without_a_template_nothing_is_asked_for_but_where_they_go(drive, tmp_path):
    def steps(context, gui):
        wait_until(gui.controller, lambda: gui.controller.templates_folder)
        gui.commands.run("composer.template")
        context.yield_(3)
        assert (gui.asked.title, gui.asked.text) == ("There is no template yet", None)
        context.item_click("//$FOCUSED/Copy the folder's path")
        context.yield_(2)
        assert clipboard() == gui.controller.templates_folder
        folder = Path(gui.controller.templates_folder)
        folder.mkdir(parents=True)
        (folder / "review.txt").write_text("Review this: $input")
        gui.commands.run("composer.template")
        context.yield_(3)
        assert (gui.asked.title, gui.asked.choices) == ("Use a template", ("review",))

    drive(steps)


def test_an_export_is_named_as_its_discussion(drive):
    def steps(context, gui):
        add(gui.controller, Message.of("user", "What is /etc/passwd?"))
        gui.commands.run("discussion.export_markdown")
        context.yield_(3)
        assert Path(gui.asked.text).name == "What-is-etc-passwd.md"

    drive(steps)


def test_an_empty_schema_means_answers_in_words(drive):
    def steps(context, gui):
        gui.controller.composer.set_schema('{"type": "object"}')
        gui.commands.run("composer.schema")
        context.yield_(3)
        assert gui.asked.text == '{"type": "object"}'
        context.item_click("//$FOCUSED/##answer")
        context.key_chars_replace(" ")
        context.item_click("//$FOCUSED/Use it")
        context.yield_(3)
        assert gui.controller.composer.snapshot().schema == ""

    drive(steps)


def test_while_an_approval_waits_the_discussion_says_for_whom_it_waits(drive, tmp_path, monkeypatch):
    from tests.conftest import ECHO

    from importguard.warmup import WarmupJob

    monkeypatch.setattr("src.panels.discussion.SLOW_S", -1.0)  # it says so at once
    (tmp_path / "app.py").write_text("x = 1\n")

    def steps(context, gui):
        controller = gui.controller
        beside(context, lambda: controller.wait_for_warmup(60))
        controller.project.create(str(tmp_path)).result(20)
        controller.discussion.set_tools(("propose_edit",))
        call = '{"path": "app.py", "old_text": "x = 1", "new_text": "x = 2"}'
        assert controller.send(f"[[tool propose_edit {call}]] edit it")
        beside(context, lambda: wait_until(controller, controller.approvals.snapshot))
        context.yield_(4)
        gui.read_next_frame()
        context.yield_(2)
        shown = " ".join(" ".join(gui.screen().lines).split())
        assert "The model waits for your answer in the panel Approvals: Change" in shown
        assert "Waiting for the provider" not in shown
        controller.approvals.approve(controller.approvals.snapshot()[0].id)
        beside(context, lambda: settled(controller))
        assert (tmp_path / "app.py").read_text() == "x = 2\n"

    drive(steps, drive.make((*ECHO, WarmupJob("tomlkit", group=2), WarmupJob("src.tools.use"))))
