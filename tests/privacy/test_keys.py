"""Where keys are found, what is refused, and that a key that is added later works at once."""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from src.ai_client import Providers
from src.chat import Done, Failed, ImagePart, Message, ModelRequest, TextPart
from src.models.endpoints import Endpoint
from src.models.errors import ProviderError
from src.models.patience import Patience
from src.models.providers import BY_NAME
from src.privacy import keys
from src.privacy.keys import KeyFileError, KeyStatus, KeyStore
from tests.sdk import CANARY, Sdk

from importguard import warmup


@pytest.fixture
def store(tmp_path):
    return KeyStore({}, str(tmp_path / "sloppy" / "keys"))


def test_the_environment_comes_before_the_file_and_the_first_name_before_the_second(tmp_path):
    store = KeyStore({"B": "from-environment-b"}, str(tmp_path / "keys"))
    keys.write_file(store.path, {"A": "from-file-a", "B": "from-file-b"})
    assert store.find("B", "A").reveal() == "from-environment-b"
    assert (store.find("A").reveal(), store.find("A").source) == ("from-file-a", "file")
    assert store.status("A") == KeyStatus(True, f"A in {store.path}")
    assert store.find("C") is None


def test_a_kept_key_is_found_at_once_and_can_be_taken_away(store):
    store.keep("A", "  first-key \n")
    store.keep("B", "other-key")
    assert (store.find("A").reveal(), os.stat(store.path).st_mode & 0o777) == ("first-key", 0o600)
    store.keep("A", "")
    assert (store.find("A"), store.find("B").reveal()) == (None, "other-key")


def test_a_key_that_is_written_by_hand_is_seen_by_the_next_request(store):
    assert store.find("A") is None
    keys.write_file(store.path, {})
    with open(store.path, "w") as file:
        file.write('# mine\n\nexport A="by-hand"\n')
    assert store.find("A").reveal() == "by-hand"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_others_can_reach_is_refused_with_the_next_step(store, mode):
    store.keep("A", "some-key")
    os.chmod(store.path, mode)
    assert store.find("A") is None
    status = store.status("A")
    assert (status.found, f"(mode 0{mode:o}); run `chmod 600 {store.path}`" in status.notice) == (False, True)
    os.chmod(store.path, 0o600)
    assert (store.find("A").reveal(), store.status("A").notice) == ("some-key", "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"just words\n", ":1: expected NAME=key"),
        (b"A=good-key\n=x\n", ":2: expected NAME=key"),
        (b"A=\n", ":1: expected NAME=key"),
        (b"A=two words\n", "is no key"),
        (b"A=" + b"x" * 5000 + b"\n", "is no key"),
        (b"#" * 70_000, "larger than 64 KiB"),
        ("A=schlüssel\n".encode(), "is no key"),
    ],
)
def test_a_damaged_file_is_refused_and_said(store, content, reason):
    keys.write_file(store.path, {})
    with open(store.path, "wb") as file:
        file.write(content)
    assert store.find("A") is None
    assert reason in store.status("A").notice
    assert "two words" not in store.status("A").notice


@pytest.mark.parametrize("value", ["two words", "line\nend", "x" * 5000, "nön-ascii"])
def test_what_is_no_key_is_not_kept(store, value):
    with pytest.raises(KeyFileError, match="is no key"):
        store.keep("A", value)
    assert not os.path.exists(store.path)


def test_a_folder_in_the_place_of_the_file_is_said(store):
    os.makedirs(store.path)
    assert store.find("A") is None
    assert store.path in store.status("A").notice or "directory" in store.status("A").notice


class Keyring(SimpleNamespace):
    """A stand-in for the module keyring."""

    def __init__(self, held, gate=None):
        self.held, self.gate = held, gate

    def get_password(self, service, name):
        if self.gate is not None:
            self.gate.wait(20)
        return self.held.get((service, name))

    def set_password(self, service, name, value):
        self.held[service, name] = value

    def delete_password(self, service, name):
        del self.held[service, name]


@pytest.fixture
def use_keyring(monkeypatch):
    def use(keyring):
        monkeypatch.setattr(keys, "_require_warmed", lambda name: {"keyring": keyring}[name])

    return use


def test_the_keyring_is_asked_on_the_pool(store, use_keyring):
    asked_on = []
    keyring = Keyring({("sloppy", "A"): "ring-key"})
    keyring.get_password = lambda service, name: asked_on.append(threading.current_thread().name) or "ring-key"
    use_keyring(keyring)
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        store.ask_keyring(pool.submit, ["A"]).result(10)
    assert (store.find("A").reveal(), store.status("A").place) == ("ring-key", "A in the system's keyring")
    assert asked_on == ["pool_0"]


