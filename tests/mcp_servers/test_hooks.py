"""MCP servers through the hook API: seen, started, stopped and revoked, and never agreed to."""

import tomllib

import pytest
from src.hooks.client import HookClient, HookProblemError
from tests.mcp_servers.programs import real
from tests.mcp_servers.test_servers import JOBS, agreed, opened, reached

from importguard.warmup import WarmupJob

__all__ = ["opened"]


@pytest.fixture
def both(opened, make_controller):
    """The controller and a client of its hook server."""
    controller = opened(real(), controller=make_controller((*JOBS, WarmupJob("src.hooks.server", group=6))))
    listener = controller.start_hook_server(0, "the-token")
    client = HookClient(listener.getsockname()[1], "the-token", timeout=60)
    assert client.wait_for_server(30)
    return controller, client


def refused(call):
    with pytest.raises(HookProblemError) as caught:
        call()
    return caught.value.problem.status, caught.value.problem.detail


def test_a_server_is_seen_started_stopped_and_revoked_but_never_agreed_to(both):
    controller, client = both
    (server,) = client.servers()
    assert (server.name, server.status, server.command, server.tools) == ("calc", "unknown", real().command, ())
    status, said = refused(lambda: client.change_server("start", "calc"))
    assert (status, "not agreed to on this machine" in said) == (409, True)
    agreed(controller, "calc")
    (server,) = client.servers()
    assert (server.status, [(one.agreed, one.on, one.tokens > 9) for one in server.tools]) == (
        "ready",
        [(False, False, True)] * 5,
    )
    status, said = refused(lambda: client.switch_tool("calc__add", True))
    assert (status, "switch it on in the window first" in said) == (409, True)
    controller.servers.switch_tool("calc__add", True)
    assert [one.on for one in client.switch_tool("calc__add", False)[0].tools if one.name == "calc__add"] == [False]
    assert [one.on for one in client.switch_tool("calc__add", True)[0].tools if one.name == "calc__add"] == [True]
    assert client.change_server("stop", "calc")[0].status == "stopped"
    assert client.change_server("start", "calc")[0].status == "starting"
    reached(controller, "calc", "ready")
    assert client.change_server("revoke", "calc")[0].status == "unknown"


def test_a_server_is_named_changed_and_taken_out_of_the_file(both, tmp_path):
    controller, client = both
    file = tmp_path / "work" / "sloppy.toml"
    other = ("run", "a b")
    assert [one.name for one in client.set_server("other", other)] == ["calc", "other"]
    (_, named) = client.servers()
    assert (named.command, named.status, named.url, named.has_token) == (other, "unknown", "", False)
    assert client.set_server("other", url="https://a.example/mcp")[1].url == "https://a.example/mcp"
    controller.project.flush()
    assert tomllib.loads(file.read_text())["mcp"]["other"] == {"url": "https://a.example/mcp"}
    assert [one.name for one in client.change_server("remove", "other")] == ["calc"]
    controller.project.flush()
    assert list(tomllib.loads(file.read_text())["mcp"]) == ["calc"]
    status, said = refused(lambda: client.set_server("Far away", ("run",)))
    assert (status, "small letters" in said) == (409, True)
    status, said = refused(lambda: client.set_server("far", url="http://a.example"))
    assert (status, "needs https" in said) == (409, True)
    assert refused(lambda: client.change_server("remove", "nobody"))[0] == 404


def test_a_server_and_a_tool_that_are_not_there_are_said_so(both):
    _, client = both
    assert refused(lambda: client.change_server("stop", "nobody"))[0] == 404
    assert refused(lambda: client.switch_tool("calc__nothing", True))[0] == 404
