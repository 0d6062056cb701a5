"""One question on the terminal, answered by the same controller that the window uses: `sloppy.py --ask`.

The answer goes to standard output as it comes; everything else, the cost included, to standard error. Exit codes: 0 a
whole answer, 1 one that failed or was cut, 2 nothing was asked, 3 a cap was in the way, 130 stopped with Ctrl+C.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO

from importguard.warmup import WarmupManifest
from src.app_controller import AppController
from src.asked import HERE, Setting, prepare
from src.chat import Done, Failed, TextPart
from src.discussion.tree import Turn
from src.host.warming import MANIFEST
from src.models.providers import OPENAI, PROVIDERS
from src.models.variant import parse
from src.privacy.detector import find_secret
from src.privacy.redactor import current
from src.project import scan
from src.request import composer
from src.request.composer import Attachment
from src.spending import report
from src.spending.entries import day_of
from src.turn.compared import Column, table
from src.value import Value
from src.work.terminal import harmless, say

MAX_INPUT = 10_000_000  # characters of standard input
SET_UP_S = 30.0
PRICES_S = 10.0
SERVERS_S = 90.0
SHARED = ("src.turn.loop", "platformdirs", "keyring", "src.models.market")


class Prompt(Value):
    """What was asked for: empty `provider` and `model` mean those used last.

    Two or more `models`, each by its name at the provider or as provider/model, are asked side by side; each may have
    settings of its own behind it, `model:temperature=0.2`.
    """

    text: str
    provider: str = ""
    model: str = ""
    files: tuple[str, ...] = ()
    over_cap: bool = False
    models: tuple[str, ...] = ()
    setting: Setting = HERE


OVER_CAP = 3
CAPS = ("_cap", "_cap_usd")  # how the settings that are caps end


class CannotAskError(ValueError):
    """Nothing was asked; the message says why and what to do, `code` is the exit code."""

    def __init__(self, reason: str, code: int = 2) -> None:
        super().__init__(reason)
        self.code = code


def manifest_for(provider: str, models: tuple[str, ...] = (), setting: Setting = HERE) -> WarmupManifest:
    """What a question needs of the warmup: the provider's group, or every provider's when none is named.

    A model of *models* that begins with the name of another provider needs that one, too.
    """
    manifest = WarmupManifest.load(MANIFEST)
    wanted = {provider, *(model.partition("/")[0] for model in models if "/" in model)}
    names = {one.module for one in PROVIDERS if not provider or one.name in wanted} or {OPENAI.module}
    more = {"tomlkit"} if setting.project else set()
    more |= {"src.structured.validation"} if setting.schema else set()
    more |= {"src.tools.use"} if setting.discussion else set()  # a new discussion has no tools
    more |= {"src.mcp_servers.wire"} if setting.discussion and setting.project else set()
    groups = {job.group for job in manifest.jobs if job.module in {*SHARED, *names, *more}}
    return manifest._replace(jobs=tuple(job for job in manifest.jobs if job.group in groups))


def ask(controller: AppController, prompt: Prompt, given: TextIO | None, out: TextIO, told: TextIO) -> int:
    """Asks *prompt* and prints the answer; the exit code. *given* is more for the model, such as a pipe's text."""
    changed = threading.Event()
    controller.on_change(changed.set)
    try:
        text = _prepare(controller, prompt, given, told)
        _wait_for_prices(controller, changed)
        _wait_for_servers(controller, changed)
        if prompt.models:
            return _compare(controller, prompt._replace(text=text), changed, out, told)
        before = len(controller.discussion.snapshot().turns)
        result = controller.send(text, confirmed=prompt.over_cap)
        if result.kind == "confirm":
            raise CannotAskError(f"{result.reason} Pass --over-cap to ask all the same.", OVER_CAP)
        if not result.accepted:
            raise CannotAskError(result.reason)
    except (CannotAskError, OSError, ValueError) as error:
        say(f"sloppy: {_sentence(error)}", told)
        return error.code if isinstance(error, CannotAskError) else 2
    printer = _Printer(controller, before, out, told)
    try:
        while not printer.print_what_came():
            changed.wait(0.5)  # bounded, so that Ctrl+C comes through everywhere
            changed.clear()
    except KeyboardInterrupt:
        controller.stop()
        printer.print_what_came()
        printer.end()
        return 130
    except BrokenPipeError:  # whoever read has read enough
        controller.stop()
        return 1
    return printer.end()


def _wait_for_prices(controller: AppController, changed: threading.Event) -> None:
    """A cap in money needs prices, which are read in the background."""
    end = time.monotonic() + PRICES_S
    while controller.caps().hold_money and controller.waits_for_prices() and time.monotonic() < end:
        changed.wait(0.1)
        changed.clear()


