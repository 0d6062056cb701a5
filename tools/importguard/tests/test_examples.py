"""The programs of "Warm up your own app in ten minutes", copied and run as a reader would."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"

SERVED = """
import json, socket, threading, time, urllib.error, urllib.request
import uvicorn
from importguard.running.recorder import ImportRecorder
from app import app
listener = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
thread.start()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
def ask(path, body=None):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"http://127.0.0.1:{listener.getsockname()[1]}{path}", data)
    request.add_header("Content-Type", "application/json")
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
first = ask("/ready")
until = time.monotonic() + 30
while (ready := ask("/ready"))[0] == 503 and time.monotonic() < until:
    time.sleep(0.02)
recorder = ImportRecorder()
recorder.install()
status, answer = ask("/render", {"text": "# Hi\\n\\n```python\\nx = 1\\n```"})
recorder.remove()
server.should_exit = True
thread.join()
print(json.dumps({"first": first, "ready": ready, "status": status, "text": answer["text"],
    "loaded": [load.name for load in recorder.loads]}))
"""


@pytest.fixture
def example(tmp_path):
    """`example(name)`: a copy of the example's folder."""

    def copy(name):
        return Path(shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")))

    return copy


def run(folder, *arguments):
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, env=environment)


@pytest.mark.parametrize("name", ["tk_viewer", "fastapi_service", "textual_browser", "mcp_server"])
def test_an_example_is_clean_and_its_manifest_fresh(example, name):
    if name == "tk_viewer":
        pytest.importorskip("tkinter", reason="this Python is built without Tk")
    folder = example(name)
    for command in (("check",), ("manifest", "--check")):
        result = run(folder, "-m", "importguard", *command)
        assert (result.returncode, result.stderr) == (0, ""), result.stdout


def test_the_window_renders_as_soon_as_its_renderer_is_warm(example):
    if not os.environ.get("DISPLAY"):
        if os.environ.get("SLOPPY_DISPLAY_REQUIRED"):
            pytest.fail("SLOPPY_DISPLAY_REQUIRED is set and there is no DISPLAY; run under xvfb-run")
        pytest.skip("no DISPLAY; run under xvfb-run")
    pytest.importorskip("tkinter", reason="this Python is built without Tk")
    folder = example("tk_viewer")
    shown = run(folder, "app.py", "--once")
    assert (shown.returncode, "The window was there before the renderer." in shown.stdout) == (0, True), shown.stderr
    verified = run(folder, "-m", "importguard", "verify", "--format", "json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["record"]["ready_s"] > 0


def test_the_first_request_of_the_server_pays_nothing(example):
    result = run(example("fastapi_service"), "-c", SERVED)
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout.splitlines()[-1])
    assert seen["ready"] == [200, {"completed": ["rich", "renderer"], "pending": [], "failed": []}]
    assert (seen["status"], "x = 1" in seen["text"], seen["loaded"]) == (200, True, [])
    assert seen["first"][0] in (200, 503)


ASKED = """
import asyncio, sys
from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client
async def main():
    async with stdio_client(StdioServerParameters(command=sys.executable, args=["app.py"])) as streams:
        async with ClientSession(*streams) as session:
            await session.initialize()
            answer = await session.call_tool("render", {"text": "**warm** and ready"})
            print(answer.content[0].text)
asyncio.run(main())
"""


def test_an_assistant_calls_the_tool_of_the_mcp_server(example):
    result = run(example("mcp_server"), "-c", ASKED)
    assert (result.returncode, "warm and ready" in result.stdout) == (0, True), result.stderr


@pytest.mark.parametrize(
    ("name", "said"), [("textual_browser", "Coloured app.py"), ("mcp_server", "Warm")], ids=["textual", "mcp"]
)
def test_an_example_without_a_display_is_verified_as_printed(example, name, said):
    folder = example(name)
    shown = run(folder, "app.py", "--once")
    assert (shown.returncode, said in shown.stdout) == (0, True), shown.stderr
    verified = run(folder, "-m", "importguard", "verify", "--format", "json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["record"]["ready_s"] > 0
