"""The language server: answers from the last round, says so where that is older than the files, and works out the next.

**Guarantees**
- One round runs at a time, in a thread of its own; requests are answered meanwhile, from the round before.
- An answer that is older than what was saved, or than the text in the editor, says so in its words.
- Nothing of the project runs, and no file is written: an editor makes the changes that are offered.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from importguard import errors
from importguard.errors import FixError, ImportGuardError
from importguard.findings import Finding, Severity
from importguard.lsp import words
from importguard.lsp.lines import differences, moved
from importguard.lsp.picture import Picture, change, step_of, take, text_of
from importguard.printable import counted
from importguard.project.start import Start
from importguard.session import Session
from importguard.source.import_site import Location

_PATIENCE_S = 0.1  # how long an answer waits for a round that is on its way
_SWITCH_S = 0.001  # a request comes before the round that runs beside it
_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}
_FIX = lsp.CodeActionKind.QuickFix
_OLD = "before the last save: "
_UNSAVED = "as saved: "

Watch = Callable[[Path, threading.Event], Iterable[Iterable[tuple[object, str]]]]
Choose = Callable[[Path | None], tuple[tuple[Start, ...], Session]]


class Server(LanguageServer):
    """*choose* names the starts, and a session, for the folder that the editor has open."""

    def __init__(self, choose: Choose, watch: Watch) -> None:
        super().__init__("importguard", version("importguard"))
        self._choose, self._watch = choose, watch
        self._root: Path | None = None
        self.picture: Picture | None = None
        self._asked, self._began = False, 0.0
        self._working: asyncio.Task[None] | None = None
        self._fresh = asyncio.Event()
        self._stop = threading.Event()
        self._rounds = ThreadPoolExecutor(1, "importguard-round")
        self._published: set[str] = set()
        self._complaint = ""
        _register(self)

    # Rounds

    def begin(self, root: Path | None) -> None:
        """Works out the project in *root*, and again after each change in it."""
        gc.enable()  # the command line has switched it off, for one run
        sys.setswitchinterval(_SWITCH_S)
        self._root = root
        self.ask()
        loop = asyncio.get_running_loop()

        def follow() -> None:
            for changes in self._watch(root or Path.cwd(), self._stop):
                if any(self._is_news(path) for _, path in changes):
                    loop.call_soon_threadsafe(self.ask)

        threading.Thread(target=follow, name="importguard-watch", daemon=True).start()

    def _is_news(self, path: str) -> bool:
        """Whether the file may have changed after the last round began: an editor has reported most saves already."""
        try:
            return os.name == "nt" or os.stat(path).st_ctime >= self._began
        except OSError:  # it is gone
            return True

    def end(self) -> None:
        """No further round."""
        self._stop.set()
        self._rounds.shutdown(wait=False, cancel_futures=True)

    def ask(self) -> None:
        """What is known may be old: there has to be another round."""
        self._asked = True
        self._fresh.clear()
        if self._working is None or self._working.done():
            self._working = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._asked and not self._stop.is_set():
            self._asked, self._began = False, time.time()
            paths = [path for uri in self.workspace.text_documents if (path := to_fs_path(uri)) is not None]
            try:
                self.picture = await loop.run_in_executor(self._rounds, take, lambda: self._choose(self._root), paths)
                self._complaint = ""
            except ImportGuardError as error:
                self._complain(str(error))
        self._fresh.set()
        self._publish()
        refresh = self.client_capabilities.workspace
        if refresh is not None and refresh.inlay_hint is not None and refresh.inlay_hint.refresh_support:
            await self.workspace_inlay_hint_refresh_async(None)

    def _complain(self, sentence: str) -> None:
        if sentence != self._complaint:
            self._complaint = sentence
            self.say(f"importguard: {sentence}")

    def say(self, sentence: str) -> None:
        """Shows a sentence to the user."""
        self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, sentence))

    async def known(self) -> tuple[Picture | None, bool]:
        """The last round, and whether it is of what is saved; waits a moment for one that is on its way."""
        if not self._fresh.is_set():
            try:
                await asyncio.wait_for(self._fresh.wait(), _PATIENCE_S)
            except TimeoutError:
                return self.picture, False
        return self.picture, not self._complaint

    # Documents

    def text(self, uri: str) -> str:
        """What the editor has of a document; else what is on disk; empty where that is none."""
        try:
            return self.workspace.get_text_document(uri).source
        except (OSError, UnicodeDecodeError):  # renamed or deleted: an editor may ask once more
            return ""

    def now(self, uri: str, picture: Picture) -> tuple[str, dict[int, int], str]:
        """The path of a document, where the lines of the round are in it, and what is to be said of its age."""
        path = to_fs_path(uri) or ""
        text = self.text(uri).replace("\r\n", "\n")
        saved = picture.texts.get(path)
        if saved is None:  # it was opened after the round
            saved = text_of(path) or ""
        return path, moved(saved, text), "" if text == saved else _UNSAVED

    # Findings

    def _publish(self) -> None:
        picture = self.picture
        if picture is None:
            return
        old = self._complaint and f"Of an earlier state, as importguard cannot check this one: {self._complaint}\n"
        for path in sorted(self._published | picture.paths):
            found = [self._diagnostic(one, path, old) for one in picture.findings(path)]
            uri = from_fs_path(path)
            if uri is not None:
                self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found))
        self._published = picture.paths

    @staticmethod
    def _diagnostic(finding: Finding, path: str, old: str) -> lsp.Diagnostic:
        places = [one.location for one in finding.statements if one.location.path == path] or [finding.location]
        others = [one.location for one in finding.statements if one.location != places[0]]
        related = [
            lsp.DiagnosticRelatedInformation(
                lsp.Location(from_fs_path(place.path) or "", _whole(place.line)), "This statement has to go, too"
            )
            for place in others
        ]
        home = f"{errors.HOME}/rules/{finding.code.lower()}/"
        return lsp.Diagnostic(
            _whole(places[0].line),
            f"{old}{words.message(finding)}",
            severity=_SEVERITY[finding.severity],
            code=finding.code,
            code_description=lsp.CodeDescription(home) if errors.HOME else None,
            source="importguard",
            related_information=related or None,
        )

    # Changes

    async def edited(self, place: Location) -> lsp.WorkspaceEdit | None:
        """What `fix` makes of the statement at *place*, as edits; None, and a sentence, where it makes nothing."""
        picture = self.picture
        try:
            if picture is None:
                raise FixError("the start is still being worked out; try again in a moment")
            loop = asyncio.get_running_loop()
            proposal = await loop.run_in_executor(self._rounds, change, picture, place)
            return self._workspace_edit([(one.original.path, one.original.text, one.text) for one in proposal.edits])
        except ImportGuardError as error:
            self.say(f"importguard: {error}")
            return None

    def _workspace_edit(self, texts: Iterable[tuple[str, str, str]]) -> lsp.WorkspaceEdit:
        changes: list[Any] = []
        for path, before, after in texts:
            uri = from_fs_path(path) or ""
            opened = self.workspace.text_documents.get(uri)
            if opened is not None and opened.source.replace("\r\n", "\n").removeprefix("\ufeff") != before:
                raise FixError(f"{path} has changes that are not saved; save it, then try again")
            edits: list[Any] = [
                lsp.TextEdit(lsp.Range(lsp.Position(start, 0), lsp.Position(end, 0)), text)
                for start, end, text in differences(before, after)
            ]
            named = lsp.OptionalVersionedTextDocumentIdentifier(uri, opened.version if opened is not None else None)
            changes.append(lsp.TextDocumentEdit(named, edits))
        return lsp.WorkspaceEdit(document_changes=changes)

    def resolves(self) -> bool:
        """Whether the editor asks for a change only when the user has chosen it."""
        document = self.client_capabilities.text_document
        support = document.code_action.resolve_support if document and document.code_action else None
        return support is not None and "edit" in support.properties


def _whole(line: int) -> lsp.Range:
    return lsp.Range(lsp.Position(max(line - 1, 0), 0), lsp.Position(max(line, 1), 0))


def _register(server: Server) -> None:
    """The requests that are answered."""
    server.feature(lsp.INITIALIZED)(_initialized)
    server.feature(lsp.SHUTDOWN)(_shutdown)
    server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)(_saved)
    server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)(_opened)
    server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT, lsp.InlayHintOptions(resolve_provider=True))(_hints)
    server.feature(lsp.INLAY_HINT_RESOLVE)(_tip)
    server.feature(lsp.TEXT_DOCUMENT_HOVER)(_hover)
    offered = lsp.CodeActionOptions(code_action_kinds=[_FIX], resolve_provider=True)
    server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, offered)(_actions)
    server.feature(lsp.CODE_ACTION_RESOLVE)(_resolve)


def _initialized(ls: Server, _params: lsp.InitializedParams) -> None:
    folders = [path for uri in ls.workspace.folders if (path := to_fs_path(uri)) is not None]
    root = ls.workspace.root_path or next(iter(folders), None)
    if root is not None and len(folders) > 1:
        others = counted(len(folders) - 1, "other folder")
        ls.say(f"importguard: {root} is looked at, the {others} of this window not: open each in a window of its own.")
    ls.begin(Path(root) if root else None)


def _shutdown(ls: Server, *_: object) -> None:
    ls.end()


def _saved(ls: Server, _params: lsp.DidSaveTextDocumentParams) -> None:
    ls.ask()


def _opened(_ls: Server, _params: lsp.DidOpenTextDocumentParams) -> None:
    """The text is kept by pygls."""


async def _hints(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    picture, fresh = await ls.known()
    if picture is None:
        return []
    path, lines, age = ls.now(params.text_document.uri, picture)
    age = age if fresh else _OLD
    found = []
    source = ls.text(params.text_document.uri).splitlines(keepends=True)
    for line, (_, known) in picture.lines(path).items():
        at, text = lines.get(line), words.label(known)
        if at is None or not text or not params.range.start.line <= at - 1 <= params.range.end.line:
            continue
        end = len(source[at - 1].rstrip("\r\n").encode("utf-16-le")) // 2 if at <= len(source) else 0
        data = {"path": path, "line": line}
        found.append(lsp.InlayHint(lsp.Position(at - 1, end), f"{age}{text}", padding_left=True, data=data))
    return found


def _tip(ls: Server, hint: lsp.InlayHint) -> lsp.InlayHint:
    """The hint with its explanation, which takes longer than its label."""
    known = None
    if ls.picture is not None and isinstance(hint.data, dict):
        known = ls.picture.line(Location(str(hint.data["path"]), int(hint.data["line"])))
    if known is not None:
        hint.tooltip = lsp.MarkupContent(lsp.MarkupKind.Markdown, words.explained(*known))
    return hint


async def _hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    picture, fresh = await ls.known()
    if picture is None:
        return None
    path, lines, age = ls.now(params.text_document.uri, picture)
    line = next((before for before, at in lines.items() if at == params.position.line + 1), 0)
    place = Location(path, line)
    known = picture.line(place)
    codes = [
        one.code
        for one in picture.findings(path)
        if place in {one.location, *(each.location for each in one.statements)}
    ]
    parts = [words.explained(*known)] if known is not None else []
    parts += [words.page(code) for code in dict.fromkeys(codes)]
    if not parts:
        return None
    age = age if fresh else _OLD
    head = [f"_{age.rstrip(': ').capitalize()}_"] if age else []
    text = "\n\n---\n\n".join([*head, *parts])
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), _whole(params.position.line + 1))


async def _actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    picture, fresh = await ls.known()
    if picture is None or not fresh:
        return []
    path, lines, age = ls.now(params.text_document.uri, picture)
    found = []
    for line, (facts, known) in picture.lines(path).items():
        at = lines.get(line, 0) - 1
        if age or not known.own or not params.range.start.line <= at <= params.range.end.line:
            continue
        step = step_of(picture, facts.analysis, known.location)
        if not known.saved and step is None:
            continue
        what = f"importguard: {_title(step, words.label(known))}"
        data = {"path": path, "line": line}
        edit = None if ls.resolves() else await ls.edited(known.location)
        mine = [one for one in params.context.diagnostics if one.source == "importguard"]
        found.append(lsp.CodeAction(what, kind=_FIX, diagnostics=mine or None, data=data, edit=edit))
    return found


async def _resolve(ls: Server, action: lsp.CodeAction) -> lsp.CodeAction:
    if action.edit is None and isinstance(action.data, dict):
        action.edit = await ls.edited(Location(str(action.data["path"]), int(action.data["line"])))
    return action


def _title(step: Any, label: str) -> str:
    if step is not None and len(step.statements) > 1:
        return f"cut {step.subject} from the start: {counted(len(step.statements), 'statement')}"
    return f"take this import out of the start ({label})"
