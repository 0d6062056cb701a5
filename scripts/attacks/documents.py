"""What else a stranger may hand to importguard: documents, archives, patterns, repositories, records, a cache."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from importguard import Patterns, find_project
from importguard.costs.measured import read_costs
from importguard.errors import ImportGuardError
from importguard.manifest import read as read_manifest
from importguard.project.lock import read_baseline, read_lock
from importguard.running.process import _read as read_record
from importguard.source.suppressions import read_suppressions
from importguard.storage.cache import Cache
from importguard.storage.disk import Disk
from importguard.target.finder import read_source
from importguard.target.site_files import read_site
from importguard.warmup import ManifestError, Warmup, WarmupManifest, staleness

Attack = Callable[[random.Random, Path], None]


def _value(chance: random.Random, depth: int = 3) -> object:
    kind = chance.randrange(9 if depth else 6)
    if kind > 6:
        return {_text(chance): _value(chance, depth - 1) for _ in range(chance.randint(0, 4))}
    if kind == 6:
        return [_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    return (None, True, chance.randint(-(2**70), 2**70), chance.random() * 1e300, _text(chance), [])[kind]


def _text(chance: random.Random) -> str:
    return "".join(
        chance.choices(["a", "\x1b", "é", "/", "..", "\ud800", "\0", "::", "schema", "jobs"], k=chance.randint(0, 6))
    )


def _document(chance: random.Random, path: Path) -> None:
    """A JSON document, of the keys that are known or of any, whole or damaged."""
    keys = "schema jobs entries findings self_us entry modules module path code subject fingerprint version".split()
    value = {key: _value(chance) for key in chance.sample(keys, chance.randint(0, len(keys)))}
    value["schema"] = chance.choice((1, 2, 3, _value(chance)))
    content = bytearray(json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass"))
    for _ in range(chance.choice((0, 0, 1, 5))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content[: chance.choice((len(content), len(content) // 2))])


def _reader(read: Callable[[Path], object]) -> Attack:
    def attack(chance: random.Random, folder: Path) -> None:
        _document(chance, folder / "document")
        with contextlib.suppress(ImportGuardError, ManifestError):
            read(folder / "document")

    return attack


def configuration(chance: random.Random, folder: Path) -> None:
    """importguard.toml: its own keys with values of any kind."""
    keys = "entry module python heavy_ms lock manifest baseline governed select per-path warmup verify allow".split()
    lines = [f"{key} = {json.dumps(_value(chance, 1))}" for key in chance.sample(keys, chance.randint(1, 4))]
    text = "\n".join(lines).replace("null", '""')
    (folder / "importguard.toml").write_bytes(text.encode("utf-8", "replace"))
    with contextlib.suppress(ImportGuardError):
        find_project(folder)


def pattern(chance: random.Random, folder: Path) -> None:  # noqa: ARG001  of the same form as the others
    """A pattern made to backtrack without end, and names that it nearly fits."""
    line = "".join(
        chance.choices(["*", "a", "?", "[ab]", "/", "**/", "*a", "[!b]", "\\", "!"], k=chance.randint(1, 300))
    )
    with contextlib.suppress(ValueError):
        spec = Patterns.strict([line])
        for name in ("a" * 255, "a/" * 1000 + "b", "/".join(["ab" * 60] * 10)):
            spec.takes(name)


def pth(chance: random.Random, folder: Path) -> None:
    """A .pth file."""
    pieces = [b"import ", b"\n", b".", b"..", b"/dev", b"\0", b"\xff\xfe", b"#", b"x" * 5000, bytes(folder)]
    (folder / "x.pth").write_bytes(b"".join(chance.choices(pieces, k=chance.randint(1, 40))))
    read_site((), (str(folder),), Disk())


def archive(chance: random.Random, folder: Path) -> None:
    """A damaged archive."""
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a/b.py", b"x" * chance.randint(0, 9999))
    content = bytearray((folder / "x.zip").read_bytes())
    for _ in range(chance.randint(0, 9)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    (folder / "x.zip").write_bytes(content)
    with contextlib.suppress(OSError):
        read_source(str(folder / "x.zip" / "a/b.py"))


def comments(chance: random.Random, folder: Path) -> None:
    """A file in which suppressions are looked for."""
    pieces = [
        b"# importguard: ignore[",
        b"IG101",
        b"]",
        b"\n",
        b"'",
        b'"""',
        b"(",
        b" ",
        b"until 2030-01-01",
        b"\xff",
        b"\\",
    ]
    (folder / "x.py").write_bytes(b"".join(chance.choices(pieces, k=chance.randint(1, 60))))
    read_suppressions(str(folder / "x.py"))


