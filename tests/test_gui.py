"""The window on the null backend, driven by the Dear ImGui test engine."""

import threading

import pytest
from imgui_bundle import hello_imgui, imgui
from imgui_bundle.imgui import test_engine
from src.gui_2 import Gui
from src.panels.status_bar import warmup_label
from tests.conftest import ECHO
from tests.null_backend import use_null_backend

from importguard.warmup import WarmupJob


@pytest.fixture
def drive(make_controller):
    """`drive(steps, controller)`: runs the window and `steps(context, gui)` in it; returns the Gui."""

    def run(steps, controller=None):
        controller = controller or make_controller()
        gui = Gui(controller)
        params = gui.build_params()
        params.use_imgui_test_engine = True
        use_null_backend(params)
        params.fps_idling.enable_idling = False
        calls = params.callbacks
        tests, failures = [], []

        def register():
            engine = hello_imgui.get_imgui_test_engine()
            test_engine.get_io(engine).config_run_speed = test_engine.TestRunSpeed.fast
            test = test_engine.register_test(engine, "sloppy", "steps")

            def body(context):
                try:
                    steps(context, gui)
                except BaseException as error:
                    failures.append(error)

            test.test_func = body
            tests.append(test)
            test_engine.queue_test(engine, test)

        def leave_when_done():
            if tests and test_engine.is_test_queue_empty(hello_imgui.get_imgui_test_engine()):
                hello_imgui.get_runner_params().app_shall_exit = True

        calls.register_tests = register
        calls.before_imgui_render = leave_when_done
        gui.run(params)
        if failures:
            raise failures[0]
        assert tests[0].output.status == test_engine.TestStatus.success
        return gui

    return run


def wait_until(controller, reached):
    """Waits, on changes, for `reached(snapshot)`."""
    seen = threading.Event()

    def look():
        if reached(controller.snapshot()):
            seen.set()

    controller.on_change(look)
    look()
    assert seen.wait(15)


def test_what_is_typed_and_sent_is_answered(drive):
    def steps(context, gui):
        context.item_input_value("**/##Prompt", "hello bench")
        context.item_click("**/Send")
        wait_until(gui.controller, lambda state: len(state.conversation.messages) == 2)
        context.yield_(3)

    gui = drive(steps)
    assert [message.text for message in gui.controller.snapshot().conversation.messages] == ["hello bench"] * 2
    assert gui.chat.prompt == ""


def test_the_provider_is_switched_in_the_picker(drive):
    def steps(context, gui):
        context.item_click("//Chat/Provider")
        context.item_click("//$FOCUSED/Anthropic  (warming up)")

    assert drive(steps).controller.snapshot().provider == "anthropic"


def test_a_command_is_run_from_the_palette(drive):
    def steps(context, gui):
        gui._open_palette = True
        context.yield_(2)
        context.key_chars("gemini")
        context.yield_(2)
        context.key_press(imgui.Key.enter.value)
        context.yield_(2)

    assert drive(steps).controller.snapshot().provider == "gemini"


def test_a_table_and_code_in_a_reply_are_drawn(drive):
    text = "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1 | 2\n```"

    def steps(context, gui):
        gui.controller.send(text)
        wait_until(gui.controller, lambda state: len(state.conversation.messages) == 2)
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


def test_the_nerv_theme_is_switched_on_and_off(drive):
    def steps(context, gui):
        for expected in (True, False):
            context.set_ref("##MainMenuBar")
            context.menu_click("Bench/NERV theme")
            context.yield_(2)
            assert gui._nerv == expected

    drive(steps)


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
