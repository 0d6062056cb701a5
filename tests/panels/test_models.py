"""Which model is asked, and how: typed, fetched, favourite; temperature, length, effort; servers on this machine."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from imgui_bundle import imgui
from src.chat import ModelOptions
from src.models import local_servers
from src.models.catalog import Model
from src.models.endpoints import Endpoint
from tests.conftest import ECHO, wait_until
from tests.scenes import beside

from importguard.warmup import WarmupJob

OLLAMA = {
    "/api/tags": {"models": [{"name": "qwen3:8b"}, {"name": "llama4"}, {"name": "small"}]},
    "/api/ps": {"models": [{"name": "qwen3:8b", "context_length": 32768}]},
    "/api/show": {
        "llama4": {"parameters": "temperature 0.6\nnum_ctx 16384", "model_info": {"llama.context_length": 131072}},
        "small": {"parameters": "", "model_info": {"tiny.context_length": 2048}},
    },
    "/v1/models": {"data": [{"id": "qwen3:8b", "object": "model"}], "object": "list"},
}
LM_STUDIO = {
    "/api/v0/models": {
        "data": [
            {"id": "gemma-4", "type": "llm", "max_context_length": 131072, "loaded_context_length": 8192},
            {"id": "idle", "type": "vlm", "max_context_length": 4096},
            {"id": "nomic", "type": "embeddings", "max_context_length": 2048},
        ]
    }
}


@pytest.fixture
def serve():
    """`serve(answers)`: the base URL of a server on loopback that answers with these."""
    servers = []

    def run(answers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(answers.get(self.path))

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.answer((answers.get(self.path) or {}).get(asked["model"]))

            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(404 if value is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield run
    for server in servers:
        server.shutdown()
        server.server_close()


def test_ollama_tells_how_much_a_model_really_takes(serve):
    assert asyncio.run(local_servers.models_at(serve(OLLAMA))) == (
        Model("qwen3:8b", "qwen3:8b", 32768, 0, 131_072),  # loaded with so much
        Model("llama4", "llama4", 16384, 0, 131_072),  # set by its file, and not what the model could
        Model("small", "small", 2048, 0, 2048),  # less than Ollama's default
    )


def test_lm_studio_tells_what_is_loaded_and_no_embeddings(serve):
    assert asyncio.run(local_servers.models_at(serve(LM_STUDIO))) == (
        Model("gemma-4", "gemma-4", 8192),
        Model("idle", "idle", 4096),
    )


@pytest.mark.parametrize("answers", [{}, {"/api/tags": {"models": "x"}}, {"/api/v0/models": {"data": 3}}])
def test_what_is_neither_server_is_none(serve, answers):
    assert asyncio.run(local_servers.models_at(serve(answers))) is None


@pytest.mark.parametrize(
    "base_url", ["https://127.0.0.1/v1", "http://models.example:11434/v1", "http://127.0.0.1:1/v1"]
)
def test_only_this_machine_is_asked(base_url):
    assert asyncio.run(local_servers.models_at(base_url)) is None


def test_a_server_on_this_machine_becomes_a_provider_with_its_windows(drive, serve, monkeypatch):
    base_url = serve(OLLAMA)
    monkeypatch.setattr(local_servers, "KNOWN", (Endpoint("ollama", base_url, title="Ollama"),))
    monkeypatch.setattr(local_servers.detect, "__defaults__", (local_servers.KNOWN,))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    openai = WarmupJob("src.providers.openai_chat", "src.providers.openai_chat:connect", group=4)
    jobs = (*ECHO, WarmupJob("src.models.local_servers", group=3), openai)

    def steps(context, gui):
        controller = gui.controller
        assert controller.wait_for_warmup(60)
        gui.commands.run("settings.endpoints")
        context.yield_(4)
        context.item_click("//Settings/**/###detect")
        wait_until(controller, lambda: controller.providers.title("ollama"))
        wait_until(controller, lambda: controller.providers.models_of("ollama").source == "fetched")
        controller.choose_provider("ollama", "llama4")
        context.yield_(3)
        assert controller.window_tokens("ollama", "llama4") == 16384
        assert controller.preview().window_tokens == 16384

    drive(steps, drive.make(jobs))


def test_any_model_can_be_typed(drive):
    def steps(context, gui):
        context.item_click("//Composer/###model")
        context.yield_(2)
        context.key_chars("claude-opus-9-secret")
        context.yield_(2)
        context.item_click("//$FOCUSED/###use")
        context.yield_(2)
        assert gui.controller.snapshot().model == "claude-opus-9-secret"

    drive(steps)


def test_a_typed_model_is_taken_by_enter(drive):
    def steps(context, gui):
        context.item_click("//Composer/###model")
        context.yield_(2)
        context.key_chars_append_enter("my-model")
        context.yield_(2)
        assert gui.controller.snapshot().model == "my-model"

    drive(steps)


def test_a_favourite_stays_at_the_top_of_every_list(drive):
    def steps(context, gui):
        settings = gui.controller.settings
        context.item_click("//Composer/###model")
        context.yield_(2)
        context.item_click("**/###star echo-slow")
        context.yield_(2)
        assert settings.snapshot().favourites == ("echo/echo-slow",)

    drive(steps)


def test_what_is_set_for_a_model_goes_out_with_its_requests_and_no_others(drive):
    def steps(context, gui):
        controller = gui.controller
        context.item_click("//Composer/###options")
        context.yield_(2)
        context.item_click("//$FOCUSED/###has temperature")
        context.yield_(2)
        context.item_click("//$FOCUSED/###effort high")
        context.yield_(2)
        assert controller.settings.snapshot().model_options == {"echo/echo-1": ModelOptions(0.7, None, "high")}
        request = controller.next_request()
        assert (request.temperature, request.effort, request.max_tokens) == (0.7, "high", None)
        controller.choose_provider("echo", "echo-slow")
        assert controller.next_request().temperature is None

    drive(steps)


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": 3}, {"temperature": True}, {"max_tokens": 0}, {"effort": "huge"}, {"x": 1}],
)
def test_options_that_cannot_be_are_refused(make_controller, wrong):
    with pytest.raises(ValueError, match="model_options"):
        make_controller().settings.change(model_options={"echo/echo-1": wrong})


def test_a_list_opens_inside_the_window(drive):
    def steps(context, gui):
        for name in ("provider", "model", "options"):
            context.item_click(f"//Composer/###{name}")
            context.yield_(3)
            popup = context.window_info("//$FOCUSED").window
            view = imgui.get_main_viewport()
            assert popup.pos.y >= 0
            assert popup.pos.y + popup.size.y <= view.size.y
            assert popup.pos.x + popup.size.x <= view.size.x
            assert popup.size.y > 60
            context.popup_close_all()
            context.yield_(2)

    drive(steps, size=(1024, 700))


@pytest.mark.parametrize("way", ["button", "command"])
def test_a_list_of_models_is_fetched_when_the_user_asks(drive, way):
    def steps(context, gui):
        models_of = gui.controller.providers.models_of
        beside(context, lambda: gui.controller.wait_for_warmup(60))
        assert models_of("echo").source == "shipped"
        if way == "button":
            context.item_click("//Composer/###model")
            context.yield_(2)
            context.item_click("//$FOCUSED/###fetch")
        else:
            gui.commands.run("models.fetch")
        beside(context, lambda: wait_until(gui.controller, lambda: models_of("echo").source == "fetched"))

    drive(steps)