def cache_entry(chance: random.Random, folder: Path) -> None:
    """A damaged entry of the cache: it comes back as it was saved, or not at all."""
    cache = Cache(str(folder / "cache"))
    payload = chance.randbytes(chance.randint(0, 300))
    cache.save("x", payload)
    content = bytearray(Path(cache.path("x")).read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    Path(cache.path("x")).write_bytes(content)
    found = cache.load("x")
    if found is not None:
        raise AssertionError("a damaged entry was taken")


def record(chance: random.Random, folder: Path) -> None:
    """What a program under `verify` may leave as its record."""
    _document(chance, folder / "record.json")
    with contextlib.suppress(ImportGuardError):
        read_record(folder / "record.json", "app.py")


def place(chance: random.Random, folder: Path) -> None:
    """Something else where a module should be; the search goes on."""
    name = folder / chance.choice(("a.py", "a", "a/__init__.py"))
    name.parent.mkdir(exist_ok=True)
    make = (os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path), lambda path: os.symlink(path, path))
    chance.choice(make)(name)
    (folder / "app.py").write_text("import a, a.b\nimport colorsys")


def tree(chance: random.Random, folder: Path) -> None:
    """A commit of trees that git would not make, to compare with."""

    def git(*arguments: str, given: bytes = b"") -> str:
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        return subprocess.run(command, cwd=folder, input=given, capture_output=True, check=True).stdout.decode().strip()

    git("init", "-q")
    blob = bytes.fromhex(git("hash-object", "-w", "--stdin", given=b"import a, b, colorsys"))
    (folder / "app.py").write_text("import a")
    for _ in range(2):
        names = (b"app.py", b"a", b"a.py", b"..", b".", b"../x.py", b"/x.py", b".git", b"", b"b")
        modes = (b"100644", b"100755", b"120000", b"160000", b"40000", b"100664", b"0", b"999")
        raw = b"".join(
            b"%s %s\0%s" % (chance.choice(modes), chance.choice(names), blob) for _ in range(chance.randint(1, 6))
        )
        raw = raw[: chance.choice((len(raw), len(raw) - 1))]
        blob = bytes.fromhex(git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw))
    git("tag", "x", git("commit-tree", blob.hex(), "-m", "x"))


def warmed(chance: random.Random, folder: Path) -> None:
    """A warmup of modules that raise what they like, in place or on threads."""
    count = chance.randint(1, 6)
    kinds = (
        "raise ValueError",
        "raise SystemExit",
        "raise SyntaxError('x', ('f', 'l', [], {}))",
        "x = 1",
        "import nope",
        "class E(Exception):\n def __str__(s): raise SystemExit\nraise E",
        "import sys; sys.modules[__name__] = 3",
    )
    names = [f"warmed_{chance.getrandbits(64):x}" for _ in range(count)]
    for name in names:
        (folder / f"{name}.py").write_text(chance.choice(kinds))
    sys.path.insert(0, str(folder))
    try:
        warmup = Warmup(WarmupManifest.of(names), None if chance.random() < 0.5 else _InPlace(), freeze=False)
        warmup.start()
        if not warmup.wait(60):
            raise AssertionError("the warmup has not ended")
    finally:
        sys.path.remove(str(folder))
        for name in names:
            sys.modules.pop(name, None)


class _InPlace:
    def submit(self, run: Callable[..., object], /, *arguments: object) -> None:
        run(*arguments)


FILES: dict[str, Attack] = {
    "a lock": _reader(read_lock), "a baseline": _reader(read_baseline), "costs": _reader(read_costs),
    "a manifest": _reader(read_manifest), "a manifest at run time": _reader(WarmupManifest.load),
    "a manifest's age": _reader(staleness), "a configuration": configuration, "a pattern": pattern, "a .pth file": pth,
    "an archive": archive, "comments": comments, "a cache": cache_entry, "a record": record, "a warmup": warmed,
}  # fmt: skip
# These make a project, which a command then looks at.
PROJECTS: dict[str, tuple[Attack, tuple[str, ...]]] = {
    "no file as a module": (place, ("check", "--python", sys.executable, "app.py")),
    "a commit": (tree, ("check", "--python", sys.executable, "app.py", "--against", "x")),
}
