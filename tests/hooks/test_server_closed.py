"""The hook API is closed to everybody but the holder of this run's token."""

import asyncio
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from src.hooks.server import guard, protocol
from src.hooks.token import HookToken, read_token
from tests.conftest import start_program

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def exchange(port, data):
    """What the server answers to *data*, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def head_of(client, what):
    """The first lines of a request that is let in."""
    return f"{what} HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nAuthorization: Bearer {client.token}\r\n"


def is_refused(answer, status):
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:{port}.",
        "127.0.0.1.evil.example:{port}",
        "localhost:0{port}",
        "[::1]:{port}",
        "2130706433:{port}",
    ],
)
def test_another_host_is_refused_by_every_method(headless, method, host):
    is_refused(headless.request("/api/health", method=method, headers={"Host": host.format(port=headless.port)}), 403)


def test_a_request_without_or_with_two_hosts_is_refused(headless):
    token = f"Authorization: Bearer {headless.token}\r\n"
    host = f"Host: 127.0.0.1:{headless.port}\r\n"
    old = exchange(headless.port, f"GET /api/health HTTP/1.0\r\n{token}\r\n".encode())
    none = exchange(headless.port, f"GET /api/health HTTP/1.1\r\n{token}\r\n".encode())
    two = exchange(headless.port, f"GET /api/health HTTP/1.1\r\n{host}{host}{token}\r\n".encode())
    assert [answer.split(b" ")[1] for answer in (old, none, two)] == [b"403", b"400", b"400"]


def test_localhost_is_this_host(headless):
    assert headless.request("/api/health", headers={"Host": f"localhost:{headless.port}"}).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
    ],
)
def test_pages_of_other_origins_are_refused(headless, headers, status):
    filled = {name: value.format(port=headless.port) for name, value in headers.items()}
    assert headless.request("/api/health", headers=filled).status == status


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic dG9rZW4=", "Bearer {token}x"])
def test_the_token_is_needed(headless, given):
    headers = {"Authorization": given and given.format(token=headless.token)}
    answer = headless.request("/api/health", headers=headers)
    is_refused(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_token_does_not_count_in_the_address(headless):
    is_refused(headless.request(f"/api/health?token={headless.token}", headers={"Authorization": None}), 401)


def test_the_token_is_compared_in_constant_time(monkeypatch):
    compared = []
    monkeypatch.setattr(guard.secrets, "compare_digest", lambda *pair: compared.append(pair) or False)
    status, _ = serve_one(answers_ok, {"host": "127.0.0.1:1", "authorization": "Bearer guess"})
    assert (status, compared) == (401, [(b"Bearer guess", b"Bearer the-token")])


def test_a_preflight_allows_nothing(headless):
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST", "Authorization": None}
    is_refused(headless.request("/api/discussions/current/send", method="OPTIONS", headers=headers), 403)


def test_answers_are_kept_from_caches_and_pages(headless):
    sent = headless.request("/api/health").headers
    assert (sent["cache-control"], sent["cross-origin-resource-policy"]) == ("no-store", "same-origin")
    assert [name for name in sent if name.startswith("access-control")] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": None},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=application/json"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_a_body_that_is_not_plain_json_is_refused(headless, headers):
    is_refused(headless.request("/api/provider", {"name": "echo"}, headers=headers), 415)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b"9" * 5000, b'"\xff"', b'{"text": "\\ud800"}', b'{"text": NaN}', b"null", b"\x00"],
)
def test_json_that_cannot_be_used_is_refused(headless, body):
    assert headless.request("/api/discussions/current/send", body, method="POST").status in (400, 422)


def test_a_large_body_is_refused_before_it_is_read(headless):
    head = head_of(headless, "POST /api/discussions/current/send")
    head += "Content-Type: application/json\r\n"
    announced = exchange(headless.port, f"{head}Content-Length: {guard.MAX_BODY + 1}\r\n\r\n".encode())
    absurd = exchange(headless.port, f"{head}Content-Length: {'9' * 30}\r\n\r\n".encode())
    negative = exchange(headless.port, f"{head}Content-Length: -1\r\n\r\n".encode())
    assert [answer.split(b" ")[1] for answer in (announced, absurd, negative)] == [b"413", b"400", b"400"]


def test_a_refusal_reaches_a_client_that_still_sends(headless):
    for _ in range(5):
        is_refused(headless.request("/api/provider", b"x" * 3 * guard.MAX_BODY), 413)
        is_refused(headless.request("/api/provider", b"x" * 500_000, headers={"Content-Type": "text/plain"}), 415)


def test_a_large_body_in_pieces_is_refused_when_it_is_too_large(monkeypatch):
    pieces = iter([{"type": "http.request", "body": b"x" * 1000, "more_body": True}] * 3000)
    headers = {"content-type": "application/json", "transfer-encoding": "chunked"}
    status, _ = serve_one(answers_ok, {**OWN, **headers}, lambda: next(pieces))
    assert (status, len(list(pieces))) == (413, 3000 - guard.MAX_BODY // 1000 - 1)


def test_a_head_that_does_not_end_is_refused(headless):
    answer = exchange(headless.port, b"GET /" + b"a" * 100_000)
    assert answer.split(b" ")[1] == b"400"


def test_a_request_that_trickles_is_dropped(inner_client, monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_S", 0.3)
    assert inner_client.wait_for_server(20)
    head = head_of(inner_client, "POST /api/discussions/current/send")
    head += "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    for start in ("", "GET /api/he", head):
        with socket.create_connection(("127.0.0.1", inner_client.port), timeout=0.02) as connection:
            connection.sendall(start.encode())
            assert drips_until_dropped(connection) < 1000


def drips_until_dropped(connection):
    """Sends a letter every 20 ms; how many were taken before the server ended the connection. At most 1000."""
    for count in range(1000):
        try:
            if connection.recv(100) == b"":
                return count
        except TimeoutError:
            pass
        except ConnectionError:
            return count
        try:
            connection.send(b"a")
        except ConnectionError:
            return count
    return 1000


def test_an_answer_that_is_not_taken_is_dropped(inner_client, monkeypatch):
    monkeypatch.setattr(protocol, "ANSWER_S", 0.3)
    assert inner_client.wait_for_server(20)
    head = head_of(inner_client, "GET /api/openapi.json")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)  # a server that does not drop it blocks the sender
        connection.connect(("127.0.0.1", inner_client.port))
        with pytest.raises(ConnectionError):
            send_for_ever(connection, f"{head}\r\n".encode() * 100)


def send_for_ever(connection, data):
    while True:
        connection.sendall(data)


def test_one_connection_too_many_is_told_so(inner_client, monkeypatch):
    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 3)
    assert inner_client.wait_for_server(20)
    opened = [socket.create_connection(("127.0.0.1", inner_client.port), timeout=60) for _ in range(3)]
    try:
        assert exchange(inner_client.port, b"").split(b" ")[1] == b"503"
    finally:
        for connection in opened:
            connection.close()
    for _ in range(1000):
        if (status := inner_client.request("/api/health").status) == 200:
            break
    assert status == 200


def test_one_request_too_many_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(guard, "MAX_REQUESTS", 2)

    async def flood():
        release = asyncio.Event()

        async def waits(scope, receive, send):
            await release.wait()
            await answers_ok(scope, receive, send)

        guarded = guard.Guard(waits, "the-token", 1)
        requests = [asyncio.create_task(ask(guarded, OWN)) for _ in range(3)]
        refused = await requests[2]
        release.set()
        return [refused[0], refused[1][b"retry-after"], *[(await request)[0] for request in requests[:2]]]

    assert asyncio.run(flood()) == [503, b"1", 200, 200]


OWN = {"host": "127.0.0.1:1", "authorization": "Bearer the-token"}


async def answers_ok(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ask(guarded, headers, receive=None, path="/api/health"):
    """The status and headers with which *guarded* answers one request."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive_one():
        return receive()

    scope = {"type": "http", "method": "POST" if receive else "GET", "path": path}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    await guarded(scope, receive_one, send)
    return sent[0]["status"], dict(sent[0]["headers"])


