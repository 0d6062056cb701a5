"""Tools of servers as the model gets them, what a project may name, and what the user agreed to."""

import json
import os
import stat

import pytest
from src.mcp_servers.agreed import AgreedServers
from src.mcp_servers.definitions import Offered, server_of, take
from src.models.estimate import estimate_tool
from src.project.servers import Server, read_servers

HERE = "/home/u/work/sloppy.toml"
OBJECT = {"type": "object", "properties": {}}
KEY = Server("time", ("uvx", "mcp-server-time")).key


@pytest.mark.parametrize(
    ("row", "server"),
    [
        ({"command": ["uvx", "x", "--a b"]}, Server("s", ("uvx", "x", "--a b"))),
        ({"url": "http://127.0.0.1:80/mcp"}, Server("s", url="http://127.0.0.1:80/mcp")),
        ({"url": "http://localhost/mcp"}, Server("s", url="http://localhost/mcp")),
        ({"url": "https://example.org/mcp"}, Server("s", url="https://example.org/mcp")),
    ],
)
def test_a_server_is_a_command_or_a_url(row, server):
    assert read_servers(HERE, {"s": row}) == ((server,), ())


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("s", {}, "needs either a `command` or a `url`"),
        ("s", {"command": ["x"], "url": "https://x.org"}, "needs either"),
        ("s", {"command": "uvx x"}, "needs a list of texts"),
        ("s", {"command": [" "]}, "needs a program"),
        ("s", {"command": ["x\0"]}, "null bytes"),
        ("s", {"command": ["x" * 5000]}, "more than 4,000 characters"),
        ("s", {"url": "http://example.org/mcp"}, "needs https"),
        ("s", {"url": "https://me:word@example.org/mcp"}, "name or a password"),
        ("s", {"url": "file:///etc/passwd"}, "of http or https"),
        ("s", {"url": "https://[::1"}, "that is none"),
        ("s", {"url": "https://example.org/\u0430"}, "of http or https"),
        ("s", {"command": ["x"], "env": {"A": "b"}}, "'env', which is not known"),
        ("s", 3, "must be a table"),
        ("S", {"command": ["x"]}, "small letters"),
        ("a__b", {"command": ["x"]}, "small letters"),
        ("", {"command": ["x"]}, "small letters"),
    ],
)
def test_what_is_no_server_is_named_with_the_place(name, row, said):
    found, (sentence,) = read_servers(HERE, {name: row})
    assert (found, said in sentence, sentence.startswith(HERE)) == ((), True, True)


def test_servers_that_are_no_table_and_too_many_are_named():
    assert read_servers(HERE, [1]) == ((), (f"{HERE}: `mcp` must hold servers by name, such as [mcp.time].",))
    found, warnings = read_servers(HERE, {f"s{n}": {"command": ["x"]} for n in range(17)})
    assert (len(found), len(warnings)) == (16, 1)


def test_two_servers_that_differ_in_a_letter_have_different_keys():
    keys = {Server("a", ("x", "y z")).key, Server("a", ("x", "y", "z")).key, Server("a", url="x y z").key,
            Server("a", ("x y z",)).key}  # fmt: skip
    assert len(keys) == 4


def test_a_tool_has_the_name_of_its_server_and_a_price():
    (tool,), refused = take("time", [Offered("now", "The time.", OBJECT)])
    assert (tool.spec.name, server_of(tool.spec.name), refused) == ("time__now", "time", ())
    assert tool.tokens == estimate_tool(tool.spec) > 10
    assert server_of("read_file") == ""


def test_a_definition_that_differs_in_a_letter_has_another_digest():
    digests = {
        take("s", [offered])[0][0].digest
        for offered in (
            Offered("a", "b", OBJECT),
            Offered("a", "B", OBJECT),
            Offered("a", "b", {**OBJECT, "x": 1}),
            Offered("A", "b", OBJECT),
        )
    }
    assert len(digests) == 4


def test_what_was_agreed_to_is_kept_on_this_machine_for_the_user_alone(tmp_path):
    path = str(tmp_path / "data" / "agreed_servers.json")
    table = AgreedServers(lambda: None)
    table.load(path)
    table.agree(HERE, KEY, {"server.py": "d2"})
    table.take_tool(HERE, KEY, "d1")
    table.set_always(HERE, KEY, "d1", True)
    table.save()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    again = AgreedServers(lambda: None)
    again.load(path)
    kept = again.of(HERE, KEY)
    assert (kept.tools, kept.always, again.keys(HERE)) == ({"d1"}, {"d1"}, (KEY,))
    assert kept.files == {"server.py": "d2"}
    again.agree(HERE, KEY, {"server.py": "d3"})
    assert again.of(HERE, KEY) == kept._replace(files={"server.py": "d3"})
    again.set_always(HERE, KEY, "d1", False)
    assert again.of(HERE, KEY).always == frozenset()
    again.revoke(HERE, KEY)
    again.save()
    assert json.loads((tmp_path / "data" / "agreed_servers.json").read_text()) == {}


def test_a_tool_of_a_server_that_is_not_agreed_to_cannot_be_agreed_to():
    table = AgreedServers(lambda: None)
    with pytest.raises(ValueError, match="not agreed to"):
        table.take_tool(HERE, KEY, "d1")
    with pytest.raises(ValueError, match="No project is open"):
        table.agree("", KEY, {})
    assert table.of(HERE, KEY) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"p": 3}', '{"p": {"k": 3}}', '{"p": {"k": {"tools": 3}}}', "[" * 9999]
)
def test_a_table_that_cannot_be_read_agrees_to_no_tool(tmp_path, text):
    path = tmp_path / "agreed.json"
    path.write_text(text)
    table = AgreedServers(lambda: None)
    table.load(str(path))
    kept = table.of("p", "k")
    assert kept is None or not (kept.tools or kept.always)
