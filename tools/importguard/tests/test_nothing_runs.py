"""No code of the analysed project or of its environment runs, in any command but those that say so."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from importguard.cli import main
from importguard.cli.commands import NAMES
from importguard.errors import EnvironmentProbeError
from importguard.target.choice import choose
from importguard.target.environment import probe_of

RUNNING = {"measure", "verify"}  # they run the program: that is what they are for
PACKAGES = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
BASE = Path(os.path.realpath(sys.executable))

# Every file writes its own name when it runs. `@` stands for the call that does so.
PROJECT = {
    "app.py": """
        # coding: utf-8
        @
        import metaclass, shadowed, lazily, plugin, colorsys, unreadable, json
        def _require_warmed(name): ...
        def use():
            import deferred
            return _require_warmed("warmed")
        """,
    "metaclass.py": """
        class Meta(type):
            def __new__(*arguments): @; return type.__new__(*arguments)
            def __prepare__(*arguments): @; return {}
        class Base:
            def __init_subclass__(cls): @
            def __class_getitem__(cls, item): @
            def __set_name__(self, owner, name): @
        def mark(made): @; return made
        @mark
        class Made(Base, metaclass=Meta):
            field: Base[int] = Base()
        def generator(): yield @
        next(generator()); f"{@}"; [@ for _ in (1, 2)]; (lambda: @)()
        """,
    "shadowed.py": "import click, msgspec, rich, tomllib, secrets, string; @",
    "click.py": "@",
    "msgspec.py": "@",
    "rich/__init__.py": "@",
    "tomllib.py": "@",
    "lazily.py": "def __getattr__(name): @; return name\nfrom lazily import anything\n@",
    "plugin.py": "import importlib.metadata as m\nfor one in m.entry_points(group='canary'): one.load()\n@",
    "unreadable.py": "# coding: canary\nimport canary_codec",
    "canary_codec.py": "@",
    "encodings/__init__.py": "@",
    "encodings/canary.py": "@",
    "deferred.py": "@",
    "warmed.py": "@",
    "conftest.py": "@",
    "setup.py": "@",
    "sitecustomize.py": "@",
    "usercustomize.py": "@",
    "importguard_plugin.py": "@",
    ".env": "PYTHONSTARTUP=setup.py",
    "pyproject.toml": """
        [project.scripts]
        canary = "setup:main"
        [build-system]
        build-backend = "setup"
        backend-path = ["."]
        """,
    "importguard.toml": """
        entry = "app.py"
        python = ".venv/bin/python"
        heavy = ["colorsys"]
        manifest = "manifest.json"
        lock = "importguard.lock"
        governed = ["/"]
        baseline = "baseline.json"
        [warmup]
        modules = ["warmed"]
        factories = {warmed = "setup:main"}
        """,
    "importguard.lock": '{"schema": 2, "entries": {}}',
    "requirements.txt": "canary",
    "baseline.json": '{"schema": 1, "findings": []}',
}
ENVIRONMENT = {
    "canary.pth": "import canary_pth; canary_pth.run()",
    "canary_pth.py": "def run(): @\n@",
    "__editable___canary_finder.py": "MAPPING = {'elsewhere': '/nowhere'}\n@",
    "editable.pth": "import __editable___canary_finder",
    "sitecustomize.py": "@",
    "usercustomize.py": "@",
    "canary_entry.py": "def load(): @\n@",
    "canary-1.0.dist-info/entry_points.txt": "[canary]\none = canary_entry:load\n",
    "canary-1.0.dist-info/METADATA": "Name: canary\nVersion: 1.0\n",
    "canary-1.0.dist-info/RECORD": "canary_entry.py,,\ncanary_pth.py,,\n",
}
ARGUMENTS = {
    "check": [
        (),
        *(("--format", style) for style in ("json", "sarif", "github", "junit", "markdown")),
        ("--write-baseline",),
        ("--against", "HEAD"),
        ("--import", "metaclass"),
        ("-m", "metaclass"),
    ],
    "merge": [("importguard-1-of-1.shard",)],
    "cache": [("key",), ("warm", "-r", "requirements.txt"), ("export", "x.pack", "-r", "requirements.txt")],
    "graph": [("--format", style) for style in ("text", "json", "html", "dot", "mermaid")],
    "why": [("colorsys",)],
    "manifest": [(), ("--write",), ("--check",)],
    "lock": [(), ("--write",), ("--update",)],
    "rule": [(), ("IG101",), ("--markdown",)],
    "init": [()],
    "commands": [("metaclass.py",)],
    "compile": [("--check",), ()],
    "history": [("--limit", "1", "--format", style) for style in ("text", "json", "html")],
    "bisect": [("HEAD", "HEAD", "--budget", "0")],
    "fix": [("--allow-dirty",), ("--format", "json"), ("--apply", "--format", "json")],
}  # fmt: skip


class Canary:
    """A project full of traps, in a repository, with an environment full of traps."""

    def __init__(self, folder):
        self.traps = folder / "ran"
        self.traps.mkdir()
        self.project = folder / "project"
        self.environment = self.project / ".venv"
        self.write(self.project, PROJECT)
        self.write(self.environment / PACKAGES, ENVIRONMENT)
        (self.environment / "bin").mkdir()
        (self.environment / "bin/python").symlink_to(BASE)
        version = ".".join(map(str, sys.version_info[:3]))
        (self.environment / "pyvenv.cfg").write_text(f"home = {BASE.parent}\nversion = {version}\n")

    def write(self, folder, files):
        import textwrap

        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            trap = f"__import__('os').close(__import__('os').open({str(self.traps / path.name)!r}, 0o101))"
            lines = textwrap.dedent(text).strip("\n").splitlines()
            path.write_text("\n".join(line if line.startswith("@mark") else line.replace("@", trap) for line in lines))

    def program(self, name, body="exit 1"):
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n: > {self.traps / 'program'}\n{body}\n")
        path.chmod(0o755)
        return path

    def commit(self):
        hostile = {"core.fsmonitor": "evil", "filter.evil.smudge": "evil", "tar.tar.command": "evil"}
        script = self.program("evil")
        for command in (
            ["init", "--quiet"],
            ["add", "app.py", "importguard.toml", "metaclass.py", "evil"],
            ["-c", "user.name=n", "-c", "user.email=e@x", "commit", "--quiet", "-m", "one"],
            *(["config", key, str(script)] for key in hostile),
        ):
            subprocess.run(["git", *command], cwd=self.project, check=True, timeout=240)
        (self.project / ".git/info/attributes").write_text("* filter=evil\n")

    def ran(self):
        return sorted(path.name for path in self.traps.iterdir())


@pytest.fixture
def canary(tmp_path, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    made = Canary(tmp_path)
    monkeypatch.chdir(made.project)
    return made


@pytest.fixture
def call(monkeypatch, capsys):
    """`call("check", "app.py")` in this process: exit code, what was printed, what was complained about."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["importguard", *arguments])
        monkeypatch.setattr("gc.disable", lambda: None)
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run


