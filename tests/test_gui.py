"""The window on the null backend, driven by the Dear ImGui test engine."""

import pytest
from src.panels.status_bar import warmup_label
from tests.conftest import ECHO
from tests.window_driver import wait_until

from importguard.warmup import WarmupJob


def test_what_is_typed_and_sent_is_answered(drive):
    def steps(context, gui):
        context.item_input_value("**/##Prompt", "hello bench")
        context.item_click("**/Send")
        wait_until(gui.controller, lambda controller: len(controller.snapshot().conversation.messages) == 2)
        context.yield_(3)

    gui = drive(steps)
    assert [message.text for message in gui.controller.snapshot().conversation.messages] == ["hello bench"] * 2
    assert gui.made["Chat"].prompt == ""


def test_the_provider_is_switched_in_the_picker(drive):
    def steps(context, gui):
        context.item_click("//Chat/Provider")
        context.item_click("//$FOCUSED/Anthropic  (warming up)")

    assert drive(steps).controller.snapshot().provider == "anthropic"


def test_a_table_and_code_in_a_reply_are_drawn(drive):
    text = "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1 | 2\n```"

    def steps(context, gui):
        gui.controller.send(text)
        wait_until(gui.controller, lambda controller: len(controller.snapshot().conversation.messages) == 2)
        context.yield_(3)

    assert drive(steps).controller.snapshot().conversation.messages[1].text == text


def test_a_failed_job_is_retried_from_its_panel(drive, make_controller, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    module = tmp_path / "mended_later.py"
    module.write_text("raise RuntimeError('no key')")
    controller = make_controller([WarmupJob("mended_later")])
    assert controller.wait_for_warmup(10)
    # Another length: bytecode written in the same second for a text of the same length would still count as fresh.
    module.write_text("mended = True")

    def steps(context, gui):
        context.item_click("//Startup/**/Retry##mended_later")

    drive(steps, controller)
    assert controller.wait_for_warmup(10)
    assert controller.warmup_status().completed == ("mended_later",)


@pytest.mark.parametrize(
    ("jobs", "start", "label"),
    [
        (ECHO, False, "Warming up... (0/2)"),
        (ECHO, True, "All imports ready"),
    ],
)
def test_the_status_bar_tells_how_far_the_warmup_is(make_controller, jobs, start, label):
    controller = make_controller(jobs, start=start)
    assert controller.wait_for_warmup(10 if start else 0) == start
    assert warmup_label(controller)[0] == label


def test_a_failed_job_shows_its_reason(make_controller):
    controller = make_controller([WarmupJob("no_such_module_at_all")])
    assert controller.wait_for_warmup(10)
    expected = "1 not ready: no_such_module_at_all (ModuleNotFoundError: No module named 'no_such_module_at_all')"
    assert warmup_label(controller)[0] == expected