def test_a_keyring_that_hangs_holds_one_worker_and_is_told(store, use_keyring, monkeypatch):
    gate = threading.Event()
    use_keyring(Keyring({}, gate))
    with ThreadPoolExecutor(2) as pool:
        first = store.ask_keyring(pool.submit, ["A"])
        assert store.ask_keyring(pool.submit, ["A"]) is first
        assert store.status("A").notice == "The system's keyring is being asked."
        assert store.waiting() is not None
        monkeypatch.setattr(keys, "KEYRING_S", 0.0)
        assert "has not answered" in store.status("A").notice
        assert store.waiting() is None
        gate.set()


def test_a_keyring_that_is_going_to_be_asked_is_waited_for_as_one_that_is(store, use_keyring):
    use_keyring(Keyring({("sloppy", "A"): "ring-key"}))
    assert store.waiting() is None
    store.expect_keyring()
    question, seconds = store.waiting()
    assert (question.done(), 0 < seconds <= keys.KEYRING_S) == (False, True)
    with ThreadPoolExecutor(1) as pool:
        assert store.ask_keyring(pool.submit, ["A"]) is question
        question.result(10)
    assert (store.waiting(), store.find("A").reveal()) == (None, "ring-key")


def test_a_broken_keyring_is_a_notice_and_no_keyring_is_nothing(store, use_keyring):
    class NoKeyringError(Exception):
        pass

    def fail(error):
        def get_password(service, name):
            raise error

        return SimpleNamespace(get_password=get_password)

    with ThreadPoolExecutor(1) as pool:
        use_keyring(fail(NoKeyringError()))
        store.ask_keyring(pool.submit, ["A"]).result(10)
        assert store.status("A") == KeyStatus(False)
        use_keyring(fail(OSError("locked")))
        store.ask_keyring(pool.submit, ["A"]).result(10)
        assert store.status("A").notice == "The system's keyring cannot be read (OSError: locked)."


def test_a_key_is_kept_in_the_keyring_and_taken_away(store, use_keyring):
    keyring = Keyring({})
    use_keyring(keyring)
    store.keep("A", "ring-key", "keyring")
    assert (keyring.held, store.find("A").reveal()) == ({("sloppy", "A"): "ring-key"}, "ring-key")
    store.keep("A", "", "keyring")
    assert (keyring.held, store.find("A")) == ({}, None)


# The façade


@pytest.fixture
def facade(fake, monkeypatch, tmp_path):
    """The providers over the real SDKs, without any key."""
    sdks = {BY_NAME[name].module: Sdk(name) for name in ("anthropic", "openai")}
    warmed = SimpleNamespace(require_warmed=lambda name: sdks[name].module, product=lambda name: sdks[name].clients)
    monkeypatch.setattr(warmup, "_installed", warmed)
    return Providers(KeyStore({}, str(tmp_path / "keys")))


def ask(facade, provider, *parts):
    async def collect():
        request = ModelRequest(provider, "ok", "", (Message("user", parts or (TextPart("hi"),)),))
        return [event async for event in facade.stream(request, Patience(attempts=1))]

    return asyncio.run(collect())


def test_without_a_key_the_sentence_says_where_to_put_one(facade):
    (failure,) = ask(facade, "anthropic")
    assert (type(failure), failure.kind) == (Failed, "missing_key")
    assert failure.reason.startswith("Anthropic has no key: set ANTHROPIC_API_KEY, or put ANTHROPIC_API_KEY=")
    assert facade.keys.path in failure.reason
    assert facade.key_status("anthropic").found is False


def test_a_key_that_is_added_later_works_without_a_restart_and_a_changed_one_is_used(facade, fake):
    ask(facade, "anthropic")
    facade.keys.keep("ANTHROPIC_API_KEY", CANARY)
    assert type(ask(facade, "anthropic")[-1]) is Done
    facade.keys.keep("ANTHROPIC_API_KEY", "another-canary-key")
    ask(facade, "anthropic")
    sent = [seen.headers["authorization"] for seen in fake.requests]
    assert sent == [f"Bearer {CANARY}", "Bearer another-canary-key"]
    assert facade.key_status("anthropic") == KeyStatus(True, f"ANTHROPIC_API_KEY in {facade.keys.path}")


