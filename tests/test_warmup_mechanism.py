import json
import shutil
import sys
import threading

import pytest
from src.app_controller import AppController
from src.chat import Message
from src.host import warming
from src.host.warming import MANIFEST
from src.models.access import Access
from src.storage.places import places_in
from tests.conftest import ECHO, clean_environment, settled, start_program
from tests.repository import ROOT

from importguard.warmup import WarmupFailedError, WarmupJob, WarmupManifest


def test_every_module_of_the_committed_manifest_is_loaded_and_has_its_client(monkeypatch, tmp_path):
    for name in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "test-key")
    controller = AppController(places=places_in(str(tmp_path)))
    assert controller.wait_for_warmup(60)
    status = controller.warmup_status()
    manifest = WarmupManifest.load(MANIFEST)
    assert (status.pending, status.failed) == ((), ())
    assert set(status.completed) == {job.module for job in manifest.jobs}
    assert all(job.module in sys.modules for job in manifest.jobs)
    built = {}
    for provider in controller.providers.all()[1:]:
        clients = controller._warming.warmup.product(provider.module)
        access = Access(provider.title, key=controller.keys.find(*provider.key_names))
        # The background list of models may have built the one with the key by now, or not.
        warm = repr(clients) in ("Clients(1)", "Clients(2)")
        built[provider.name] = (warm, type(clients.get(access)).__name__, repr(clients))
    assert built == {
        "gemini": (True, "Connection", "Clients(2)"),
        "anthropic": (True, "AsyncAnthropic", "Clients(2)"),
        "openai": (True, "AsyncOpenAI", "Clients(2)"),
    }
    assert controller.close(10)


def answered(controller):
    """The messages, once no reply is on its way."""
    settled(controller)
    return controller.discussion.messages()


def test_the_users_folders_are_read_once_however_often_the_start_is_asked_for(make_controller, tmp_path, monkeypatch):
    read = []
    controller = make_controller(start=False)
    monkeypatch.setattr(controller.providers, "read_models", read.append)
    for _ in range(3):
        controller.start_warmup()
    assert controller.wait_for_warmup(60)
    assert controller.close(10)
    assert len(read) == 1


def test_completion_is_called_once_even_when_asked_for_late(make_controller):
    controller = make_controller()
    assert controller.wait_for_warmup(60)
    calls = []
    controller.on_warmup_complete(lambda status: calls.append(len(status.completed)))
    assert calls == [2]


def test_the_toast_says_that_all_is_ready(make_controller):
    controller = make_controller()
    assert controller.wait_for_warmup(60)
    assert controller.toasts.snapshot()[-1].text == "All providers ready (2 modules)."


def test_a_message_sent_before_the_provider_is_warm_goes_out_by_itself(make_controller):
    controller = make_controller(start=False)
    assert controller.send("hello there").accepted
    assert controller.snapshot().waiting
    controller.start_warmup()
    assert answered(controller) == (
        Message.of("user", "hello there"),
        Message.of("assistant", "hello there", "echo", "echo-1"),
    )


def test_nothing_is_sent_twice_or_empty(make_controller):
    controller = make_controller(start=False)
    assert [controller.send(text).accepted for text in ("  ", "one", "two")] == [False, True, False]


def test_a_broken_provider_leaves_the_others_working(make_controller):
    controller = make_controller((*ECHO, WarmupJob("src.providers.anthropic_claude", "no_such_module:connect")))
    assert controller.wait_for_warmup(60)
    assert [name for name, _ in controller.warmup_status().failed] == ["src.providers.anthropic_claude"]
    controller.choose_provider("anthropic")
    controller.send("hi")
    assert "no_such_module" in settled(controller).error
    controller.choose_provider("echo")
    controller.send("still here")
    assert answered(controller)[-1].text == "still here"


def test_a_stopped_reply_keeps_what_arrived(make_controller):
    controller = make_controller()
    assert controller.wait_for_warmup(60)
    controller.send(" ".join(["word"] * 5000))
    wait_for_text(controller)
    controller.stop()
    assert answered(controller)[-1].text.startswith("word")


