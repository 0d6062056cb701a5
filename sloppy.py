"""Sloppy: flags, the startup profile, and the hand-over to the window (`src.gui_2`) or to the hook API alone."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from src.startup_profiler import profiler

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.hooks.token import HookToken


class _Parser(argparse.ArgumentParser):
    """Repeats of the command line only what a terminal does not obey."""

    def _print_message(self, message: str, file: Any = None) -> None:
        from src.work.terminal import harmless

        super()._print_message(harmless(message), file)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line as a namespace; exits 2 with a sentence when it is wrong."""
    parser = _Parser(prog="sloppy.py", description="A desktop bench for AI models.")
    parser.add_argument(
        "--enable-test-hooks", action="store_true", help="serve the hook API on 127.0.0.1 (see docs/guide_testing.md)"
    )
    parser.add_argument("--headless", action="store_true", help="no window: the controller and the hook API alone")
    parser.add_argument(
        "--hook-port",
        type=int,
        default=0,
        metavar="PORT",
        help="the hook API's port; 0 takes a free one (%(default)s)",
    )
    parser.add_argument(
        "--hot-reload", action="store_true", help="take over changed panels and themes while the window is open"
    )
    asking = parser.add_argument_group("a question on the terminal, without a window")
    asking.add_argument("--ask", metavar="TEXT", help="print the answer to TEXT; what is piped in goes along")
    asking.add_argument("--provider", default="", metavar="NAME", help="who is asked; the one used last without it")
    asking.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME",
        help="which of the provider's models; several, also as PROVIDER/NAME, are asked side by side, and so is one "
        "with other settings: NAME:temperature=0.2,thinking=high,tokens=2000",
    )
    asking.add_argument("--file", action="append", default=[], metavar="PATH", help="a text or an image to go along")
    asking.add_argument(
        "-c",
        "--continue",
        dest="discussion",
        nargs="?",
        const="last",
        default="",
        metavar="NAME",
        help="go on with a discussion, by name or title; the last one without a name",
    )
    asking.add_argument("--project", default="", metavar="PATH", help="the project whose files and presets go along")
    asking.add_argument("--preset", default="", metavar="NAME", help="the project's preset that goes first")
    asking.add_argument("--schema", default="", metavar="PATH", help="a JSON Schema that the answer has to follow")
    asking.add_argument("--template", default="", metavar="NAME", help="a template of yours, which TEXT goes into")
    asking.add_argument("--set", action="append", default=[], metavar="NAME=TEXT", help="fills a place of the template")
    asking.add_argument("--over-cap", action="store_true", help="ask even when the request is over a cap")
    parser.add_argument(
        "--spent", nargs="?", const="table", choices=("table", "csv"), help="print what was paid to whom, or all as CSV"
    )
    flags = parser.parse_args(arguments)
    about = ("provider", "model", "file", "over_cap", "discussion", "project", "preset", "schema", "template", "set")
    if flags.ask is None and any(getattr(flags, name) for name in about):
        parser.error("--provider, --model, --file, --over-cap and what says how to ask belong to --ask")
    if any("=" not in one for one in flags.set):
        parser.error("--set takes NAME=TEXT")
    return flags


def main(arguments: list[str] | None = None) -> int:
    """Runs Sloppy; 0 at a normal end, 2 when it cannot start."""
    flags = parse_arguments(arguments)
    profiler.mark("main")
    if flags.ask is not None:
        return _ask(flags)
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


def _ask(flags: argparse.Namespace) -> int:
    """Answers on the terminal; the exit code, see `src.ask`."""
    from src import app_controller, ask, asked
    from src.privacy import uncaught

    uncaught.install()
    given = tuple((one.partition("=")[0], one.partition("=")[2]) for one in flags.set)
    setting = asked.Setting(flags.project, flags.preset, flags.discussion, flags.template, given, flags.schema)
    model = flags.model[0] if len(flags.model) == 1 else ""
    models = tuple(flags.model) if len(flags.model) > 1 else ()
    prompt = ask.Prompt(flags.ask, flags.provider, model, tuple(flags.file), flags.over_cap, models, setting)
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
    code = ask.spent(controller, style, sys.stdout)
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
