"""Hostile files and folders: damaged, linked, endless, swapped while they are looked at; and what models do to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from src.chat import ToolCallPart
from src.discussion import format as log_format
from src.discussion import reading
from src.discussion.agreed import AgreedTools, key_of
from src.hooks.server.guard import Guard
from src.hooks.token import HookToken, sweep
from src.models import catalog as models
from src.privacy import keys
from src.privacy.redactor import current
from src.project import file as project_file
from src.request import composer
from src.storage import inside, settings
from src.storage.instance_lock import InstanceLock
from src.tools import catalog, process, propose_edit
from src.tools.outcome import Answer, Command, Edit, ToolError, Workspace

from attacks.texts import KEY, SECRETS, noise, random_json

REFUSALS = (ValueError, OSError)
FIFO: Callable[[Path], None] = os.mkfifo


def write(path: Path, text: str) -> Path:
    """The file, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(errors="surrogatepass"))
    return path


def damage_log(draw: Random, folder: Path) -> None:
    """A log with any bytes changed opens with what is before the damage, or is refused."""
    lines = [log_format.encode_header("one", 1.0), *(b'{"+":"word %d"}\n' % number for number in range(20))]
    data = bytearray(b"".join(lines))
    for _ in range(draw.randint(1, 8)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    path = folder / "one.jsonl"
    path.write_bytes(bytes(data[: draw.randint(0, len(data))]))
    with contextlib.suppress(*REFUSALS):
        reading.load(str(path))


def random_log(draw: Random, folder: Path) -> None:
    """A log of any JSON at all opens, or is refused."""
    rows = [log_format.encode_header("one", 1.0).decode(), *(json.dumps(random_json(draw, 5)) + "\n" for _ in range(9))]
    with contextlib.suppress(*REFUSALS):
        reading.load(str(write(folder / "one.jsonl", "".join(rows))))


def deep_log(draw: Random, folder: Path) -> None:
    """Values inside values, and numbers without an end."""
    line = draw.choice(("[" * 50_000, '{"a":' * 50_000, "1" * 9000, '{"+":' + "[" * 30_000 + "]" * 30_000 + "}"))
    with contextlib.suppress(*REFUSALS):
        reading.load(str(write(folder / "one.jsonl", log_format.encode_header("one", 1.0).decode() + line + "\n")))


def linked_log(draw: Random, folder: Path) -> None:
    """A log or a lock that is a link, a pipe or a folder is refused, and what it leads to stays."""
    victim = write(folder / "victim", "mine\n")
    path = folder / "d" / draw.choice(("one.jsonl", "one.jsonl.lock"))
    path.parent.mkdir()
    draw.choice((lambda: path.symlink_to(victim), lambda: FIFO(path), path.mkdir))()
    refused = False
    try:
        if path.name.endswith(".lock"):
            refused = not InstanceLock(str(path), str(folder)).take()
        else:
            reading.load(str(path), root=str(folder))
    except REFUSALS:
        refused = True
    assert refused
    assert victim.read_text() == "mine\n"


def random_project(draw: Random, folder: Path) -> None:
    """A project file of any TOML is a project inside its folder, or refused."""
    names = [*project_file.FIELDS, *project_file.REFUSED, "x"]
    values = (
        '"x"',
        "1",
        "[]",
        '["."]',
        '["../.."]',
        '["/etc"]',
        '"../d"',
        '"d"',
        "{a = 1}",
        '["\\u0000"]',
        "true",
        '["~"]',
    )
    text = "".join(f"{name} = {draw.choice(values)}\n" for name in draw.sample(names, draw.randint(0, 8)))
    path = write(folder / "sloppy.toml", text if draw.random() < 0.8 else noise(draw, 3000))
    try:
        project, _ = project_file.read(str(path))
    except REFUSALS:
        return
    here = os.path.realpath(folder)
    assert all(inside.is_inside(here, root) for root in project.roots)
    assert not project.discussions or inside.is_inside(here, project.discussions)


def linked_project(draw: Random, folder: Path) -> None:
    """A project file that leads out is neither read nor written."""
    outside = write(folder / "out" / "x.toml", "mine = 1\n")
    inner = folder / "in"
    inner.mkdir()
    (inner / "sloppy.toml").symlink_to(outside if draw.random() < 0.5 else "../out/x.toml")
    for act in (lambda: project_file.read(str(inner / "sloppy.toml")),
                lambda: project_file.write(str(inner / "sloppy.toml"), {"pinned": ["a"]})):  # fmt: skip
        try:
            act()
        except project_file.ProjectError:
            continue
        raise AssertionError("a link that leads out was followed")
    assert outside.read_text() == "mine = 1\n"


def traverse(draw: Random, folder: Path) -> None:
    """No path leads out of the folder."""
    write(folder / "in" / "a" / "b.txt", "x")
    (folder / "in" / "up").symlink_to("..")
    parts = draw.choices(("..", "a", "b.txt", "up", ".", "", "\0", "/", "~", "\ud800", "x" * 300), k=draw.randint(1, 8))
    with contextlib.suppress(*REFUSALS):
        real = inside.resolve((str(folder / "in"),), draw.choice(("/", "")) + "/".join(parts))
        assert inside.is_inside(os.path.realpath(folder / "in"), real)


def swap_links(draw: Random, folder: Path) -> None:
    """A folder that becomes a link between the look and the use is not followed."""
    root = folder / "in"
    write(root / "a" / "f.txt", "inside")
    write(folder / "out" / "f.txt", "outside")
    real = os.path.realpath

    def late(path: Any, **options: Any) -> Any:
        found = real(path, **options)
        if str(path).endswith("f.txt") and not (root / "a").is_symlink():
            (root / "a").rename(root / "old")
            (root / "a").symlink_to("../out")
        return found

    os.path.realpath = late  # type: ignore[assignment]
    try:
        if draw.random() < 0.5:
            data = inside.read_bytes((str(root),), str(root / "a" / "f.txt"), 100)
            assert data != b"outside"
        else:
            inside.write_text((str(root),), str(root / "a" / "f.txt"), "written", 0o600)
    except REFUSALS:
        pass
    finally:
        os.path.realpath = real
    assert (folder / "out" / "f.txt").read_text() == "outside"


def random_settings(draw: Random, _: Path) -> None:
    """Settings of any JSON are settings."""
    names = (*settings.Settings._fields, "x")
    value = {draw.choice(names): random_json(draw, 3) for _ in range(draw.randint(0, 8))}
    with contextlib.suppress(settings.SettingsError):
        found, _wrong = settings.decode(draw.choice((value, random_json(draw, 3))))
        assert isinstance(found, settings.Settings)


def random_models(draw: Random, folder: Path) -> None:
    """A kept list of models of any JSON is a list, or none."""
    path = Path(models._path(str(folder), "echo"))
    write(path, json.dumps({"schema": 1, "fetched_at": 1, "models": random_json(draw, 3)}))
    found = models.read(str(folder), "echo")
    assert found is None or len(found.models) <= models.MAX_MODELS


def random_agreed(draw: Random, folder: Path) -> None:
    """A table of agreed tools of any JSON agrees to nothing that it does not hold."""
    path = write(folder / "agreed_tools.json", json.dumps(random_json(draw, 4)))
    table = AgreedTools()
    table.load(str(path))
    assert table.of(key_of(str(folder / "d.jsonl"), b"x")) == frozenset()


def random_keys(draw: Random, folder: Path) -> None:
    """A file of keys of any text is read whole or refused, and what it holds is known from then on."""
    path = write(folder / "keys", noise(draw, 500))
    path.chmod(draw.choice((0o600, 0o644)))
    with contextlib.suppress(*REFUSALS):
        found = keys.read_file(str(path))
        assert all(current().find_known(f"x {value}") for value in found.values() if len(value) >= 6)


def attach_anything(draw: Random, folder: Path) -> None:
    """A pipe, a device, a folder and a file with a secret do not go along."""
    path = folder / draw.choice(("x.txt", "x.png"))
    kind = draw.randrange(4)
    if kind == 0:
        FIFO(path)
    elif kind == 1:
        path.symlink_to("/dev/zero")
    elif kind == 2:
        path.mkdir()
    else:
        path = write(folder / "x.txt", draw.choice(SECRETS).text)
    try:
        composer.read_attachment(str(path))
    except REFUSALS:
        return
    raise AssertionError(f"{kind} went along")


def call_tools(draw: Random, folder: Path) -> None:
    """Whatever a model writes is answered, and nothing outside is shown or changed."""
    root = folder / "in"
    write(root / "a.txt", "words\n")
    outside = write(folder / "out.txt", "private words")
    (root / "link").symlink_to("..")
    spec = draw.choice(catalog.SPECS)
    paths = ("a.txt", "../out.txt", "link/out.txt", "/etc/passwd", "", "\ud800", "a\0b", noise(draw, 50), "x" * 5000)
    given: dict[str, Any] = {}
    for name, about in spec.parameters["properties"].items():
        words = draw.choice(paths)
        given[name] = {"string": words, "array": [words], "integer": draw.randint(-5, 10**9), "boolean": True}[
            about["type"]
        ]
    if draw.random() < 0.2:
        given[draw.choice(("x", *given))] = random_json(draw, 2)
    text = json.dumps(given) if draw.random() < 0.9 else noise(draw, 200)
    planned = catalog.prepare(ToolCallPart("1", spec.name, text), Workspace((str(root),)))
    assert isinstance(planned, Answer | Edit | Command)
    if isinstance(planned, Edit):
        with contextlib.suppress(*REFUSALS):
            propose_edit.apply(planned, Workspace((str(root),)))
    assert "private" not in getattr(planned, "text", "")
    assert outside.read_text() == "private words"


def edit_and_undo(draw: Random, folder: Path) -> None:
    """An edit that was made and taken back leaves the file as it was, to the byte."""
    before = noise(draw, 2000).replace("\0", "").encode(errors="replace").decode()
    path = write(folder / "a.txt", before)
    data, workspace = path.read_bytes(), Workspace((str(folder),))
    at = draw.randrange(len(before) or 1)
    old = before[at : at + draw.randint(1, 200)]
    arguments = {"path": "a.txt", "old_text": old, "new_text": noise(draw, 300)}
    planned = catalog.prepare(ToolCallPart("1", "propose_edit", json.dumps(arguments)), workspace)
    if isinstance(planned, Edit):
        with contextlib.suppress(ToolError):
            propose_edit.undo(planned, propose_edit.apply(planned, workspace))
    assert path.read_bytes() == data


def hold_back(draw: Random, folder: Path) -> None:
    """A file with a secret is shown by no tool, and no edit brings one."""
    row = draw.choice(SECRETS)
    write(folder / "conf.txt", f"first\n{row.text}\nlast")
    arguments = draw.choice(({"path": "conf.txt"}, {"text": "first"}))
    name = "read_file" if "path" in arguments else "search_files"
    answer = catalog.prepare(ToolCallPart("1", name, json.dumps(arguments)), Workspace((str(folder),)))
    assert isinstance(answer, Answer)
    assert not [one for one in row.secrets if one in answer.text], row.name
    brings = {"path": "new.txt", "old_text": "", "new_text": row.text}
    assert isinstance(
        catalog.prepare(ToolCallPart("1", "propose_edit", json.dumps(brings)), Workspace((str(folder),))), Answer
    )


def read_own_logs(draw: Random, folder: Path) -> None:
    """No tool shows a discussion of Sloppy's."""
    write(folder / "d" / "x.jsonl", log_format.encode_header("x", 1.0).decode() + '{"+":"private"}\n')
    arguments = draw.choice(({"path": "d/x.jsonl"}, {"text": "private"}))
    name = "read_file" if "path" in arguments else "search_files"
    answer = catalog.prepare(ToolCallPart("1", name, json.dumps(arguments)), Workspace((str(folder),)))
    assert isinstance(answer, Answer)
    assert "private" not in answer.text.replace("private", "", name == "search_files" and "no hits" in answer.text)


def pass_variables(draw: Random, _: Path) -> None:
    """A command sees no variable that is not named, and no key in one that is."""
    name = draw.choice(("X_TOKEN", "DB_PASS", "MY_VARIABLE", "PATH", "LC_X", "HTTPS_PROXY"))
    before = os.environ.get(name)
    current().add(KEY)
    os.environ[name] = draw.choice((KEY, f"http://u:{KEY}@h", draw.choice(SECRETS).text.replace("\0", "")))
    try:
        passed = process.environment()
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before
    assert KEY not in "".join(passed.values())
    assert name not in passed or name in ("PATH", "LC_X", "HTTPS_PROXY")


def sweep_tokens(draw: Random, folder: Path) -> None:
    """What is no dead token of this user's stays."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    mine = HookToken.create()
    odd = folder / "sloppy-hook-odd"
    draw.choice(
        (odd.mkdir, lambda: odd.symlink_to(folder), lambda: write(odd, "x"), lambda: write(odd / "other", "x"))
    )()
    swept = sweep(str(folder))
    assert (swept, os.path.exists(mine.path), os.path.lexists(odd)) == (0, True, True)
    mine.remove()


def knock(draw: Random, _: Path) -> None:
    """A request without the right host and token is let nowhere."""
    let_in = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        let_in.append(scope)

    names = (b"host", b"origin", b"authorization", b"content-type", b"content-length", b"sec-fetch-site", b"x")
    values = (b"127.0.0.1:1", b"localhost:1", b"Bearer x", b"Bearer " + noise(draw, 50).encode(errors="replace"), b"",
              b"*", b"application/json", b"0", b"5", b"null", b"cross-site")  # fmt: skip
    headers = [(draw.choice(names), draw.choice(values)) for _ in range(draw.randint(0, 8))]
    headers = [(name, value) for name, value in headers if name != b"content-length" or value.isdigit()]
    answers: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"12345", "more_body": False}

    async def send(message: Any) -> None:
        answers.append(message)

    guard = Guard(app, "the-token-that-nobody-knows", 1)
    asyncio.run(guard({"type": "http", "method": "GET", "headers": headers}, receive, send))
    assert not let_in
    assert answers[0]["status"] in (401, 403, 413, 415, 503)


SHAPES = (
    damage_log, random_log, deep_log, linked_log, random_project, linked_project, traverse, swap_links, random_settings,
    random_models, random_agreed, random_keys, attach_anything, call_tools, edit_and_undo, hold_back, read_own_logs,
    pass_variables, sweep_tokens, knock,
)  # fmt: skip