def serve_one(app, headers, receive=None, path="/api/health"):
    return asyncio.run(ask(guard.Guard(app, "the-token", 1), headers, receive, path))


def test_what_a_request_says_cannot_add_a_line_to_the_log(caplog):
    async def fails(scope, _receive, _send):
        raise ValueError(f"no {scope['path']}")

    status, _ = serve_one(fails, OWN, path="/a\nERROR all is lost\x1b[2J")
    assert status == 500
    message = caplog.records[-1].getMessage()
    assert "all is lost" in message
    assert message.isprintable()


def test_nothing_of_a_request_is_printed(inner_client, capfd):
    assert inner_client.wait_for_server(20)
    inner_client.request("/api/INJECTED%0aINJECTED%1b", headers={"X-Name": "INJECTED", "User-Agent": "INJECTED"})
    exchange(inner_client.port, b"GET /INJECTED\nINJECTED HTTP/9\r\n\r\n")
    assert "INJECTED" not in "".join(capfd.readouterr())


def test_a_failure_answers_without_a_traceback(inner_client, monkeypatch):
    from src import api_hooks

    def fail(_controller):
        raise RuntimeError("secret in /home/someone")

    assert inner_client.wait_for_server(20)
    monkeypatch.setattr(api_hooks, "health", fail)
    answer = inner_client.request("/api/health")
    is_refused(answer, 500)
    assert [word for word in (b"secret", b"Traceback") if word in answer.body] == []


