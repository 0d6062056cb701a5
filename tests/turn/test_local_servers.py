"""A server on this machine that cuts what is too long: what is said before a request, and after it was read."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from src.chat import ModelOptions
from src.models.endpoints import Endpoint
from src.request.front import was_dropped, will_drop
from tests.conftest import settled, wait_until
from tests.turn.providers import connected

from importguard.warmup import WarmupJob

WINDOW = 4096
LARGEST = 65_536  # that the model was made for
LONG = "words and words " * 2000  # about 9,000 tokens
SERVERS = WarmupJob("src.models.local_servers", group=4)


class Ollama(ThreadingHTTPServer):
    """Ollama with one model, loaded with `window`, which reads the end of what does not fit."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.window = WINDOW


class Handler(BaseHTTPRequestHandler):
    server: Ollama

    def log_message(self, *_):
        """Says nothing."""

    def do_GET(self):
        found = {
            "/api/tags": {"models": [{"name": "small"}]},
            "/api/ps": {"models": [{"name": "small", "context_length": self.server.window}]},
        }.get(self.path, {"object": "list", "data": []})
        self.answer(json.dumps(found).encode(), "application/json")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/api/show":
            self.answer(json.dumps({"model_info": {"tiny.context_length": LARGEST}}).encode(), "application/json")
            return
        if self.path == "/api/chat":
            self.server.window = min(body["options"]["num_ctx"], LARGEST)
        sent = sum(len(message["content"]) for message in body["messages"]) // 4
        read = min(sent, self.server.window)
        if self.path == "/api/chat":
            last = {"done": True, "done_reason": "stop", "prompt_eval_count": read, "eval_count": 1}
            said = [{"message": {"content": "done"}}, {"message": {"content": ""}, **last}]
            self.answer("".join(f"{json.dumps(line)}\n" for line in said).encode(), "application/x-ndjson")
            return
        choice = {"index": 0, "delta": {"content": "done"}, "finish_reason": "stop"}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "small"}
        usage = {"prompt_tokens": read, "completion_tokens": 1, "total_tokens": read + 1}
        events = [{**chunk, "choices": [choice]}, {**chunk, "choices": [], "usage": usage}]
        lines = [f"data: {json.dumps(event)}\n\n" for event in events]
        self.answer("".join([*lines, "data: [DONE]\n\n"]).encode(), "text/event-stream")

    def answer(self, data, kind):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def ollama():
    server = Ollama()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def controller(fake, ollama, monkeypatch, make_controller):
    made = connected(make_controller, monkeypatch, "openai", more=(SERVERS,))
    endpoint = Endpoint("ollama", f"http://127.0.0.1:{ollama.server_port}/v1", title="Ollama", models=("small",))
    made.settings.change(endpoints=(endpoint,))
    made.choose_provider("ollama", "small")
    wait_until(made, lambda: made.window_tokens("ollama", "small") == WINDOW)
    return made


def test_a_request_that_would_lose_its_front_asks_first(controller):
    asked = controller.send(LONG)
    assert (asked.kind, "dropped without a word" in asked.reason) == ("confirm", True)
    assert controller.preview().drops == ""
    controller.composer.set_text(LONG)
    assert "reads 4,096 tokens" in controller.preview().drops


def test_what_the_server_read_is_beside_what_was_sent(controller):
    assert controller.send(LONG, confirmed=True).accepted
    assert settled(controller).error == ""
    turn = controller.discussion.snapshot().turns[-1]
    assert turn.usage.input_tokens == WINDOW
    assert "read 4,096 of about" in controller.front_lost(turn)


def test_a_request_that_fits_is_neither_asked_about_nor_reported(controller):
    assert controller.send("hello").accepted
    assert settled(controller).error == ""
    assert controller.front_lost(controller.discussion.snapshot().turns[-1]) == ""


def test_the_window_is_the_one_that_the_model_is_loaded_with_now(controller, ollama):
    ollama.window = 32_768
    controller.choose_provider("ollama", "small")
    wait_until(controller, lambda: controller.window_tokens("ollama", "small") == 32_768)
    controller.composer.set_text(LONG)
    assert controller.preview().drops == ""


def test_the_preview_follows_when_the_window_becomes_known(controller, ollama):
    controller.composer.set_text(LONG)
    assert "reads 4,096 tokens" in controller.preview().drops
    ollama.window = 32_768
    controller.refresh_models("ollama")  # and nothing of the request changes
    wait_until(controller, lambda: controller.preview().window_tokens == 32_768)
    assert controller.preview().drops == ""


def set_window(controller, tokens):
    controller.settings.change(model_options={"ollama/small": ModelOptions(num_ctx=tokens)})


def test_a_window_that_is_set_holds_what_was_too_long(controller, ollama):
    controller.composer.set_text(LONG)
    assert "num_ctx of 12,288" in controller.preview().drops
    set_window(controller, 12_288)
    assert (controller.preview().window_tokens, controller.preview().drops) == (12_288, "")
    assert controller.send().accepted
    assert settled(controller).error == ""
    turn = controller.discussion.snapshot().turns[-1]
    assert (ollama.window, turn.message.text, turn.usage.input_tokens) == (12_288, "done", len(LONG) // 4)
    assert (controller.sent_tokens(turn) > 8000, controller.front_lost(turn)) == (True, "")
    assert json.loads(controller.providers.serialise(controller.next_request()))["options"] == {"num_ctx": 12_288}


def test_no_more_is_counted_on_than_the_model_was_made_for(controller):
    set_window(controller, 1_000_000)
    assert controller.window_tokens("ollama", "small") == LARGEST


@pytest.mark.parametrize(
    ("total", "window", "longest", "drops"),
    [
        (3000, 4096, None, False),
        (3600, 4096, None, True),
        (3000, 4096, 2000, True),
        (9000, None, None, False),
        (9000, 0, None, False),
    ],
)
def test_the_answer_takes_its_part_of_the_window(total, window, longest, drops):
    assert bool(will_drop(total, window, longest)) is drops


@pytest.mark.parametrize(
    ("sent", "read", "window", "dropped"),
    [
        (9000, 4096, 4096, True),
        (1000, 900, 4096, False),
        (1000, 100, 4096, False),
        (9000, 4096, None, True),
        (9000, 0, 4096, False),
    ],
)
def test_a_count_that_is_low_for_another_reason_is_no_loss(sent, read, window, dropped):
    assert bool(was_dropped(sent, read, window)) is dropped


def test_a_comparison_holds_back_the_model_whose_server_would_drop_the_front(controller):
    controller.comparison.ask((("ollama", "small"), ("ollama", "small:num_ctx=32768")), LONG, confirmed=False)
    wait_until(controller, lambda: not controller.comparison.snapshot().is_running)
    columns = controller.comparison.snapshot().columns
    assert ("dropped without a word" in columns[0].refusal, columns[1].is_whole) == (True, True)


def test_a_window_that_is_set_for_this_request_alone_is_counted_on(controller):
    controller.use_settings("num_ctx=32768")
    assert controller.send(LONG).kind in ("sent", "queued")