def test_the_traps_work(canary):
    """What runs when the program runs: the other tests would see it."""
    python = canary.environment / "bin/python"
    subprocess.run([python, "-c", "import plugin, metaclass, lazily"], cwd=canary.project, timeout=240, check=True)
    subprocess.run([python, "setup.py"], cwd=canary.project, timeout=240, check=True)
    expected = {
        *("plugin.py", "canary_entry.py", "metaclass.py", "lazily.py", "setup.py", "sitecustomize.py"),
        *("canary_pth.py", "__editable___canary_finder.py"),
    }
    assert expected - set(canary.ran()) == set()


def test_every_command_is_tried():
    assert set(NAMES) - RUNNING == {*ARGUMENTS, *SERVING}


def _framed(method, number=None, **params):
    numbered = {} if number is None else {"id": number}
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **numbered})
    return f"Content-Length: {len(body)}\r\n\r\n{body}"


SERVING = {
    "explore": (("--no-browser",), "", "http://127.0.0.1:"),
    "lsp": (
        (),
        _framed("initialize", 1, capabilities={}, processId=None, rootUri=None) + _framed("initialized"),
        "publishDiagnostics",
    ),
}


@pytest.mark.parametrize("command", SERVING)
def test_no_command_that_serves_runs_what_it_reads(canary, command):
    for name in ("encodings/__init__.py", "encodings/canary.py", "tomllib.py"):
        (canary.project / name).unlink()  # -m itself loads the standard library from there; nobody can prevent that
    arguments, asked, answer = SERVING[command]
    line = [sys.executable, "-m", "importguard", command, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=canary.project, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as process:
        process.stdin.write(asked.encode())
        said = b""
        while answer.encode() not in said and (part := process.stdout.read(4096)):
            said += part
        process.terminate()
        process.communicate(timeout=240)
    assert (answer.encode() in said, canary.ran()) == (True, [])


# What `-m` means, how far long work is, which interpreter a report without a place for it is about, no bisection.
EXPECTED = re.compile(
    r"importguard: (-m |Looked at |.* … \d+ s$|.*choose another GOOD or BAD$|.*no sub-commands were found"
    r"|.*: (missing$|not compiled: )|and more$)"
)


@pytest.mark.parametrize("command", ARGUMENTS)
def test_no_command_runs_what_it_reads(canary, call, command):
    if command in {"bisect", "check", "fix", "history"}:
        canary.commit()
    codes = set()
    for arguments in ARGUMENTS[command]:
        if command == "merge":
            call("check", "--shard", "1/1")
        if command == "init":
            (canary.project / "importguard.toml").unlink()
        code, _, complaint = call(command, *arguments)
        codes.add(code)
        notes = [line for line in complaint.strip().splitlines() if not EXPECTED.match(line)]
        assert (notes, canary.ran()) == ([], [])
    assert codes <= ({2} if command in {"bisect", "commands"} else {0, 1})


def test_an_environment_that_is_named_is_read_and_does_not_run(canary, call):
    code, shown, _ = call("graph", "--python", ".venv/bin/python", "--format", "json")
    assert (code, "canary_entry" in shown, canary.ran()) == (0, True, [])


def test_a_module_in_the_current_folder_is_not_taken_for_ours(canary):
    for name in ("encodings/__init__.py", "encodings/canary.py", "tomllib.py"):
        (canary.project / name).unlink()  # -m itself loads the standard library from there; nobody can prevent that
    command = [sys.executable, "-m", "importguard", "check"]
    done = subprocess.run(command, cwd=canary.project, capture_output=True, timeout=240)
    assert (done.returncode, done.stderr, canary.ran()) == (1, b"", [])


def fake_environment(canary, home):
    (canary.environment / "pyvenv.cfg").write_text(f"home = {home}\n")


@pytest.mark.parametrize("python", ["./python3", "python3", "{project}/python3", "../project/python3", "evil"])
def test_a_program_that_the_configuration_names_is_not_started(canary, call, monkeypatch, python):
    for name in ("python3", "evil"):
        canary.program(name)
    monkeypatch.setenv("PATH", str(canary.project), prepend=os.pathsep)
    named = python.format(project=canary.project)
    (canary.project / "importguard.toml").write_text(f'entry = "app.py"\npython = "{named}"')
    code, shown, complaint = call("check")
    assert (code, shown, canary.ran()) == (2, "", [])
    assert f"if you trust it, pass --python {named}" in complaint


def test_a_program_that_poses_as_the_environments_python_is_not_started(canary, call):
    canary.program(".venv/bin/python")
    (canary.project / "importguard.toml").write_text('entry = "app.py"')
    code, _, complaint = call("check")
    assert (code, complaint, canary.ran()) == (1, "", [])  # the one behind it is


def test_the_interpreter_behind_may_have_the_name_of_its_version_only(canary, call, tmp_path):
    major, minor = sys.version_info[:2]
    (tmp_path / f"python{major}.{minor}").symlink_to(BASE)
    canary.program(".venv/bin/python")
    (canary.environment / "pyvenv.cfg").write_text(f"home = {tmp_path}\nversion_info = {major}.{minor}.0\n")
    code, _, complaint = call("check")
    assert (code, complaint, canary.ran()) == (1, "", [])


@pytest.mark.parametrize("home", ["{project}/base", "base", "./base", "../project/base"])
def test_an_interpreter_of_the_projects_own_is_not_started(canary, call, home):
    """`home` also says where the standard library is: a real interpreter would run the project's."""
    canary.program(".venv/bin/python")
    canary.program("base/python3")
    fake_environment(canary, home.format(project=canary.project))
    code, _, complaint = call("check")
    assert (code, "pass --python" in complaint, canary.ran()) == (2, True, [])


def test_a_link_to_another_program_is_not_started(canary, call):
    (canary.environment / "bin/python").unlink()
    (canary.environment / "bin/python").symlink_to("/bin/sh")
    fake_environment(canary, "/bin")
    (canary.environment / "pyvenv.cfg").write_text("home = relative\n")
    assert call("check")[0] == 2


def test_a_program_that_the_command_line_names_is_started(canary, call):
    python = canary.program("python3", f'exec {BASE} "$@"')
    code, _, _ = call("graph", "--python", str(python))
    assert (code, canary.ran()) == (0, ["program"])


def test_the_environment_of_a_project_is_read_through_the_interpreter_behind_it(canary):
    environment = probe_of(choose(None, ".venv/bin/python", canary.project))
    assert (environment.program, environment.prefix) == (str(BASE), str(canary.environment))
    assert environment.path[-1] == str(canary.environment / PACKAGES)
    assert environment.editable == {"elsewhere": "/nowhere"}


def test_an_interpreter_that_is_not_there_is_named(canary):
    with pytest.raises(EnvironmentProbeError, match="correct `python`"):
        choose(None, "nowhere/python", canary.project)
