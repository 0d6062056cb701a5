"""Attacks on a running hook server: from pages in a real Chromium, by floods, with whatever its document allows."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from src.hooks.server import guard, protocol
from tests.conftest import clean_environment
from tests.repository import ROOT

EVIL = "evil.example"
PAGE = b"<!doctype html><title>evil</title><iframe name=sink></iframe>"

# Every way in which a page can make a request, with the token as if it had leaked where a page can send it.
ATTACKS = """
const [port, token, done] = arguments;
const authorization = `Bearer ${token}`;
const base = `http://127.0.0.1:${port}`;
const seen = {};
const attempt = (name, promise) => promise.then(value => seen[name] = value, error => seen[name] = error.name);
const body = JSON.stringify({name: "gemini"});
const loads = element => new Promise(resolve => {
  element.onload = () => resolve("loaded"); element.onerror = () => resolve("failed"); document.body.append(element);
});
const form = document.createElement("form");
Object.assign(form, {action: `${base}/api/provider`, method: "POST", target: "sink", enctype: "text/plain"});
form.innerHTML = `<input name='{"name": "gemini", "x": "' value='"}'>`;
document.body.append(form);
form.submit();
Promise.all([
  attempt("read", fetch(`${base}/api/state`).then(answer => answer.text())),
  attempt("read with token", fetch(`${base}/api/state`, {headers: {authorization}}).then(answer => answer.text())),
  attempt("simple post", fetch(`${base}/api/provider`, {method: "POST", mode: "no-cors", body}).then(a => a.type)),
  attempt("json post", fetch(`${base}/api/provider`, {method: "POST", body,
    headers: {authorization, "content-type": "application/json"}}).then(a => a.text())),
  attempt("beacon", Promise.resolve(navigator.sendBeacon(`${base}/api/provider`, body))),
  attempt("image", loads(Object.assign(new Image(), {src: `${base}/api/state`}))),
  attempt("script", loads(Object.assign(document.createElement("script"), {src: `${base}/api/state`}))),
  attempt("events", new Promise(resolve => {
    const events = new EventSource(`${base}/api/state`);
    events.onerror = () => { events.close(); resolve("failed"); };
    events.onmessage = () => resolve("message");
  })),
  attempt("socket", new Promise(resolve => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/state`);
    socket.onerror = () => resolve("failed"); socket.onopen = () => resolve("open");
  })),
]).then(() => done(seen));
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        assert not os.environ.get("CHROMIUM_REQUIRED"), "no chromium and chromedriver: apt-get install chromium-driver"
        pytest.skip("no chromium and chromedriver on PATH")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    rules = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server", rules):
        options.add_argument(argument)
    service = webdriver.ChromeService(driver, env={**os.environ, "HOME": str(tmp_path_factory.mktemp("home"))})
    opened = webdriver.Chrome(options, service)
    opened.set_script_timeout(30)
    yield opened
    opened.quit()


@pytest.fixture
def evil_port():
    """The port of a server of somebody else, with a page of theirs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # the browser holds connections open that it never uses
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def admissions(monkeypatch):
    """What became of each request that reached the server: its origin or host, and the status or None."""
    seen = []
    admit = guard.Guard._admit

    def record(self, headers):
        try:
            admit(self, headers)
            seen.append((headers, None))
        except guard.RefusedError as refused:
            seen.append((headers, int(refused.status)))
            raise

    monkeypatch.setattr(guard.Guard, "_admit", record)
    return seen


def test_a_page_of_another_origin_reaches_nothing(browser, evil_port, inner_client, admissions):
    before = inner_client.request("/api/state").body
    admissions.clear()
    browser.get(f"http://{EVIL}:{evil_port}/")
    seen = browser.execute_async_script(ATTACKS, inner_client.port, inner_client.token)
    assert seen == {
        "read": "TypeError",
        "read with token": "TypeError",
        "simple post": "TypeError",
        "json post": "TypeError",
        "beacon": True,
        "image": "failed",
        "script": "failed",
        "events": "failed",
        "socket": "failed",
    }
    assert len(admissions) >= 8
    assert {status for _, status in admissions} == {403}
    assert inner_client.request("/api/state").body == before


def test_a_name_that_was_bound_anew_reaches_nothing(browser, inner_client, admissions):
    assert inner_client.wait_for_server(20)
    admissions.clear()
    browser.get(f"http://{EVIL}:{inner_client.port}/api/state")
    assert "The Host header must be" in browser.find_element("tag name", "body").text
    script = "const [token, done] = arguments; fetch('/api/state', {headers: {authorization: `Bearer ${token}`}})"
    script += ".then(answer => done(answer.status), error => done(error.name))"
    assert browser.execute_async_script(script, inner_client.token) in (403, "TypeError")
    assert {status for _, status in admissions} == {403}


def test_a_flood_is_answered_or_refused_and_then_over(inner_client, monkeypatch):
    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 40)
    assert inner_client.wait_for_server(20)
    request = f"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:{inner_client.port}\r\nConnection: close\r\n"
    request += f"Authorization: Bearer {inner_client.token}\r\n\r\n"
    with ExitStack() as opened:
        connections = [
            opened.enter_context(socket.create_connection(("127.0.0.1", inner_client.port), timeout=60))
            for _ in range(400)
        ]
        statuses = [status_of(connection, request.encode()) for connection in connections]
    assert set(statuses) <= {200, 503, None}
    assert statuses.count(200) >= 30
    assert inner_client.health().status == "ok"


def status_of(connection, request):
    """The status of the answer; None where the server ended the connection."""
    try:
        connection.sendall(request)
        answer = connection.recv(65536)
    except ConnectionError:
        return None
    return int(answer.split(b" ")[1]) if answer else None


def test_whatever_the_document_allows_or_forbids_is_answered_as_it_says(tmp_path):
    command = [sys.executable, "scripts/fuzz_hook_api.py", "--phases", "fuzzing", "--examples", "3"]
    environment = clean_environment(tmp_path)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
