"""MCP servers written into a project's file: what is said of each, and every other line as it was."""

import tomllib

import pytest
import tomlkit
from src.project import file as project_file
from src.project.server_table import put
from src.project.servers import Server, line_of, parse_line
from tests.project.test_project import folder, open_project

__all__ = ["folder", "open_project"]  # fixtures
TIME = Server("time", ("uvx", "mcp-server-time"))
MAP = Server("map", url="https://maps.example.org/mcp")
KEPT = """\
# mine
schema = 1  # one
name = "w"

[mcp.old]  # kept
# why it is here
command = ["run", "it"]  # so

[mcp.broken]
what = "nobody knows"

[presets]
short = "Be short."
"""
SHAPES = {
    "no table": "schema = 1\n",
    "no table, and another at the end": "schema = 1\n[presets]\na = 'b'\n",
    "one server": "[mcp.old]\ncommand = ['run']\n",
    "a table of its own": "[mcp]\n[mcp.old]\ncommand = ['run']\n[presets]\na = 'b'\n",
    "out of order": "[mcp.old]\ncommand = ['run']\n[presets]\na = 'b'\n[mcp.other]\nurl = 'https://a.example'\n",
    "inline": "mcp = {old = {command = ['run']}}\n",
    "inline rows": "[mcp]\nold = {command = ['run']}\n",
    "dotted": "mcp.old.command = ['run']\nschema = 1\n",
    "a list over lines": "[mcp.old]\ncommand = [\n  'run', # the program\n  'fast',\n]\n",
}
CHANGES = {
    "a program": {"time": TIME},
    "an address": {"map": MAP},
    "both": {"time": TIME, "map": MAP},
    "another program": {"old": Server("old", ("walk", "a b", 'say "x"'))},
    "an address in place of a program": {"old": Server("old", url="https://b.example")},
    "out": {"old": None},
    "one out, one in": {"old": None, "time": TIME},
    "nobody out": {"nobody": None},
}


def row_of(server):
    return {"url": server.url} if server.url else {"command": list(server.command)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_file_then_says_what_was_changed_and_nothing_else(shape, change):
    before = tomllib.loads(SHAPES[shape])
    document = tomlkit.parse(SHAPES[shape])
    put(document, CHANGES[change], tomlkit)
    wanted = dict(before.get("mcp", {}))
    for name, server in CHANGES[change].items():
        wanted.pop(name, None) if server is None else wanted.update({name: row_of(server)})
    after = tomllib.loads(tomlkit.dumps(document))
    assert after.pop("mcp", {}) == wanted
    before.pop("mcp", None)
    assert after == before


def test_comments_and_servers_that_nobody_can_read_stay():
    document = tomlkit.parse(KEPT)
    put(document, {"time": TIME, "old": Server("old", ("run", "it", "now"))}, tomlkit)
    text = tomlkit.dumps(document)
    for line in ("# mine", "schema = 1  # one", "[mcp.old]  # kept", "# why it is here", 'what = "nobody knows"'):
        assert line in text
    assert tomllib.loads(text)["mcp"]["old"] == {"command": ["run", "it", "now"]}


def test_a_table_that_is_none_is_said_and_left():
    document = tomlkit.parse("mcp = 3\n")
    with pytest.raises(ValueError, match="must hold servers by name"):
        put(document, {"time": TIME}, tomlkit)
    assert tomlkit.dumps(document) == "mcp = 3\n"


@pytest.mark.parametrize(
    ("line", "server"),
    {
        "uvx mcp-server-time --local-timezone UTC": Server("s", ("uvx", "mcp-server-time", "--local-timezone", "UTC")),
        " run 'a b' \"c d\" e\\ f ": Server("s", ("run", "a b", "c d", "e f")),
        "https://maps.example.org/mcp": Server("s", url="https://maps.example.org/mcp"),
        "http://127.0.0.1:8000/mcp": Server("s", url="http://127.0.0.1:8000/mcp"),
    }.items(),
)
def test_a_line_is_an_address_or_a_program_with_its_arguments(line, server):
    assert parse_line("s", line) == server
    assert parse_line("s", line_of(server)) == server


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("s", "run 'a", "quotation mark"),
        ("s", "", "either a `command` or a `url`"),
        ("s", "http://maps.example.org/mcp", "needs https"),
        ("s", "ftp://maps.example.org", "http or https"),
        ("s", "https://me:secret@maps.example.org", "keep them out of the project"),
        ("A server", "run", "at most 24 small letters"),
        ("s", "x" * 4001, "more than 4,000 characters"),
    ],
)
def test_a_line_that_is_none_is_refused_with_what_to_write(name, line, said):
    with pytest.raises(ValueError, match=said):
        parse_line(name, line)


def test_a_server_is_named_changed_and_taken_out_in_the_open_project(open_project, folder):
    controller = open_project(KEPT)
    file = folder / "sloppy.toml"
    controller.project.set_server(TIME)
    controller.project.set_server(Server("old", url="https://b.example"))
    controller.project.flush()
    project, _ = project_file.read(str(file))
    assert (
        project.mcp
        == controller.project.snapshot().project.mcp
        == (
            Server("old", url="https://b.example"),
            TIME,
        )
    )
    assert 'what = "nobody knows"' in file.read_text()
    controller.project.remove_server("time")
    assert controller.project.snapshot().project.mcp == (Server("old", url="https://b.example"),)


def test_a_server_that_somebody_else_wrote_meanwhile_stays(open_project, folder):
    controller = open_project("schema = 1\n")
    file = folder / "sloppy.toml"
    file.write_text("schema = 1\n[mcp.theirs]\ncommand = ['run']\n")
    controller.project.set_server(TIME)
    controller.project.flush()
    assert sorted(tomllib.loads(file.read_text())["mcp"]) == ["theirs", "time"]
