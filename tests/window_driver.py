"""Runs the window on the null backend, or on a display, with a test of the Dear ImGui test engine in it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from imgui_bundle import hello_imgui, imgui
from imgui_bundle.imgui import test_engine
from src.gui_2 import Gui
from src.window.runner import set_up_keyboard
from tests.null_backend import use_null_backend

SIZE = (1280, 800)


def run_steps(
    gui: Gui, steps: Callable[[Any, Gui], object], *, display: bool = False, size: tuple[int, int] = SIZE
) -> Gui:
    """Runs *gui* until `steps(context, gui)` has ended, and raises what it raised.

    `context` is the test engine's: `item_click`, `key_press`, `yield_`. The steps run on a thread of the engine
    while the window waits for them, frame by frame."""
    params = gui.build_params()
    params.app_window_params.window_geometry.size = size
    params.use_imgui_test_engine = True
    params.ini_disable = True
    if not display:
        use_null_backend(params, set_up_keyboard)
    params.fps_idling.enable_idling = False
    tests: list[test_engine.Test] = []
    failures: list[BaseException] = []

    def body(context: Any) -> None:
        try:
            steps(context, gui)
        except BaseException as error:
            failures.append(error)

    def register() -> None:
        # The engine catches SIGPIPE, which Python ignores, and its handler crashes once the window is gone: every
        # connection that breaks in this process would then end it.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        engine = hello_imgui.get_imgui_test_engine()
        io = test_engine.get_io(engine)
        io.config_watchdog_warning = io.config_watchdog_kill_test = 600.0
        io.config_mouse_draw_cursor = False
        io.config_run_speed = test_engine.TestRunSpeed.fast
        io.config_verbose_level = io.config_verbose_level_on_error = test_engine.TestVerboseLevel.error
        io.config_log_to_tty = True  # pytest shows it with the failure
        test = test_engine.register_test(engine, "sloppy", "steps")
        test.test_func = body
        tests.append(test)
        test_engine.queue_test(engine, test)

    finish_frame = params.callbacks.before_imgui_render

    def leave_when_done() -> None:
        finish_frame()
        if tests and test_engine.is_test_queue_empty(hello_imgui.get_imgui_test_engine()):
            hello_imgui.get_runner_params().app_shall_exit = True

    params.callbacks.register_tests = register
    params.callbacks.before_imgui_render = leave_when_done
    try:
        gui.run(params)
    except BaseException:
        imgui.destroy_context()  # an exception leaves it behind, and the next window could not start
        if not failures:
            raise
    if failures:
        raise failures[0]
    assert tests[0].output.status == test_engine.TestStatus.success
    return gui


def press(context: Any, keys: str) -> None:
    """Presses *keys*, spelled as Sloppy spells them, and lets two frames pass."""
    from src.window.shortcuts import chord

    context.key_press(chord(keys))
    context.yield_(2)


def clipboard() -> str:
    """What was copied last."""
    return imgui.get_clipboard_text()


__all__ = ["Gui", "clipboard", "press", "run_steps"]