def wait_for_text(controller):
    """Waits until a reply has text."""
    arrived = threading.Event()

    def look():
        reply = controller.snapshot().reply
        if reply is not None and reply.text:
            arrived.set()

    controller.on_change(look)
    look()
    assert arrived.wait(10)


def test_a_new_discussion_drops_the_reply_that_streams(make_controller):
    controller = make_controller()
    assert controller.wait_for_warmup(60)
    controller.send(" ".join(["old"] * 5000))
    wait_for_text(controller)
    controller.discussion.new()
    assert answered(controller) == ()
    controller.send("fresh")
    assert [message.text for message in answered(controller)] == ["fresh", "fresh"]


def test_a_new_discussion_drops_the_message_that_waits(make_controller):
    controller = make_controller(start=False)
    controller.send("too early")
    controller.discussion.new()
    assert not controller.snapshot().waiting
    controller.start_warmup()
    assert controller.wait_for_warmup(60)
    assert answered(controller) == ()


def test_what_cannot_be_retried_leaves_the_warmup_done(make_controller):
    controller = make_controller()
    assert controller.wait_for_warmup(60)
    controller.retry_warmup("src.turn.loop")
    assert controller.wait_for_warmup(0)


def test_a_failed_module_can_be_retried(make_controller, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "late_module.py").write_text("raise RuntimeError('not yet')")
    controller = make_controller([WarmupJob("late_module")])
    assert controller.wait_for_warmup(60)
    with pytest.raises(WarmupFailedError, match="not yet"):
        controller._warming.warmup.require_warmed("late_module")
    (tmp_path / "late_module.py").write_text("ready = 'now it is ready'")
    controller.retry_warmup("late_module")
    assert controller.wait_for_warmup(60)
    assert controller._warming.warmup.require_warmed("late_module").ready == "now it is ready"
    sys.modules.pop("late_module")


def test_the_provider_used_last_is_warmed_next(make_controller, tmp_path):
    places = places_in(str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.json").write_text('{"provider": "gemini"}')
    jobs = (WarmupJob("src.turn.loop"), WarmupJob("colorsys", group=1), WarmupJob("src.providers.gemini", group=2))
    controller = make_controller(jobs, start=False, places=places)
    controller._set_up()
    assert controller.warmup_status().pending == ("src.providers.gemini", "src.turn.loop", "colorsys")


def test_a_stale_manifest_is_told_once_all_is_ready(tmp_path, monkeypatch):
    for path in (ROOT / "sloppy.py", ROOT / "importguard.toml"):
        shutil.copy(path, tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src")
    manifest = tmp_path / "src" / "warmup_manifest.json"
    text = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(text | {"jobs": text["jobs"][:2]}))
    (tmp_path / "src" / "commands.py").write_text("_require_warmed('wave')")
    monkeypatch.setattr(warming, "MANIFEST", str(manifest))
    places = places_in(str(tmp_path))
    controller, told = AppController(start=False, places=places), threading.Event()
    controller.on_change(lambda: "stale" in str(controller.toasts.snapshot()) and told.set())
    controller.start_warmup()
    assert told.wait(10)
    toast = next(toast.text for toast in controller.toasts.snapshot() if "stale" in toast.text)
    assert toast.startswith("warmup_manifest.json is stale: nothing warms ")
    assert toast.endswith(" wave; run `importguard manifest --write`.")
    assert controller.close(10)


def test_an_unknown_provider_names_those_that_exist(make_controller):
    with pytest.raises(ValueError, match="echo, gemini, anthropic, openai"):
        make_controller(start=False).choose_provider("nobody")


def test_the_program_ends_on_a_signal_while_it_warms_up(tmp_path):
    program = start_program(tmp_path, "--headless")
    program.process.terminate()
    assert program.process.wait(20) == 0
    assert clean_environment(tmp_path)["HOME"] == str(tmp_path)
