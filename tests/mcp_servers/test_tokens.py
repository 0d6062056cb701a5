"""The token for a server at an address: kept with the user's keys, sent there and nowhere else."""

import pytest
from src.mcp_servers.tokens import key_name
from src.privacy.keys import Key, KeyStore
from src.project.servers import Server
from tests.mcp_servers.test_servers import opened, reached, state_of
from tests.mcp_servers.test_wire import answering, check_real, real_session, refusal, served

__all__ = ["opened"]
TOKEN = "tok-5d1e7c9b2a4f8036"


def key(url):
    return Key(key_name(url), TOKEN, "file", f"{key_name(url)} in the file")


def test_each_address_has_a_key_of_its_own():
    names = [
        key_name(url)
        for url in (
            "https://a-b.example/mcp",
            "https://a.b-example/mcp",
            "https://a-b.example/mcp/",
            "http://a-b.example/mcp",
            "https://a-b.example:8443/mcp",
            "http://[::1]:80/mcp",
        )
    ]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name.startswith("MCP_") for name in names)


def test_a_server_that_wants_a_token_gets_it_and_says_so_without(monkeypatch):
    import asyncio

    from src.mcp_servers.wire import connect

    with served(TOKEN) as url:
        server = Server("far", url=url)
        assert refusal(server) == "It wants a token (HTTP 401); set one with Token... in Approvals."

        async def run():
            async with asyncio.timeout(60), connect(server, "/", key(url)) as connection:
                return await real_session(connection)

        check_real(asyncio.run(run()))


def test_a_token_that_is_refused_is_named_by_its_place_and_never_shown():
    import asyncio

    from src.mcp_servers.wire import ServerError, connect

    with served("another-token-1234567") as url:

        async def run():
            async with asyncio.timeout(60), connect(Server("far", url=url), "/", key(url)):
                pass

        with pytest.raises(ServerError) as caught:
            asyncio.run(run())
    assert str(caught.value) == (
        f"It refuses the token {key_name(url)} in the file (HTTP 401); set another with Token... in Approvals."
    )


def test_the_token_follows_no_redirect_to_another_address():
    import asyncio

    from src.mcp_servers.wire import ServerError, connect

    heard = []

    def elsewhere(handler):
        heard.append(handler.headers.get("authorization"))
        handler.send_response(200)
        handler.end_headers()

    with answering(elsewhere) as other:

        def redirect(handler):
            handler.send_response(307)
            handler.send_header("location", other)
            handler.end_headers()

        with answering(redirect) as url:

            async def run():
                async with asyncio.timeout(60), connect(Server("far", url=url), "/", key(url)):
                    pass

            with pytest.raises(ServerError):
                asyncio.run(run())
    assert heard == []


def test_a_token_is_kept_with_the_users_keys_and_the_server_starts_anew_with_it(opened, tmp_path):
    with served(TOKEN) as url:
        controller = opened(Server("far", url=url))
        controller.servers.agree("far").result(10)
        assert "It wants a token" in reached(controller, "far", "failed").reason
        controller.servers.set_token("far", TOKEN).result(10)
        state = reached(controller, "far", "ready")
        name = key_name(url)
        assert state.token == f"{name} in {controller.keys.path}"
        assert TOKEN not in (tmp_path / "work" / "sloppy.toml").read_text()
        assert KeyStore({}, controller.keys.path).find(name).reveal() == TOKEN
        controller.servers.set_token("far", "").result(10)
        assert state_of(controller, "far").token == ""
        assert "It wants a token" in reached(controller, "far", "failed").reason


def test_a_program_gets_no_token_and_an_odd_one_is_refused(opened):
    controller = opened(Server("calc", ("run",)), Server("far", url="https://a.example/mcp"))
    with pytest.raises(ValueError, match="only an address gets a token"):
        controller.servers.set_token("calc", TOKEN)
    with pytest.raises(ValueError, match="is no key"):
        controller.servers.set_token("far", "two words").result(10)
