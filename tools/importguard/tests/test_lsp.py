"""`importguard lsp` as an editor meets it: a real client over standard input and output."""

import asyncio
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

FILES = {
    "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\n',
    "app.py": "import json\nimport colorsys\n\n\ndef show():\n    return colorsys.ONE_THIRD, json\n",
}


MOVED = (  # what the fix makes of app.py: where the language has it, the import waits where it is
    "import json\nlazy import colorsys\n\n\ndef show():\n    return colorsys.ONE_THIRD, json\n"
    if sys.version_info >= (3, 15)
    else "import json\n\n\ndef show():\n    import colorsys\n    return colorsys.ONE_THIRD, json\n"
)
WARM = {
    "importguard.toml": FILES["importguard.toml"] + 'manifest = "warmup_manifest.json"\nallow = ["importguard"]\n',
    "app.py": "import importguard.warmup\nimport colorsys\n\n\ndef show():\n    return colorsys, importguard\n",
}


class Editor:
    """What a user of an editor does and sees."""

    def __init__(self, root, client):
        self.root, self.client = root, client
        self.diagnostics, self.messages, self.rounds = {}, [], asyncio.Queue()

    def uri(self, name):
        return (self.root / name).as_uri()

    async def begin(self, resolve=True, folders=()):
        support = lsp.ClientCodeActionResolveOptions(["edit"]) if resolve else None
        document = lsp.TextDocumentClientCapabilities(
            code_action=lsp.CodeActionClientCapabilities(resolve_support=support)
        )
        workspace = lsp.WorkspaceClientCapabilities(inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(True))
        params = lsp.InitializeParams(
            lsp.ClientCapabilities(workspace=workspace, text_document=document),
            root_uri=None if folders else self.root.as_uri(),
            workspace_folders=[lsp.WorkspaceFolder((self.root / one).as_uri(), one) for one in folders] or None,
        )
        await self.client.initialize_async(params)
        self.client.initialized(lsp.InitializedParams())

    async def round(self):
        """The next round is done: the server wants its hints asked for again."""
        await asyncio.wait_for(self.rounds.get(), 60)

    def open(self, name):
        text = (self.root / name).read_text()
        item = lsp.TextDocumentItem(self.uri(name), lsp.LanguageKind.Python, 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def type(self, name, text, version=2):
        named = lsp.VersionedTextDocumentIdentifier(version, self.uri(name))
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(named, [change]))

    async def save(self, name, text, version=3):
        self.type(name, text, version)
        (self.root / name).write_text(text)
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(self.uri(name))))

    async def hints(self, name):
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(1000, 0))
        params = lsp.InlayHintParams(lsp.TextDocumentIdentifier(self.uri(name)), whole)
        found = await self.client.text_document_inlay_hint_async(params)
        return {one.position.line + 1: one.label for one in found or ()}

    async def tip(self, name, line):
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(1000, 0))
        params = lsp.InlayHintParams(lsp.TextDocumentIdentifier(self.uri(name)), whole)
        found = await self.client.text_document_inlay_hint_async(params)
        (hint,) = [one for one in found if one.position.line + 1 == line]
        return (await self.client.inlay_hint_resolve_async(hint)).tooltip.value

    async def hover(self, name, line):
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(self.uri(name)), lsp.Position(line - 1, 2))
        found = await self.client.text_document_hover_async(params)
        return found and found.contents.value

    async def actions(self, name, line):
        there = lsp.Range(lsp.Position(line - 1, 0), lsp.Position(line - 1, 0))
        params = lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(self.uri(name)), there, lsp.CodeActionContext(self.diagnostics.get(name, []))
        )
        return await self.client.text_document_code_action_async(params) or []

    async def chosen(self, name, line):
        (action,) = await self.actions(name, line)
        return (await self.client.code_action_resolve_async(action)).edit


@pytest.fixture
def edit(tmp_path, write):
    """`edit(steps, files)`: an editor that has a project's folder open does the *steps*."""

    def run(steps, files=FILES, *arguments):
        root = write(files)
        asyncio.run(asyncio.wait_for(_session(root, steps, arguments), 200))
        return root

    return run


async def _session(root, steps, arguments):
    client = LanguageClient("test", "1")
    editor = Editor(root, client)

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params):
        editor.diagnostics[Path(params.uri).name] = list(params.diagnostics)

    @client.feature(lsp.WINDOW_SHOW_MESSAGE)
    def shown(params):
        editor.messages.append(params.message)

    @client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)
    def refreshed(*_):
        editor.rounds.put_nowait(None)

    @client.feature(lsp.WINDOW_LOG_MESSAGE)
    def logged(params):
        """Not looked at."""

    await client.start_io(sys.executable, "-m", "importguard", "lsp", *arguments)
    try:
        await steps(editor)
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()


def applied(text, edit, uri):
    """The *text* of a document after its part of an edit of the workspace."""
    lines = text.splitlines(keepends=True)
    (change,) = [one for one in edit.document_changes if one.text_document.uri == uri]
    for one in sorted(change.edits, key=lambda one: -one.range.start.line):
        lines[one.range.start.line : one.range.end.line] = [one.new_text]
    return "".join(lines)


def test_import_lines_show_cost_and_modules_and_findings_have_their_page(edit):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        hints = await editor.hints("app.py")
        assert hints.keys() == {1, 2}
        assert hints[2].endswith(" ms, 1 module")
        (found,) = editor.diagnostics["app.py"]
        assert (found.code, found.source, found.range.start.line) == ("IG101", "importguard", 1)
        assert "colorsys is imported eagerly on the main thread" in found.message
        said = await editor.hover("app.py", 2)
        assert "Without this statement the start loads 1 module of" in said
        assert "Chain: `__main__` → `colorsys` (app.py:2)" in said
        assert "**IG101**: Heavy package imported eagerly" in said
        assert await editor.hover("app.py", 6) is None
        assert said.startswith(await editor.tip("app.py", 2))

    edit(steps)