def _wait_for_servers(controller: AppController, changed: threading.Event) -> None:
    """MCP servers that were agreed to, and whose tools the discussion uses, start with it; each has a deadline."""
    end = time.monotonic() + SERVERS_S
    while any(one.status == "starting" for one in controller.server_states()) and time.monotonic() < end:
        changed.wait(0.1)
        changed.clear()


def _prepare(controller: AppController, prompt: Prompt, given: TextIO | None, told: TextIO) -> str:
    """Chooses, opens and attaches what *prompt* names; the text to ask."""
    if not controller.wait_until_set_up(SET_UP_S):
        raise CannotAskError("The user's folders cannot be found out; see `sloppy.py --headless` and its log.")
    for field, sentence in controller.settings.wrong:
        if (not field or field.endswith(CAPS)) and not prompt.over_cap:
            raise CannotAskError(f"{sentence} A cap may be lost: nothing was asked. Pass --over-cap to ask without it.")
        say(f"sloppy: {sentence}", told)
    variant = parse(prompt.model)
    if prompt.provider:
        controller.choose_provider(prompt.provider, variant.model or None, keep=False)
    elif prompt.model:
        controller.choose_provider(controller.snapshot().provider, variant.model, keep=False)
    controller.use_settings(variant.settings)
    for path in prompt.files:
        try:
            controller.composer.put(composer.read_attachment(path))
        except (OSError, ValueError) as error:
            raise CannotAskError(f"{path} cannot go along: {_sentence(error)}.") from error
    text = prepare(controller, prompt.setting, prompt.text)
    _check("TEXT", text)
    if given is not None:
        piped = given.read(MAX_INPUT + 1)
        if len(piped) > MAX_INPUT:
            raise CannotAskError(f"Standard input has more than {MAX_INPUT:,} characters.")
        _check("Standard input", piped)
        if piped.strip():
            controller.composer.put(
                Attachment("", "standard input", len(piped), 0, TextPart(scan.frame("standard input", piped)))
            )
    return text


def _compare(controller: AppController, prompt: Prompt, changed: threading.Event, out: TextIO, told: TextIO) -> int:
    """Asks several models, prints each answer under its name and a table; the exit code. Raises CannotAskError."""
    provider = controller.snapshot().provider
    known = {one.name for one in controller.providers.all()}
    models = []
    for name in prompt.models:
        first, _, rest = name.partition("/")
        models.append((first, rest) if rest and first in known else (provider, name))
    result = controller.comparison.ask(tuple(models), prompt.text, confirmed=prompt.over_cap)
    if not result.accepted:
        raise CannotAskError(result.reason)
    code = 0
    try:
        while controller.comparison.snapshot().is_running:
            changed.wait(0.5)
            changed.clear()
    except KeyboardInterrupt:
        controller.stop()
        code = 130
    columns = controller.comparison.snapshot().columns
    for column in columns:
        text = column.reply.text if column.reply is not None else ""
        shown = f"== {column.provider}/{column.name} ==\n{text}\n\n"
        out.write(harmless(shown) if out.isatty() else shown.encode(errors="replace").decode())
    out.write(harmless(table(columns)))
    out.flush()
    for column in columns:
        for reason in _faults(controller, column):
            say(f"sloppy: {column.provider}/{column.name}: {reason}", told)
            code = code or 1
    if any(column.over_cap for column in columns):
        say("sloppy: A cap held some of them back. Pass --over-cap to ask all the same.", told)
        return OVER_CAP if code in (0, 1) else code
    return code or int(not all(column.is_whole for column in columns))


def _faults(controller: AppController, column: Column) -> tuple[str, ...]:
    """What is wrong with the answer in *column*, in whole sentences."""
    if column.refusal or not column.is_whole:
        failed = column.end.reason if isinstance(column.end, Failed) else ""
        return (column.refusal or failed or "The answer may be cut.",)
    return _misfits(controller, controller.discussion.tree().turn(column.turn)) if column.turn else ()


