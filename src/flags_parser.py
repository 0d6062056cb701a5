"""The parser of the command line, loaded when there is something to parse: a start without flags needs none."""

from __future__ import annotations

import argparse
from typing import Any

from src.flags import Flags


class _Parser(argparse.ArgumentParser):
    """Repeats of the command line only what a terminal does not obey."""

    def _print_message(self, message: str, file: Any = None) -> None:
        from src.work.terminal import harmless

        super()._print_message(harmless(message), file)


def parse(words: list[str]) -> Flags:
    """What the command line *words* asks for; exits 2 with a sentence when it is wrong."""
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
    given: dict[str, Any] = vars(parser.parse_args(words))
    flags = Flags(**{name: _frozen(value) for name, value in given.items()})
    about = ("provider", "model", "file", "over_cap", "discussion", "project", "preset", "schema", "template", "set")
    if flags.ask is None and any(getattr(flags, name) for name in about):
        parser.error("--provider, --model, --file, --over-cap and what says how to ask belong to --ask")
    if any("=" not in one for one in flags.set):
        parser.error("--set takes NAME=TEXT")
    return flags


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
