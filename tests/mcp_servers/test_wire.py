"""Connections to MCP servers through the SDK: real servers, and servers that hang, flood, die and lie."""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from src.mcp_servers import wire
from src.mcp_servers.definitions import take
from src.mcp_servers.wire import ServerError, connect
from src.project.servers import Server
from tests.mcp_servers.programs import HERE, hostile, real

SOON_S = 3.0


def talk(server, tell, folder="/"):
    """What `tell(connection)` gives while *server* runs."""

    async def run():
        async with asyncio.timeout(60), connect(server, folder) as connection:
            return await tell(connection)

    return asyncio.run(run())


def called(server, name="go", arguments=None, folder="/"):
    return talk(server, lambda connection: connection.call(name, arguments or {}), folder)


def refusal(server):
    async def nothing(_connection):
        pytest.fail("it was started")

    with pytest.raises(ServerError) as caught:
        talk(server, nothing)
    return str(caught.value)


@contextlib.contextmanager
def served(*arguments):
    """The URL of the SDK's server over streamable HTTP; with a token as argument it answers nobody else."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(HERE / "sdk_server.py"), str(port), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while "Uvicorn running" not in (line := process.stderr.readline()):
            assert line, "it did not start"
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def answering(answer):
    """The URL of a server on 127.0.0.1 that calls `answer(handler)` for each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("content-length") or 0))
            with contextlib.suppress(OSError):
                answer(self)

        do_GET = do_DELETE = do_POST  # noqa: N815  http.server looks for these names

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp"
    finally:
        server.shutdown()
        server.server_close()


async def real_session(connection):
    return (
        sorted(one.name for one in connection.offered),
        await connection.call("add", {"a": 2, "b": 3}),
        await connection.call("fail", {}),
        await connection.call("nothing", {}),
    )


def check_real(said):
    names, added, failed, unknown = said
    assert names == ["add", "fail", "secret", "variables", "where"]
    assert (added.text, added.failed) == ("5", False)
    assert (failed.text, failed.failed) == ("Error executing tool fail", True)
    assert ("nothing" in unknown.text, unknown.failed) == (True, True)


def test_a_real_server_over_stdio_lists_its_tools_and_answers():
    check_real(talk(real(), real_session))


def test_a_real_server_over_streamable_http_lists_its_tools_and_answers():
    with served() as url:
        check_real(talk(Server("calc", url=url), real_session))


def test_the_reference_server_of_the_protocols_authors_tells_the_time():
    async def tell(connection):
        (tools, refused), asked = take("time", connection.offered), {"timezone": "Asia/Tokyo"}
        return [one.spec.name for one in tools], refused, (await connection.call("get_current_time", asked)).text

    server = Server("time", (sys.executable, "-m", "mcp_server_time", "--local-timezone", "UTC"))
    names, refused, text = talk(server, tell)
    assert (names, refused) == (["time__convert_time", "time__get_current_time"], ())
    assert json.loads(text)["timezone"] == "Asia/Tokyo"


