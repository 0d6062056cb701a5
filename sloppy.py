"""Sloppy: flags, the startup profile, and the hand-over to the window (`src.gui_2`) or to the hook API alone."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from typing import TYPE_CHECKING

from src.flags import Flags
from src.startup_profiler import profiler

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.hooks.token import HookToken


def parse_arguments(arguments: list[str] | None = None) -> Flags:
    """What the command line asks for; exits 2 with a sentence when it is wrong."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words:
        return Flags()
    from src import flags_parser  # with argparse and gettext 2 ms, which a start without flags saves

    return flags_parser.parse(words)


def main(arguments: list[str] | None = None) -> int:
    """Runs Sloppy; 0 at a normal end, 2 when it cannot start."""
    flags = parse_arguments(arguments)
    profiler.mark("main")
    if flags.ask is not None:
        return _ask(flags, flags.ask)
    if flags.spent is not None:
        return _spent(flags.spent)
    if not flags.headless:
        gc.disable()  # a tenth of the way to the first frame; the window turns it on again after that frame
    from src import app_controller
    from src.privacy import uncaught

    uncaught.install()
    try:
        controller = app_controller.AppController(start=flags.headless)
    except ValueError as error:
        return _fail(str(error))
    code = 0
    token = None
    ended = _catch_signals()
    try:
        if flags.enable_test_hooks or flags.headless:
            token = _serve_hooks(controller, flags.hook_port)
        if flags.headless:
            while not ended.wait(0.5):  # bounded, so that Windows delivers Ctrl+C
                pass
        else:
            import imgui_bundle  # noqa: F401  # apart, so that the profile tells the toolkit from our own modules

            profiler.mark("imgui_bundle")
            from src.gui_2 import Gui

            controller.last_place.keep()
            gui = Gui(controller, ended)
            if flags.hot_reload:
                gui.watch_modules()
            params = gui.build_params()
            profiler.mark("gui")
            gui.run(params)
    except (OSError, RuntimeError) as error:
        code = _fail(str(error))
    except KeyboardInterrupt:
        code = 130
    whole = controller.close()
    if token is not None:
        token.remove()
    return _leave(controller, code, whole)


def _ask(flags: Flags, question: str) -> int:
    """Answers on the terminal; the exit code, see `src.ask`."""
    from src import app_controller, ask, asked
    from src.privacy import uncaught

    uncaught.install()
    given = tuple((one.partition("=")[0], one.partition("=")[2]) for one in flags.set)
    setting = asked.Setting(flags.project, flags.preset, flags.discussion, flags.template, given, flags.schema)
    model = flags.model[0] if len(flags.model) == 1 else ""
    models = flags.model if len(flags.model) > 1 else ()
    prompt = ask.Prompt(question, flags.provider, model, flags.file, flags.over_cap, models, setting)
    controller = app_controller.AppController(ask.manifest_for(flags.provider, models, setting))
    try:
        code = ask.ask(controller, prompt, ask.standard_input(), sys.stdout, sys.stderr)
    except KeyboardInterrupt:
        code = 130
    whole = controller.close()
    return _leave(controller, code, whole)


def _spent(style: str) -> int:
    """Prints what was spent; the exit code."""
    from src import app_controller, ask

    controller = app_controller.AppController(ask.manifest_for("echo"))
    code = ask.spent(controller, style, sys.stdout, sys.stderr)
    return _leave(controller, code, controller.close())


def _leave(controller: AppController, code: int, whole: bool) -> int:
    """*code*, or 1 when something could not be saved.

    Ends the process here unless every worker has ended: an import that hangs would hold the exit.
    """
    for sentence in controller.unsaved:
        code = code or 1
        _say(f"sloppy: {sentence}")
    if not whole:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)
    return code


def _serve_hooks(controller: AppController, port: int) -> HookToken:
    from src.hooks.token import HookToken

    token = HookToken.create()
    try:
        listener = controller.start_hook_server(port, token.token)
    except OSError as error:
        token.remove()
        raise OSError(
            f"The hook API cannot listen on 127.0.0.1:{port} ({error.strerror}); pass another --hook-port."
        ) from error
    print(f"hook API: http://127.0.0.1:{listener.getsockname()[1]}  token file: {token.path}", flush=True)
    return token


def _catch_signals() -> threading.Event:
    """The event that SIGINT, SIGTERM and a closed terminal set, so that all is saved and closed; a second one kills."""
    import signal

    ended = threading.Event()

    def end(number: int, _frame: object) -> None:
        ended.set()
        signal.signal(number, signal.SIG_DFL)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), end)
    return ended


def _fail(reason: str) -> int:
    _say(f"sloppy: {reason}")
    return 2


def _say(text: str) -> None:
    from src.work.terminal import say  # nothing is said at a start that goes well

    say(text)


if __name__ == "__main__":
    sys.exit(main())