def test_only_the_loopback_address_is_listened_on(headless):
    lines = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    port = f"{headless.port:04X}"
    assert set(re.findall(rf" ([0-9A-F]+):{port} 0+:0000 0A", lines)) == {"0100007F"}


def test_the_token_is_in_a_file_of_its_user_alone_and_gone_at_the_end(tmp_path):
    program = start_program(tmp_path, "--headless")
    path = program.token_file
    modes = [stat.S_IMODE(os.stat(one).st_mode) for one in (path, path.parent)]
    process = Path(f"/proc/{program.process.pid}")
    told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert program.end() == 0
    assert modes == [0o600, 0o700]
    assert program.token.encode() not in told + program.process.stdout.read().encode()
    assert not path.parent.exists()


def test_every_run_has_a_token_of_its_own_in_the_runtime_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    one, two = HookToken.create(), HookToken.create()
    assert one.token != two.token
    assert len(one.token) >= 43
    assert Path(one.path).parent.parent == tmp_path
    assert read_token(two.path) == two.token
    for made in (one, two, two):
        made.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_hooks_are_off_unless_asked_for(loaded_by, tmp_path):
    modules = loaded_by("import sloppy\nsloppy.parse_arguments([])\nimport src.gui_2")
    assert [name for name in modules if name.startswith(("src.hook_", "src.api_hooks"))] == []


@pytest.mark.parametrize("length", [protocol.MAX_HEAD + 100, 120 * 1024, 200 * 1024])
def test_a_head_that_is_too_long_and_comes_whole_is_refused_and_the_next_connection_is_served(headless, length):
    head = head_of(headless, "GET /api/health").encode()
    answer = exchange(headless.port, head + b"X-Long: " + b"a" * length + b"\r\n\r\n")
    assert answer.split(b" ")[1] == b"400"
    assert headless.request("/api/health").status == 200


def test_a_head_of_the_longest_length_is_served_and_one_behind_another_is_bounded_too(headless):
    head = head_of(headless, "GET /api/health").encode()
    room = protocol.MAX_HEAD - len(head) - len(b"X-Long: \r\n\r\n")
    closing = head + b"Connection: close\r\nX-Long: " + b"a" * (room - 19) + b"\r\n\r\n"
    assert (len(closing), exchange(headless.port, closing).split(b" ")[1]) == (protocol.MAX_HEAD, b"200")
    two = exchange(headless.port, head + b"\r\n" + head + b"X-Long: " + b"a" * 60_000 + b"\r\n\r\n")
    assert [part.split(b" ")[0] for part in two.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400"]


def test_the_token_of_a_process_that_was_killed_is_taken_away_by_the_next_and_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    code = "import os; from src.hooks.token import HookToken\n"
    code += "print(HookToken.create().path, flush=True); os.kill(os.getpid(), 9)"
    command, root = [sys.executable, "-c", code], Path(__file__).parents[2]
    killed = [subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=root) for _ in range(3)]
    paths = [Path(one.stdout.strip()) for one in killed]
    mine = HookToken.create()
    foreign = tmp_path / "sloppy-hook-link"
    foreign.symlink_to(tmp_path.parent)
    assert ([path.exists() for path in paths], Path(mine.path).exists()) == ([False] * 3, True)
    another = HookToken.create()
    assert (Path(mine.path).exists(), foreign.is_symlink()) == (True, True)
    for made in (mine, another):
        made.remove()
    foreign.unlink()
    assert list(tmp_path.iterdir()) == []