def test_a_server_runs_in_the_projects_folder_and_sees_no_key(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    async def look(connection):
        return (await connection.call("variables", {})).text, (await connection.call("where", {})).text

    variables, folder = talk(real(), look, str(tmp_path))
    assert ("OPENAI_API_KEY" in variables, "LC_ALL" in variables, "PATH" in variables) == (False, True, True)
    assert folder == str(tmp_path)


def test_a_program_that_is_not_there_is_said_so():
    assert refusal(Server("x", ("/nowhere/at-all",))) == "/nowhere/at-all cannot be run: No such file or directory."


def test_one_that_ends_at_once_is_quoted():
    said = refusal(hostile("ends"))
    assert said == "It ended with code 1. It said: no such option: --stdio"


@pytest.mark.parametrize("how", ["hang-start", "hang-initialize"])
def test_one_that_never_begins_is_given_up(monkeypatch, how):
    monkeypatch.setattr(wire, "START_S", SOON_S)
    assert refusal(hostile(how)).startswith("It did not answer in 3 s.")


def test_a_call_that_hangs_is_given_up_and_the_server_is_ended(monkeypatch):
    monkeypatch.setattr(wire, "CALL_S", 1.0)
    began = time.monotonic()
    answer = called(hostile("hang-call"))
    assert (answer.text, answer.failed) == ("go: no answer came in 1 s.", True)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("how", ["huge", "pings"])
def test_an_answer_of_a_gigabyte_or_questions_without_end_are_cut_off(how):
    answer = called(hostile(how))
    assert (answer.text, answer.failed) == ("go failed: It wrote more than 8 MiB at once and was stopped.", True)


def test_one_that_floods_before_it_begins_is_stopped():
    assert refusal(hostile("flood")) == "It wrote more than 8 MiB at once and was stopped."


def test_a_long_answer_keeps_its_beginning_and_its_end():
    answer = called(hostile("long"))
    assert "(150,000 characters left out)" in answer.text
    assert len(answer.text) < 50_100


def test_one_that_dies_in_a_call_says_how_and_what_it_wrote():
    async def tell(connection):
        return (await connection.call("go", {})).text, await connection.wait(), (await connection.call("go", {})).text

    first, ended, second = talk(hostile("dies"), tell)
    assert first == "go failed: It ended with code 3. It said: the disk is gone"
    assert (ended, second) == ("It ended with code 3. It said: the disk is gone", first)


def test_what_is_no_message_is_passed_over():
    assert called(hostile("garbage")).text == "went"


def test_a_tool_list_that_is_none_is_refused():
    assert refusal(hostile("nonsense")).startswith("It answered with something that the protocol does not know.")


@pytest.mark.parametrize(("how", "count"), [("endless", 129), ("circle", 0)])
def test_a_list_without_an_end_is_bounded(how, count):
    async def tell(connection):
        return len(connection.offered)

    assert talk(hostile(how), tell) == count


def test_a_pattern_of_the_servers_is_not_run_on_its_answer():
    assert called(hostile("pattern")).text == "went"


def test_a_question_of_the_servers_is_refused():
    assert '"error"' in called(hostile("asks")).text


@pytest.mark.parametrize("how", ["surrogate", "digits"])
def test_an_answer_that_no_request_could_hold_is_an_answer_in_words(monkeypatch, how):
    monkeypatch.setattr(wire, "CALL_S", 5.0)
    called(hostile(how)).text.encode()


def test_what_is_no_text_is_named_and_left_out():
    assert called(hostile("blocks")).text.splitlines() == [
        "went",
        "(image/png, 3 bytes, left out)",
        "(link: page https://example.org/x)",
        "inside",
    ]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_server_that_will_not_end_is_ended_with_what_it_started(tmp_path):
    asyncio.run(_run_stubborn(tmp_path / "pids"))
    pids = (tmp_path / "pids").read_text().split()
    for _ in range(100):
        if not any(map(alive, pids)):
            break
        time.sleep(0.05)  # the kernel's own time to end a process that was sent a signal
    assert [alive(pid) for pid in pids] == [False, False]


async def _run_stubborn(path):
    async with connect(hostile("stubborn", "odd", str(path)), "/") as connection:
        assert (await connection.call("go", {})).text == "went"


def test_a_redirect_to_another_host_is_not_followed():
    asked = []

    def elsewhere(handler):
        asked.append(handler.path)
        handler.send_response(200)
        handler.end_headers()

    with answering(elsewhere) as other:

        def redirect(handler):
            handler.send_response(307)
            handler.send_header("location", other.replace("127.0.0.1", "localhost"))
            handler.end_headers()

        with answering(redirect) as url:
            said = refusal(Server("far", url=url))
    assert ("not followed" in said, asked) == (True, [])


def test_a_body_without_an_end_is_cut_off():
    def flood(handler):
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.end_headers()
        for _ in range(1024):
            handler.wfile.write(b"x" * (1 << 20))

    with answering(flood) as url:
        assert "It sent more than 8 MiB in one answer." in refusal(Server("far", url=url))


def test_a_compressed_body_is_refused():
    def packed(handler):
        handler.send_response(200)
        handler.send_header("content-encoding", "gzip")
        handler.end_headers()

    with answering(packed) as url:
        assert "compressed" in refusal(Server("far", url=url))


def test_a_server_that_never_answers_over_http_is_given_up(monkeypatch):
    monkeypatch.setattr(wire, "START_S", SOON_S)
    end = threading.Event()
    with answering(lambda _: end.wait(60)) as url:
        assert refusal(Server("far", url=url)) == "It did not answer in 3 s."
        end.set()


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_that_refuses_is_quoted(status):
    def refuse(handler):
        handler.send_response(status)
        handler.end_headers()

    with answering(refuse) as url:
        assert refusal(Server("far", url=url)).startswith(("It refused: ", "It cannot be reached ("))


def test_nobody_at_the_url_is_said_so():
    with answering(lambda _: None) as url:
        pass
    assert refusal(Server("far", url=url)).startswith(("It cannot be reached", "It refused"))


def test_names_that_collide_or_hold_escapes_become_names_that_every_provider_takes():
    async def tell(connection):
        return take("odd", connection.offered)

    tools, refused = talk(hostile("names"), tell)
    names = [one.spec.name for one in tools]
    assert names == sorted(set(names))
    assert {"odd__read_file", "odd__a_b", "odd__go"} <= set(names)
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,64}", name) for name in names)
    assert len(names) == 7
    assert refused == ("The tool 'go' has a name that another tool has, too; it is left out.",)


def test_definitions_that_no_request_should_hold_are_left_out():
    async def tell(connection):
        return take("odd", connection.offered)

    tools, refused = talk(hostile("schemas"), tell)
    assert [one.name for one in tools] == ["fine"]
    assert refused == (
        "The tool 'deep' has a schema that is nested more than 32 deep; it is left out.",
        "The tool 'long' has a definition of more than 20,000 characters; it is left out.",
    )


def test_no_descriptor_is_left_open():
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("reads /proc")
    called(hostile("fine"))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        called(hostile("fine"))
    assert len(os.listdir("/proc/self/fd")) <= before
