"""The user's settings: the only place for endpoints and the names of their keys, so that no project redirects a key.

Guarantees
- Keys themselves are never here: only the names under which they are looked up.
- A file that is not JSON is kept aside as `.bad-…` and the defaults hold; a wrong field keeps its default and is named.
- A change shows at once and is written on the pool, atomically, onto what the file then holds: another instance's other
  fields and the fields of a newer Sloppy stay. A write that fails is tried again; nothing is lost in memory.
- `_lock` guards every field of `LiveSettings`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from src.chat import ModelOptions
from src.models.endpoints import Endpoint, check_endpoint
from src.storage import stored_file
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

RETRY_S = 5.0
EFFORTS = ("low", "medium", "high")
HOTTEST = 2.0  # temperature
LONGEST = 1_000_000  # tokens of an answer
LEAST_WINDOW, LARGEST_WINDOW = 512, 4_000_000  # tokens that Ollama can be asked to make room for
MOST_CAP = 1_000_000_000  # tokens of a request
LEAST_CAP_USD, MOST_CAP_USD = 0.000001, 1e6
MAX_FAVOURITES = 50
MAX_RECENT = 12
MAX_COMPARED = 8
THEMES = ("dark", "light", "high_contrast", "nerv")


class SettingsError(ValueError):
    """A setting that cannot be taken; the message names the field and what it may be."""


class Settings(Value):
    """What the user chose. Caps None: no cap; `money_cap_usd` is that of a discussion.

    `thinking`: models are asked to show their thoughts.

    `prices`, the user's own: model → USD per million in, out, cached, written. `cache_marks`: providers that keep a
    request in their cache only when asked are asked. `counts_at_provider`: what is written goes to the
    provider before it is sent, to be counted there; without it nothing leaves before Send. `model_options` and
    `favourites` name a model as `provider/model`, and so do
    `compared`, the models that a comparison asks.
    """

    theme: str = "dark"
    font_scale: float = 1.0
    reduced_motion: bool = False
    endpoints: tuple[Endpoint, ...] = ()
    token_cap: int | None = None
    money_cap_usd: float | None = None
    request_cap_usd: float | None = None
    project_cap_usd: float | None = None
    day_cap_usd: float | None = None
    idle_timeout_s: float = 120.0
    thinking: bool = False
    shortcuts: Mapping[str, str] = {}
    recent_projects: tuple[str, ...] = ()
    provider: str = "echo"
    model: str = ""
    prices: Mapping[str, tuple[float, ...]] = {}
    counts_at_provider: bool = False
    model_options: Mapping[str, ModelOptions] = {}
    favourites: tuple[str, ...] = ()
    cache_marks: bool = True
    compared: tuple[str, ...] = ()


def encode(settings: Settings) -> dict[str, Any]:
    """The JSON values of the fields."""
    return {
        **settings._asdict(),
        "endpoints": [endpoint._asdict() for endpoint in settings.endpoints],
        "model_options": {name: one._asdict() for name, one in settings.model_options.items()},
    }


def decode_field(name: str, value: Any) -> Any:
    """The value of field *name* that the JSON *value* stands for. Raises SettingsError."""
    reader = _READERS.get(name)
    if reader is None:
        raise SettingsError(f"There is no setting {name!r}.")
    try:
        return reader(value)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        because = f" {error}" if name == "endpoints" and str(error).endswith(".") else ""
        raise SettingsError(f"The setting {name} is {value!r}: expected {_EXPECTED[name]}.{because}") from error


def decode(data: Any) -> tuple[Settings, tuple[tuple[str, str], ...]]:
    """The settings in the JSON value *data*; each field that is wrong, and a sentence. Raises SettingsError."""
    if not isinstance(data, dict):
        raise SettingsError("The settings are not an object.")
    fields, wrong = {}, []
    for name in Settings._fields:
        if name in data:
            try:
                fields[name] = decode_field(name, data[name])
            except SettingsError as error:
                wrong.append((name, str(error)))
    return Settings(**fields), tuple(wrong)


def key_of(provider: str, model: str) -> str:
    """The name of a provider's model in the settings: `anthropic/claude-opus-5`."""
    return f"{provider}/{model}"


