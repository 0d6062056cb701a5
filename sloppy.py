"""Sloppy: flags, the startup profile, and the hand-over to the window (`src.gui_2`) or to the hook API alone."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from typing import TYPE_CHECKING

from src.startup_profiler import profiler

if TYPE_CHECKING:
    from src.app_controller import AppController
    from src.hook_token import HookToken


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line as a namespace; exits 2 with a sentence when it is wrong."""
    parser = argparse.ArgumentParser(prog="sloppy.py", description="A desktop bench for AI models.")
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
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs Sloppy; 0 at a normal end, 2 when it cannot start."""
    flags = parse_arguments(arguments)
    profiler.mark("main")
    from src import app_controller

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
    if not whole:
        # An import that hangs on a worker would hold the interpreter's exit: nothing of the user's is at stake here.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _serve_hooks(controller: AppController, port: int) -> HookToken:
    from src.hook_token import HookToken

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
    print(f"sloppy: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
