"""Names that files and modules of a stranger may have: no report lets one of them be anything but text."""

import json
import os
import re
import sys
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from importguard.cli import main

NAMES = (
    "x\x1b[31mred\x1b[0m",
    "x\x9b31m",
    "x\x07\x7f\u202e",
    "x\r\n::error::made up",
    "::add-mask::x",
    "  ::stop-commands::x",
    "x##[set-output name=a]b",
    "x##vso[task.setvariable variable=a]b",
    "%0A::error::x",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)<!--",
    "]]>&lt;x;",
    "a`b``c",
    "a|b",
    "[click](javascript:alert)",
    "![x](evil)",
    "@everyone",
    "www-evil **bold** ~~gone~~ $x$",
    '"]; evil -> evil [label="',
    "x\\",
    "[bold red]x[",
    ":skull:",
    "{0}{x!r}",
    os.fsdecode(b"x\xff\xfe"),
)
ABSENT = ("nope\x1b[2J", "https://evil.example/x", "www.evil.example", *(f"{name}-" for name in NAMES))
CHECKS = ("text", "json", "sarif", "github", "junit", "markdown")
GRAPHS = ("text", "json", "html", "dot", "mermaid")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A program that imports all of them by name, in a folder that has such a name itself."""
    root = tmp_path_factory.mktemp("names") / "in\x1b[7m`|<b>"
    root.mkdir()
    for name in NAMES:
        (root / f"{name}.py").write_text("import missing_one\n")
    imports = [f"importlib.import_module({name!r})" for name in (*NAMES, *ABSENT)]
    (root / "app\x1b[7m.py").write_text("\n".join(["import importlib", *imports]))
    heavy = [name for name in NAMES if name.isprintable()]
    settings = {"entry": "app\x1b[7m.py", "heavy": heavy, "manifest": "m|`<b>.json", "lock": "::lock::x"}
    lines = [f"{key} = {json.dumps(value).replace(chr(127), '')}" for key, value in settings.items()]
    (root / "importguard.toml").write_text("\n".join(lines))
    return root


@pytest.fixture
def call(project, monkeypatch, capfd):
    def run(*arguments, folder=project):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["importguard", *arguments])
        for name in ("stdout", "stderr"):  # as a process has them: a file descriptor behind an encoding
            stream = open(os.dup(1 + (name == "stderr")), "w", encoding="utf-8")  # noqa: SIM115  closed with the test
            monkeypatch.setattr(sys, name, stream)
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.flush()
        sys.stderr.flush()
        return ended.value.code, *capfd.readouterr()

    return run


def controls(text):
    return sorted({char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs"} and char not in "\n\t"})


def commands(text):
    found = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    return found + re.findall(r"##\w*\[", text)


@pytest.mark.parametrize("style", CHECKS)
def test_a_report_holds_no_control_character_and_no_command(call, style):
    if style != "json":
        call("lock", "--write")
    code, shown, complaint = call("check", "--format", style)
    said = complaint.removeprefix("importguard: Looked at Python") if style == "github" else complaint
    assert (code, controls(shown), controls(complaint)) == (1, [], [])
    assert complaint == "" or said != complaint
    made = commands(shown)
    if style == "github":
        ours = re.compile(r"::(error|warning) file=[^:,]*,line=\d+,title=IG\d{3}::[^\n]*")
        made = [line for line in made if not ours.fullmatch(line)]
    assert made == []


@pytest.mark.parametrize("style", GRAPHS)
def test_a_graph_holds_no_control_character_and_no_command(call, style):
    code, shown, complaint = call("graph", "--format", style)
    assert (code, complaint, controls(shown), commands(shown)) == (0, "", [], [])


@pytest.mark.parametrize(
    "arguments",
    [("why", NAMES[0]), ("why", "nope\x1b[2J"), ("lock",), ("lock", "--write"), ("manifest",), ("manifest", "--write"),
     ("manifest", "--check"), ("check", "no\x1b[2J.py"), ("check", "--python", "no\x1b[2J")],
)  # fmt: skip
def test_no_command_says_one(call, arguments):
    _, shown, complaint = call(*arguments)
    assert (controls(shown + complaint), commands(shown + complaint)) == ([], [])


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, tuple(sorted(name for name, _ in attributes))))


def test_the_page_has_the_elements_of_its_template(call, tmp_path):
    (tmp_path / "app.py").write_text("")
    _, template, _ = call("graph", "app.py", "--format", "html", folder=tmp_path)
    _, page, _ = call("graph", "--format", "html")
    assert Tags(page).found == Tags(template).found
    assert "alert(1)" in page


def test_markdown_makes_no_link_image_or_element_of_a_name(call):
    _, shown, _ = call("check", "--format", "markdown")
    text = shown.replace("<!-- -->", "")
    page = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    assert {tag for tag, _ in Tags(page).found} <= {
        "p",
        "strong",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
    }
    assert page.count("<strong>") == 1
    rows = page.split("<tr>")[1:]
    assert {row.count("<td") for row in rows if "<th" not in row} == {4}
    assert re.findall(r"(?<!`)@(?!<!-- -->)\w", re.sub(r"(`+).*?\1", "", shown)) == []
    assert re.findall(r"https?://|www\.", re.sub(r"(`+).*?\1", "", shown)) == []


def test_junit_holds_the_names_as_text(call):
    _, shown, _ = call("check", "--format", "junit")
    document = ET.fromstring(shown)
    assert {element.tag for element in document.iter()} <= {
        "properties", "property", "testsuites", "testsuite", "testcase", "failure", "system-out",
    }  # fmt: skip
    assert any("<img src=x onerror=alert(1)>" in (one.get("message") or "") for one in document.iter("failure"))


def test_sarif_makes_no_link_of_a_name(call):
    _, shown, _ = call("check", "--format", "sarif")
    results = json.loads(shown)["runs"][0]["results"]
    texts = [result["message"]["text"] for result in results]
    assert any(r"\[click\](javascript:alert)" in text for text in texts)
    assert [text for text in texts if re.search(r"(?<!\\)(\\\\)*[\[\]]", text)] == []


def test_a_diagram_has_only_nodes_and_edges(call):
    _, dot, _ = call("graph", "--format", "dot")
    text = r'"(?:[^"\\]|\\.)*"'
    lines = dot.splitlines()[4:-1]
    assert [line for line in lines if not re.fullmatch(rf"  {text}( -> {text})?;", line)] == []
    _, mermaid, _ = call("graph", "--format", "mermaid")
    node = r'  m\d+\["[\w ._#;-]*"\]|  m\d+ --> m\d+'
    assert [line for line in mermaid.splitlines()[2:] if not re.fullmatch(node, line)] == []


def test_a_first_configuration_is_what_it_says(call, tmp_path):
    """Folders and files are named in it: none of them adds a setting."""
    import tomllib

    for name in ('x"\npython = "evil', *(name for name in NAMES if "/" not in name)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__main__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text('[project.scripts]\n"a\\npython = 3 #" = "b\\"\\nc:main"')
    (tmp_path / "directory.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    code, shown, _ = call("init", folder=tmp_path)
    assert (code, controls(shown)) == (0, [])
    made = tomllib.loads((tmp_path / "importguard.toml").read_text())
    assert set(made) == {"entry", "heavy_ms", "allow"}
    assert len(made["entry"]) > 10
    assert {tuple(start) for start in made["entry"]} == {("run_module",)}