class LiveSettings:
    """The settings of the running program. `changed` gets them whenever they change, `tell` shows a sentence."""

    def __init__(
        self, background: Background, changed: Callable[[Settings], None], tell: Callable[[str, ToastKind], object]
    ) -> None:
        self._background = background
        self._changed = changed
        self._tell = tell
        self._lock = threading.Lock()
        self._disk = threading.Lock()  # one writer at a time; taken before `_lock`
        self._settings = Settings()
        self._unsaved: dict[str, Any] = {}
        self._path: str | None = None
        self._writing = False
        self._wrong: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> tuple[tuple[str, str], ...]:
        """What of the file could not be taken: the field, empty for the whole file, and a sentence."""
        with self._lock:
            return self._wrong

    def snapshot(self) -> Settings:
        """The settings now."""
        with self._lock:
            return self._settings

    def change(self, **fields: Any) -> None:
        """Changes fields at once and writes them in the background. Raises SettingsError, then none changed."""
        taken = {name: decode_field(name, value) for name, value in fields.items()}
        with self._lock:
            settings = self._settings = self._settings._replace(**taken)
            self._unsaved.update(taken)
        self._changed(settings)
        self._save()

    def remember_project(self, path: str) -> None:
        """Puts *path* at the front of the recent projects."""
        others = [one for one in self.snapshot().recent_projects if one != path]
        self.change(recent_projects=(path, *others)[:MAX_RECENT])

    def load(self, path: str) -> None:
        """Reads *path*, on the pool; what was changed before stays changed. A missing file means the defaults."""
        settings, wrong = self._read(path)
        with self._lock:
            self._path, self._wrong = path, wrong
            settings = self._settings = settings._replace(**self._unsaved)
        for _, sentence in wrong:
            self._tell(sentence, "warning")
        self._changed(settings)
        self._save()

    def _read(self, path: str) -> tuple[Settings, tuple[tuple[str, str], ...]]:
        try:
            with open(path, encoding="utf-8", opener=stored_file.regular) as file:
                settings, wrong = decode(json.load(file))
            return settings, tuple((name, f"{path}: {said} The default holds.") for name, said in wrong)
        except FileNotFoundError:
            return Settings(), ()
        except OSError as error:
            return Settings(), (("", f"{path} cannot be read ({error.strerror}); the defaults hold."),)
        except (ValueError, RecursionError):
            try:
                aside = stored_file.keep_aside(path)
            except OSError as error:
                why = f"{path} is damaged and cannot be moved away ({error.strerror}); the defaults hold."
                return Settings(), (("", why),)
            return Settings(), (("", f"The settings in {path} were damaged, are kept as {aside}; the defaults hold."),)

    def _save(self) -> None:
        with self._lock:
            if self._path is None or self._writing or not self._unsaved:
                return
            self._writing = True
        self._background.submit(self.flush)

    def flush(self) -> bool:
        """Writes what is not written yet; True when all is. On the pool, and once more at the end."""
        with self._disk:  # a writer that was slower than this one would put older values over the newer
            path, failure = self._write()
        if failure:
            self._tell(f"The settings cannot be written to {path} ({failure}); they hold and are tried again.", "error")
            self._background.later(RETRY_S, self._save)
        else:
            self._save()
        return not failure

    def _write(self) -> tuple[str | None, str]:
        """Writes what is not written yet; the path, and why it failed."""
        with self._lock:
            path, fields = self._path, dict(self._unsaved)
        failure = ""
        if path is not None and fields:
            try:
                _merge(path, fields)
            except OSError as error:
                failure = error.strerror or str(error)
        with self._lock:
            self._writing = False
            if not failure:
                for name, value in fields.items():
                    if self._unsaved.get(name) is value:
                        del self._unsaved[name]
        return path, failure