class _Printer:
    """What of the answer is printed already; there are several replies when tools work. *before* are older turns."""

    def __init__(self, controller: AppController, before: int, out: TextIO, told: TextIO) -> None:
        self._controller = controller
        self._before = before
        self._reply = 0  # number of the one that is printed
        self._out = out
        self._told = told
        self._printed = 0
        self._last = ""
        self._retry = ""

    def print_what_came(self) -> bool:
        """Prints what is new; True when the answer has ended."""
        self._deny_all()
        turns = self._turns()
        state = self._controller.snapshot()
        replies = [turn.message.text for turn in turns if turn.message.role == "assistant"]
        # A reply that has ended in between could be a turn as well, or neither; the next look has it.
        if state.reply is not None and self._turns() == turns:
            replies.append(state.reply.text)
        if state.reply is not None or state.waiting:
            self._print_all(replies)
        retrying = state.reply.retrying if state.reply is not None else None
        if retrying is not None and retrying.reason != self._retry:
            self._retry = retrying.reason
            say(f"{retrying.reason} Trying again in {retrying.wait_s:.0f} s.", self._told)
        if state.reply is not None or state.waiting:
            return False
        self._print_all([turn.message.text for turn in self._turns() if turn.message.role == "assistant"])
        return True

    def end(self) -> int:
        """Ends the last line, tells cost and failure; the exit code."""
        if self._last and self._last != "\n":
            print(file=self._out, flush=True)
        state, turn = self._controller.snapshot(), self._answer()
        error = state.error
        if error:
            say(f"sloppy: {error}", self._told)
        if turn is not None:
            used = f"{turn.usage.input_tokens:,} in, {turn.usage.output_tokens:,} out" if turn.usage else "not counted"
            cost = str(turn.cost) if turn.cost is not None else self._guessed()
            say(f"{turn.message.provider} {turn.message.model} · {used} · {cost}", self._told)
        if state.over_cap:
            return OVER_CAP
        whole = turn is not None and isinstance(turn.end, Done)
        return 0 if whole and self._fits(turn) else 1

    def _guessed(self) -> str:
        """What the ledger takes the last request to have cost, which its provider did not count."""
        entries = self._controller.ledger.entries()
        cost = entries[-1].cost if entries else None
        return f"~{cost}" if cost is not None else "price unknown"

    def _fits(self, turn: Turn | None) -> bool:
        """Says where the answer does not follow its schema; True when it does, or has none."""
        errors = _misfits(self._controller, turn) if turn is not None else ()
        for error in errors:
            say(f"sloppy: {error}", self._told)
        return not errors

    def _answer(self) -> Turn | None:
        turns = self._controller.discussion.snapshot().turns
        return turns[-1] if turns and turns[-1].message.role == "assistant" else None

    def _turns(self) -> tuple[Turn, ...]:
        return self._controller.discussion.snapshot().turns[self._before :]

    def _deny_all(self) -> None:
        """What would ask a person is denied: here is none."""
        for asked in self._controller.approvals.snapshot():
            if self._controller.approvals.deny(asked.id):
                say(
                    f"sloppy: {asked.title}: not done, for nobody can be asked here. Use the window for it.", self._told
                )

    def _print_all(self, replies: list[str]) -> None:
        """Prints what is new in the *replies*, each on lines of its own."""
        for number, text in enumerate(replies[self._reply :], self._reply):
            if number > self._reply:
                if self._last and self._last != "\n":
                    self._write("\n")
                self._reply, self._printed = number, 0
            if len(text) > self._printed:
                piece, self._printed = text[self._printed :], len(text)  # first: Ctrl+C comes in the middle
                self._write(piece)

    def _write(self, piece: str) -> None:
        self._last = piece[-1]
        # A pipe gets what came, but for half a surrogate pair, which UTF-8 has no bytes for.
        self._out.write(harmless(piece) if self._out.isatty() else piece.encode(errors="replace").decode())
        self._out.flush()


def _misfits(controller: AppController, turn: Turn) -> tuple[str, ...]:
    """Where the answer does not follow its schema; empty when it does, or has none."""
    if not turn.schema:
        return ()
    checked = threading.Event()
    controller.on_change(checked.set)
    while (fit := controller.fit_of(turn)) is None:
        checked.wait(0.5)
        checked.clear()
    return fit.errors


def spent(controller: AppController, style: str, out: TextIO, told: TextIO) -> int:
    """Prints what was spent, as a table or as CSV; the exit code. What of the ledger cannot be read goes to *told*."""
    if not controller.wait_until_set_up(SET_UP_S):
        return 2
    ledger = controller.ledger
    if ledger.failure:
        say(f"sloppy: {ledger.notice}", told)
        return 2
    if ledger.notice:
        say(f"sloppy: {ledger.notice}", told)
    entries = ledger.entries()
    out.write(report.to_csv(entries) if style == "csv" else report.table(entries, day_of(time.time())))
    out.flush()
    return 0


def _check(what: str, text: str) -> None:
    """Raises CannotAskError when *text* holds a secret: nobody can be asked here whether it is to go out."""
    if found := current().find_known(text) or find_secret(text):
        raise CannotAskError(f"{what} holds {found}. Take it out, or send it in the window, which asks you first.")


def _sentence(error: BaseException) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def standard_input() -> TextIO | None:
    """Standard input when something is piped into it."""
    return None if sys.stdin is None or sys.stdin.isatty() else sys.stdin
