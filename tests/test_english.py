"""Docstrings, comments and pages are plain English: a list of the words that were this project's own dialect.

A word in backticks or in a block of code is a name and is not looked at. What is right in its place is in `MEANT`.
"""

import ast
import io
import re
import tokenize

import pytest
from tests.repository import ROOT

REFUSED = {
    r"\btaken to\b": "say `we assume that`",
    r"\b(?:is|are|be|was|were|wants? to be) told\b": "say `is reported`, `is called with`, `gets`",
    r"\btold (?:so|of|by)\b": "say `gets an answer`, `reported in`",
    r"\bmend(?:s|ed|ing)?\b": "say `fix`, `repair`, `correct`",
    r"\bin turn\b": "say `alternating`, `one after another`",
    r"\bfor ever\b": "say `without end`, `always`",
    r"\btakes? (?:\w+ ){1,4}over\b": "say `inherits`, `replaces`",
    r"\bstands\b(?! (?:for|in for|in place of)\b)": "say `is`, `comes`, `occurs`",
    r"\bbefore a hand\b": "say `before you can click`",
}
# The place of a word in its everyday sense: (file, words around it).
MEANT: set[tuple[str, str]] = set()
FOLDERS = ("src", "scripts", "docs", "tools/importguard/src")


def plain(line):
    return re.sub(r"`[^`]*`", "", line)


def lines_of_page(path):
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fenced ^= line.startswith("```")
        if not fenced:
            yield number, plain(line)


def lines_of_source(path):
    content = path.read_bytes()
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False)
            for offset, line in enumerate(text.split("\n") if text else ()):
                yield node.body[0].lineno + offset, plain(line)
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], plain(token.string)


ANY = re.compile("|".join(REFUSED))


def may_have_one(text):
    """Whether a line has a refused word anywhere, code included: most files have none and need no tokens."""
    return any(ANY.search(line) or ANY.search(plain(line)) for line in text.splitlines())


def findings(path):
    if not may_have_one(path.read_text(encoding="utf-8")):
        return []
    name = path.relative_to(ROOT).as_posix()
    lines = lines_of_page(path) if path.suffix == ".md" else lines_of_source(path)
    return [
        f"{name}:{number}: {found[0]!r}: {advice}"
        for number, line in lines
        for pattern, advice in REFUSED.items()
        if (found := re.search(pattern, line)) and not any(file == name and said in line for file, said in MEANT)
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_words_of_the_old_dialect_are_gone(folder):
    paths = [path for kind in ("*.py", "*.md") for path in sorted((ROOT / folder).rglob(kind))]
    assert [one for path in paths for one in findings(path)] == []


def test_a_refused_word_is_named_with_its_place_and_what_to_say(tmp_path, monkeypatch):
    monkeypatch.setitem(findings.__globals__, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text('"""The caller is told."""\nx = 1  # it is taken to start\n"is told"\n')
    (tmp_path / "b.md").write_text("Runs for ever.\n```\nfor ever\n```\n`for ever`\n")
    assert [*findings(tmp_path / "a.py"), *findings(tmp_path / "b.md")] == [
        "a.py:1: 'is told': say `is reported`, `is called with`, `gets`",
        "a.py:2: 'taken to': say `we assume that`",
        "b.md:1: 'for ever': say `without end`, `always`",
    ]