def test_a_file_behind_the_entry_has_hints_too_and_a_shared_import_says_so(edit):
    async def steps(editor):
        await editor.begin()
        await editor.round()
        editor.open("lib.py")
        assert (await editor.hints("lib.py"))[1].startswith("shared: ")
        assert "loads the same: others import it, too" in await editor.hover("lib.py", 1)

    edit(steps, {**FILES, "app.py": "import lib, json\n", "lib.py": "import json\n"})


def test_the_fix_of_a_statement_is_offered_as_an_edit(edit):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        change = await editor.chosen("app.py", 2)
        text = applied(FILES["app.py"], change, editor.uri("app.py"))
        assert text == MOVED
        assert (await editor.actions("app.py", 5)) == []

    root = edit(steps)
    assert (root / "app.py").read_text() == FILES["app.py"]  # an editor writes, not the server


def test_in_a_program_that_warms_the_fix_leaves_the_import_to_the_warmup(edit):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        text = applied(WARM["app.py"], await editor.chosen("app.py", 2), editor.uri("app.py"))
        assert '    colorsys = _require_warmed("colorsys")\n' in text
        assert "from importguard.warmup import require_warmed as _require_warmed\n" in text

    edit(steps, WARM)


def test_an_editor_that_resolves_nothing_gets_the_edit_at_once(edit):
    async def steps(editor):
        await editor.begin(resolve=False)
        editor.open("app.py")
        await editor.round()
        (action,) = await editor.actions("app.py", 2)
        assert applied(FILES["app.py"], action.edit, editor.uri("app.py")) == MOVED

    edit(steps)


def test_a_statement_that_cannot_move_is_explained(edit):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        assert await editor.chosen("app.py", 1) is None
        assert editor.messages == ["importguard: app.py:1 stays: colorsys is used in a call at import (app.py:2)"]

    edit(steps, {**FILES, "app.py": "import colorsys\nprint(colorsys)\n"})


def test_a_text_that_is_not_saved_shows_old_figures_as_such_and_where_the_lines_are_now(edit):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        editor.type("app.py", "# new\n" + FILES["app.py"])
        hints = await editor.hints("app.py")
        assert hints.keys() == {2, 3}
        assert all(one.startswith("as saved: ") for one in hints.values())
        assert (await editor.hover("app.py", 3)).startswith("_As saved_")
        assert await editor.actions("app.py", 3) == []

    edit(steps)


def test_a_save_is_followed_by_new_figures_and_findings(edit):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        await editor.save("app.py", "import json\n")
        await editor.round()
        assert (await editor.hints("app.py")).keys() == {1}
        assert editor.diagnostics["app.py"] == []

    edit(steps)


def test_until_the_round_after_a_save_is_done_what_is_shown_says_its_age(edit, monkeypatch):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        (editor.root / "importguard.toml").write_text("entry = 3")
        await editor.save("app.py", FILES["app.py"])
        await editor.round()
        assert (await editor.hints("app.py"))[2].startswith("before the last save: ")
        assert "`entry`" in editor.messages[0]
        assert editor.diagnostics["app.py"][0].message.startswith("Of an earlier state")

    edit(steps)


def test_a_file_that_something_else_changes_is_seen(edit):
    async def steps(editor):
        await editor.begin()
        editor.open("app.py")
        await editor.round()
        (editor.root / "lib.py").write_text("import colorsys\n")
        (editor.root / "app.py").write_text("import lib\n")
        while "lib.py" not in editor.diagnostics:
            await editor.round()
        assert editor.diagnostics["lib.py"][0].code == "IG101"

    edit(steps)


def test_of_two_folders_the_first_is_looked_at_and_it_says_so(edit):
    async def steps(editor):
        await editor.begin(folders=("one", "two"))
        await editor.round()
        editor.open("one/app.py")
        editor.open("two/app.py")
        assert (list(await editor.hints("one/app.py")), await editor.hints("two/app.py")) == ([1, 2], {})
        (said,) = editor.messages
        assert f"{editor.root / 'one'} is looked at, the 1 other folder of this window not" in said

    edit(steps, {f"{folder}/{name}": text for folder in ("one", "two") for name, text in FILES.items()})


def test_a_file_that_is_renamed_has_no_hints_and_its_new_name_has_them(edit):
    async def steps(editor):
        await editor.begin()
        await editor.round()
        editor.open("part.py")
        assert list(await editor.hints("part.py")) == [1]
        (editor.root / "part.py").rename(editor.root / "other.py")
        closed = lsp.TextDocumentIdentifier(editor.uri("part.py"))
        editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(closed))
        await editor.save("app.py", "import other\n")
        await editor.round()
        editor.open("other.py")
        assert (await editor.hints("part.py"), list(await editor.hints("other.py"))) == ({}, [1])
        assert await editor.hover("part.py", 1) is None
        assert await editor.actions("part.py", 1) == []

    edit(steps, {**FILES, "app.py": "import part\n", "part.py": "import colorsys\nx = colorsys\n"})


def test_without_what_it_speaks_with_it_says_what_to_install(run, write, monkeypatch):
    write(FILES)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("lsp")
    assert (result.returncode, "pip install 'importguard[lsp]'" in result.stderr) == (2, True)
