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

PORT = 8765


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
        default=PORT,
        metavar="PORT",
        help="the hook API's port; 0 takes a free one (%(default)s)",
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
    ended = _catch_signals() if flags.headless else None
    try:
        if flags.enable_test_hooks or flags.headless:
            _serve_hooks(controller, flags.hook_port)
        if ended is not None:
            while not ended.wait(0.5):  # bounded, so that Windows delivers Ctrl+C
                pass
        else:
            from src.gui_2 import Gui

            gui = Gui(controller)
            gui.run(gui.build_params())
    except (OSError, RuntimeError) as error:
        code = _fail(str(error))
    except KeyboardInterrupt:
        code = 130
    if not controller.close():
        # An import that hangs on a worker would hold the interpreter's exit: nothing of the user's is at stake here.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _serve_hooks(controller: AppController, port: int) -> None:
    import secrets

    token = os.environ.get("SLOPPY_HOOK_TOKEN") or secrets.token_urlsafe(24)
    try:
        listener = controller.start_hook_server(port, token)
    except OSError as error:
        raise OSError(
            f"The hook API cannot listen on 127.0.0.1:{port} ({error.strerror}); pass another --hook-port."
        ) from error
    print(f"hook API: http://127.0.0.1:{listener.getsockname()[1]}  token: {token}", flush=True)


def _catch_signals() -> threading.Event:
    """The event that SIGINT and SIGTERM set from now on."""
    import signal

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _fail(reason: str) -> int:
    print(f"sloppy: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
