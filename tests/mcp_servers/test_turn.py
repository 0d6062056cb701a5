"""A whole turn with a tool of an MCP server over the real SDKs of all providers and a real server."""

import json

import pytest
from tests import fake_providers
from tests.conftest import settled
from tests.mcp_servers.programs import real
from tests.mcp_servers.test_servers import agreed, asked, opened, results
from tests.project.test_project import LIBRARIES
from tests.sdk import NAMES
from tests.turn.providers import connected

from importguard.warmup import WarmupJob

__all__ = ["opened"]
MORE = (*LIBRARIES, WarmupJob("src.tools.use", group=4), WarmupJob("src.mcp_servers.wire", group=5))


@pytest.mark.parametrize("name", NAMES)
def test_a_servers_tool_is_called_for_a_model_of_every_provider(fake, make_controller, monkeypatch, opened, name):
    monkeypatch.setattr(fake_providers, "CALLED", ("calc__add", '{"a": 2, "b": 3}'))
    controller = opened(real(), controller=connected(make_controller, monkeypatch, name, more=MORE))
    agreed(controller, "calc")
    controller.servers.switch_tool("calc__add", True)
    controller.choose_provider(name, "tool-once")
    assert controller.send("add them").accepted
    question = asked(controller)
    assert (question.kind, question.tool) == ("tool", "calc__add")
    controller.approvals.approve(question.id)
    state = settled(controller)
    assert state.error == ""
    (result,) = results(controller)
    assert (result.name, result.text, result.failed) == ("calc__add", "5", False)
    assert controller.discussion.snapshot().turns[-1].message.text == "one two"
    first, second = [json.dumps(one.body) for one in fake.requests if "add them" in json.dumps(one.body)]
    assert ("Adds two whole numbers." in first, '"a"' in first) == (True, True)
    assert ("call_1" in second or name == "gemini", '"5"' in second) == (True, True)
    assert ("c2VhbA==" in second) == (name == "gemini")  # its seal, without which it refuses the turn