def _merge(path: str, fields: Mapping[str, Any]) -> None:
    """Writes *fields* over what the file holds now."""
    try:
        with open(path, encoding="utf-8", opener=stored_file.regular) as file:
            data = json.load(file)
    except (FileNotFoundError, ValueError):
        data = {}
    data = data if isinstance(data, dict) else {}
    values = encode(Settings()._replace(**fields))
    data |= {name: values[name] for name in fields}
    stored_file.write_text(path, json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _theme(value: Any) -> str:
    if value not in THEMES:
        raise ValueError
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(lowest: float, highest: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError
        return float(value)

    return read


def _optional_money(value: Any) -> float | None:
    return None if value is None else _number(LEAST_CAP_USD, MOST_CAP_USD)(value)


def _optional_count(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 0 < value <= MOST_CAP):
        raise ValueError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError
    return tuple(_text(one) for one in value)


def _text_map(value: Any) -> dict[str, str]:
    return {_text(key): _text(one) for key, one in value.items()}


def _prices(value: Any) -> dict[str, tuple[float, ...]]:
    read = _number(0.0, 1e6)
    rows = {_text(model): tuple(read(price) for price in row) for model, row in value.items()}
    if any(len(row) not in (2, 3, 4) for row in rows.values()):
        raise ValueError
    return rows


def _endpoints(value: Any) -> tuple[Endpoint, ...]:
    return tuple(_endpoint(one._asdict() if isinstance(one, Endpoint) else one) for one in value)


def _endpoint(value: Mapping[str, Any]) -> Endpoint:
    endpoint = Endpoint(
        _text(value["name"]),
        _text(value["base_url"]),
        _text(value.get("key_name", "")),
        _text(value.get("title", "")),
        _texts(value.get("models", ())),
    )
    check_endpoint(endpoint)
    return endpoint


def _options(value: Any) -> ModelOptions:
    """The options that the JSON object *value* holds. Raises ValueError or TypeError for one that cannot be."""
    fields: Mapping[str, Any] = value._asdict() if isinstance(value, ModelOptions) else value
    if unknown := set(fields) - set(ModelOptions._fields):
        raise ValueError(f"no option: {', '.join(sorted(unknown))}")
    options = ModelOptions(**fields)
    heat, longest = options.temperature, options.max_tokens
    if heat is not None and (isinstance(heat, bool) or not 0 <= heat <= HOTTEST):
        raise ValueError("temperature")
    if longest is not None and (type(longest) is not int or not 0 < longest <= LONGEST):
        raise ValueError("max_tokens")
    window = options.num_ctx
    if window is not None and (type(window) is not int or not LEAST_WINDOW <= window <= LARGEST_WINDOW):
        raise ValueError("num_ctx")
    if options.thinking not in (None, True, False):
        raise ValueError("thinking")
    if options.effort not in ("", *EFFORTS):
        raise ValueError("effort")
    return options if heat is None else options._replace(temperature=float(heat))


_READERS: dict[str, Callable[[Any], Any]] = {
    "theme": _theme,
    "font_scale": _number(0.5, 4.0),
    "reduced_motion": _flag,
    "endpoints": _endpoints,
    "token_cap": _optional_count,
    "money_cap_usd": _optional_money,
    "request_cap_usd": _optional_money,
    "project_cap_usd": _optional_money,
    "day_cap_usd": _optional_money,
    "idle_timeout_s": _number(1.0, 3600.0),
    "thinking": _flag,
    "shortcuts": _text_map,
    "recent_projects": lambda value: _texts(value)[:MAX_RECENT],
    "provider": _text,
    "model": _text,
    "prices": _prices,
    "model_options": lambda value: {_text(name): _options(one) for name, one in value.items()},
    "favourites": lambda value: _texts(value)[:MAX_FAVOURITES],
    "counts_at_provider": _flag,
    "cache_marks": _flag,
    "compared": lambda value: _texts(value)[:MAX_COMPARED],
}
_EXPECTED = {
    "theme": f"one of {', '.join(THEMES)}",
    "font_scale": "a number from 0.5 to 4",
    "reduced_motion": "true or false",
    "endpoints": "a list of {name, base_url (http or https), key_name, title, models}",
    "token_cap": "a whole number of tokens from 1 to 1,000,000,000, or null for no cap",
    "money_cap_usd": "an amount in USD above 0 and up to 1,000,000, or null for no cap",
    "request_cap_usd": "an amount in USD above 0 and up to 1,000,000, or null for no cap",
    "project_cap_usd": "an amount in USD above 0 and up to 1,000,000, or null for no cap",
    "day_cap_usd": "an amount in USD above 0 and up to 1,000,000, or null for no cap",
    "idle_timeout_s": "seconds from 1 to 3600",
    "thinking": "true or false",
    "shortcuts": "an object of command to keys",
    "recent_projects": "a list of paths",
    "provider": "a text",
    "model": "a text",
    "counts_at_provider": "true or false",
    "cache_marks": "true or false",
    "compared": "a list of provider/model",
    "model_options": "an object of provider/model to temperature (0 to 2), max_tokens, effort (low, medium, high), "
    "num_ctx (512 to 4,000,000), thinking",
    "favourites": "a list of provider/model",
    "prices": "an object of model to [input, output, cached, written], the last two if known, USD per million",
}