def test_clients_are_built_ahead_of_the_request(facade):
    facade.keys.keep("ANTHROPIC_API_KEY", CANARY)
    clients = warmup.product("src.providers.anthropic_claude")
    assert repr(clients) == "Clients(0)"
    facade.prepare_clients()
    assert repr(clients) == "Clients(1)"


def test_a_request_waits_for_the_keyring_that_is_being_asked(facade, use_keyring):
    gate = threading.Event()
    use_keyring(Keyring({("sloppy", "ANTHROPIC_API_KEY"): CANARY}, gate))
    with ThreadPoolExecutor(2) as pool:
        facade.keys.ask_keyring(pool.submit, ["ANTHROPIC_API_KEY"])
        reply = pool.submit(ask, facade, "anthropic")
        gate.set()
        assert type(reply.result(20)[-1]) is Done


def test_an_endpoint_is_a_provider_of_its_own(facade, fake):
    endpoint = Endpoint("ollama", f"{fake.address}/v1", title="Ollama", models=("ok",))
    assert facade.set_endpoints((endpoint,)) == ()
    assert [provider.name for provider in facade.all()] == ["echo", "gemini", "anthropic", "openai", "ollama"]
    assert type(ask(facade, "ollama")[-1]) is Done
    assert (fake.requests[0].headers["authorization"], facade.key_status("ollama").found) == ("Bearer no-key", True)
    assert [model.id for model in facade.models_of("ollama").models] == ["ok"]
    facade.set_endpoints(())
    with pytest.raises(ValueError, match="no provider 'ollama'"):
        facade.find("ollama")


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        (Endpoint("openai", "http://localhost/v1"), "There is a provider 'openai' already"),
        (Endpoint("Ollama!", "http://localhost/v1"), "lower-case letters"),
        (Endpoint("x", "ftp://localhost/v1"), "must look like http"),
        (Endpoint("x", "localhost:11434"), "must look like http"),
        (Endpoint("x", "https://user:password@host/v1"), "must not hold credentials"),
        (Endpoint("x", "https://host/v1?key=secret"), "must not hold credentials"),
        (Endpoint("x", "http://elsewhere.example/v1", "X_KEY"), "unencrypted to elsewhere.example"),
        (Endpoint("x", "https://host/v1", "sk-abcdef"), "names a key and is not the key itself"),
    ],
)
def test_an_endpoint_that_cannot_be_used_is_refused_with_a_sentence(facade, endpoint, reason):
    good = Endpoint("good", "http://127.0.0.1:1/v1", "X_KEY")
    (sentence,) = facade.set_endpoints((endpoint, good))
    assert reason in sentence
    assert [provider.name for provider in facade.all()][4:] == ["good"]


def test_models_are_fetched_and_kept_with_their_date(facade, tmp_path):
    assert (facade.models_of("openai").source, facade.models_of("openai").fetched_at) == ("shipped", 0.0)
    with pytest.raises(ProviderError, match="OpenAI has no key"):
        asyncio.run(facade.list_models("openai"))
    facade.keys.keep("OPENAI_API_KEY", CANARY)
    folder = str(tmp_path / "cache")
    fetched = asyncio.run(facade.list_models("openai", folder))
    assert ([model.id for model in fetched.models], fetched.source) == (["o-1"], "fetched")
    later = Providers(facade.keys)
    later.read_models(folder)
    kept = later.models_of("openai")
    assert (kept.models, kept.source, kept.fetched_at) == (fetched.models, "cached", fetched.fetched_at)


def test_a_request_is_shown_as_it_goes_out_with_its_images_shortened(facade):
    message = Message("user", (ImagePart("image/png", b"x" * 1000, "a.png"),))
    shown = facade.serialise(ModelRequest("openai", "m", "be brief", (message,)))
    assert ('"be brief"' in shown, "(1,358 characters)" in shown, len(shown) < 900) == (True, True, True)


def test_an_image_of_a_wrong_type_is_refused_before_it_goes_out(facade, fake):
    facade.keys.keep("ANTHROPIC_API_KEY", CANARY)
    (failure,) = ask(facade, "anthropic", ImagePart("image/tiff", b"x", "scan.tiff"))
    assert failure == Failed("scan.tiff is image/tiff; Anthropic takes PNG, JPEG, GIF and WebP.", "refused")
    assert fake.requests == []


def test_the_endpoints_of_one_bench_are_not_those_of_another(facade):
    facade.set_endpoints((Endpoint("ollama", "http://127.0.0.1:1/v1"),))
    assert [one.name for one in Providers(facade.keys).all()] == ["echo", "gemini", "anthropic", "openai"]
