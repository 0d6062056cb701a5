"""Resources and prompts of MCP servers: listed, read when a person asks, put into the message with their price."""

import pytest
from src.hooks.client import HookClient, HookProblemError
from src.mcp_servers.offers import MAX_OFFERS, prompt, resource, taken
from src.project.servers import Server
from tests.conftest import settled
from tests.mcp_servers.programs import hostile, real
from tests.mcp_servers.test_servers import JOBS, agreed, opened, state_of
from tests.mcp_servers.test_wire import served

from importguard.warmup import WarmupJob

__all__ = ["opened"]
KEY = "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"


def test_what_a_server_offers_is_listed_and_read_only_when_it_is_asked_for(opened):
    controller = opened(real())
    state = agreed(controller, "calc")
    assert [(one.kind, one.title, [place.name for place in one.places]) for one in state.offers] == [
        ("resource", "Notes of today", []),
        ("resource", "broken", []),
        ("resource", "picture", []),
        ("prompt", "review", ["code", "tone"]),
    ]
    assert controller.composer.snapshot().attachments == ()
    made = controller.put_offer("calc", "resource", "notes://today", {}).result(20)
    (attached,) = controller.composer.snapshot().attachments
    assert (attached, "buy tea" in attached.part.text, KEY in attached.part.text) == (made, True, False)
    (part,) = [one for one in controller.preview().parts if one.origin == "attachment"]
    assert (part.tokens >= attached.tokens > 5, "notes://today of calc" in part.text) == (True, True)
    assert controller.send("and now").accepted
    assert settled(controller).error == ""
    assert "buy tea" in controller.discussion.snapshot().turns[0].message.parts[0].text


def test_a_prompts_places_are_filled_in_by_hand(opened):
    controller = opened(real())
    agreed(controller, "calc")
    controller.put_offer("calc", "prompt", "review", {"code": "x = 1", "tone": "short"}).result(20)
    (attached,) = controller.composer.snapshot().attachments
    assert "Review this in a short way: x = 1" in attached.part.text


@pytest.mark.parametrize(
    ("kind", "key", "filled", "said"),
    [
        ("resource", "notes://nowhere", {}, "has no resource 'notes://nowhere'"),
        ("prompt", "review", {}, "review wants code"),
        ("prompt", "review", {"code": "x", "colour": "red"}, "has no place 'colour'; it has code, tone"),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_nothing_goes_to_the_server(opened, kind, key, filled, said):
    controller = opened(real())
    agreed(controller, "calc")
    with pytest.raises(ValueError, match=said.replace("(", ".")):
        controller.put_offer("calc", kind, key, filled)


def test_a_resource_that_cannot_be_read_leaves_the_message_as_it_was(opened):
    controller = opened(real())
    agreed(controller, "calc")
    with pytest.raises(ValueError, match="broken failed"):
        controller.put_offer("calc", "resource", "notes://broken", {}).result(20)
    assert controller.composer.snapshot().attachments == ()
    controller.put_offer("calc", "resource", "notes://picture", {}).result(20)
    assert "(image/png, 8 bytes, left out)" in controller.composer.snapshot().attachments[0].part.text


def test_a_server_that_is_stopped_offers_nothing(opened):
    controller = opened(real())
    agreed(controller, "calc")
    controller.servers.stop("calc")
    assert state_of(controller, "calc").offers == ()
    with pytest.raises(ValueError, match="does not run"):
        controller.put_offer("calc", "resource", "notes://today", {})


def test_a_server_over_http_offers_the_same(opened):
    with served() as url:
        controller = opened(Server("far", url=url))
        state = agreed(controller, "far")
        assert {one.key for one in state.offers} == {"notes://today", "notes://broken", "notes://picture", "review"}
        assert "buy tea" in controller.put_offer("far", "resource", "notes://today", {}).result(20).part.text


@pytest.mark.parametrize(
    ("how", "said"), [("bad_resources", "Its resources cannot be listed"), ("slow_resources", "did not say in 1 s")]
)
def test_a_server_that_cannot_list_them_keeps_its_tools(opened, monkeypatch, how, said):
    monkeypatch.setattr("src.mcp_servers.wire.LIST_S", 1.0)
    controller = opened(hostile(how))
    state = agreed(controller, "odd")
    assert ([one.tool.name for one in state.tools], state.offers) == (["go"], ())
    assert said in " ".join(state.refused)


def test_offers_are_bounded_and_each_has_its_price():
    many = [resource("s", f"a://{number}", f"n{number:03}", "", 3600) for number in range(MAX_OFFERS + 5)]
    found, refused = taken(many)
    assert (len(found), found[0].tokens, len(refused)) == (MAX_OFFERS, 1000, 1)
    twice, refused = taken([prompt("s", "p", "one", ()), prompt("s", "p", "two", ()), prompt("s", "q" * 3000, "", ())])
    assert ([one.about for one in twice], len(refused)) == (["one"], 2)
    assert resource("s", "a", "b", "", -5).tokens is None


def test_the_hook_api_lists_them_and_puts_one_in(opened, make_controller):
    controller = opened(real(), controller=make_controller((*JOBS, WarmupJob("src.hooks.server", group=6))))
    agreed(controller, "calc")
    client = HookClient(controller.start_hook_server(0, "the-token").getsockname()[1], "the-token", timeout=60)
    (server,) = client.servers()
    assert next(one.needed for one in server.offers if one.kind == "prompt") == ("code",)
    made = client.put_offer("calc", "prompt", "review", {"code": "y = 2"})
    assert (made.name, made.tokens > 5) == ("calc: review", True)
    for key, status in (("nothing", 409), ("review", 409)):
        with pytest.raises(HookProblemError) as caught:
            client.put_offer("calc", "prompt", key)
        assert caught.value.problem.status == status
    with pytest.raises(HookProblemError) as caught:
        client.put_offer("nobody", "prompt", "review")
    assert caught.value.problem.status == 404
