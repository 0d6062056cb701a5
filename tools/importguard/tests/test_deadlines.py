"""`ready_at`: the start is over where the main thread reaches a place; what comes after is warmed behind it."""

import json
import os
import subprocess
import sys

import pytest

from importguard import analyse, check, find_project
from importguard.startup.trace import Reach

SERVER = """
    import asyncio
    from contextlib import asynccontextmanager
    import before

    @asynccontextmanager
    async def opened():
        import inside
        yield

    class Loop:
        def run(self): import inside

    async def serve():
        async with opened():
            import after
            tool()

    def tool():
        import called

    def never():
        import unused

    if __name__ == "__main__":
        asyncio.run(serve())
        Loop().run()
        import last
    """
MODULES = {f"{name}.py": "" for name in ("before", "inside", "after", "called", "unused", "last")}
CONFIG = 'entry = "server.py"\nready_at = {}\n'
PLACES = {
    "a function of the script": ('"server:opened"', {"before"}),
    "the script by its own name": ('"__main__:opened"', {"before"}),
    "a coroutine": ('"server:serve"', {"before"}),
    "a method": ('"server:Loop.run"', {"before", "inside", "after", "called"}),
    "a function of a library": ('"asyncio:run"', {"before"}),
    "a line": ('"server.py:16"', {"before", "inside"}),
    "a line of the module": ('"server.py:27"', {"before", "inside", "after", "called"}),
    "the first of several": ('["server:Loop.run", "server:tool"]', {"before", "inside", "after"}),
}


@pytest.fixture
def project(write):
    """`project(place, config)`: the configured start of server.py."""

    def make(place, config=""):
        root = write({**MODULES, "server.py": SERVER, "importguard.toml": CONFIG.format(place) + config})
        return find_project(root).start()

    return make


@pytest.mark.parametrize(("place", "loaded"), PLACES.values(), ids=PLACES.keys())
def test_the_start_ends_where_the_main_thread_comes_to_the_place(project, place, loaded):
    graph = analyse(project(place)).graph
    assert {one.removesuffix(".py") for one in MODULES} & graph.eager == loaded


def test_what_comes_after_the_place_is_loaded_later(project):
    modules = analyse(project('"server:opened"')).graph.modules
    assert {name: modules[name].reach for name in ("inside", "after", "called", "unused", "last")} == dict.fromkeys(
        ("inside", "after", "called", "unused", "last"), Reach.DEFERRED
    )


@pytest.mark.parametrize("place", ['"server:opened"', '"server.py:16"', '"server:Loop.run"', '"asyncio:run"'])
def test_a_real_run_comes_to_the_same_place_with_the_same_modules(project, run, place):
    project(place)
    result = run("verify", "--format", "json")
    found = json.loads(result.stdout)
    assert (result.returncode, found["agrees"], found["broken"]) == (0, True, [])
    assert found["record"]["arrived_s"] is not None


def test_a_run_that_does_not_end_by_itself_ends_at_the_place(project, write, run):
    project('"server:forever"')
    write({"server.py": "import before\ndef forever():\n    while True: pass\nforever()"})
    result = run("verify", "--until", "start", "--format", "json")
    assert (result.returncode, json.loads(result.stdout)["record"]["ended"]) == (0, "start")


def test_a_run_that_never_comes_to_the_place_is_no_proof(project, write, run):
    project('"server:serve"')
    write({"flag": "", "server.py": "def serve(): pass\nif open('flag').read(): serve()"})
    result = run("verify")
    assert result.returncode == 1
    assert "The main thread never came to server:serve, where its start is over by `ready_at`." in result.stdout


IMPOSSIBLE = {
    '"nowhere:serve"': "does not load nowhere",
    '"server:missing"': "server has no missing",
    '"server:never"': "does not call never of server",
    '"server.py:999"': "no statement that it runs begins on line 999",
    '"unused.py:1"': "it runs nothing of",
    '"absent.py:1"': "is no file",
    '["server:never", "server.py:999"]': "it comes to none of server:never or server.py:999",
    '"server"': 'is no place in the program; write "package.module:callable" or "file.py:LINE"',
    '"server.py:0"': "is no place in the program",
}


@pytest.mark.parametrize(("place", "said"), IMPOSSIBLE.items())
def test_a_place_that_the_start_does_not_come_to_is_an_error_that_says_why(project, write, run, place, said):
    root = write({**MODULES, "server.py": SERVER, "importguard.toml": CONFIG.format(place)})
    result = run("check")
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{root / 'importguard.toml'}: `ready_at`" in result.stderr
    assert said in result.stderr


def test_ig203_compares_what_is_loaded_before_the_place_with_the_deadline(project):
    text = 'deadline_ms = 0.1\nselect = ["IG203"]\n'
    (found,) = check(analyse(project('"server:opened"', text))).findings
    assert (found.code, found.location.line) == ("IG203", 15)
    assert "the imports until server:opened take an estimated" in found.message
    assert check(analyse(project('"server:opened"', text.replace("0.1", "10_000")))).findings == ()


def test_the_report_names_the_place(project, run):
    root = project('"server:opened"').project.root
    assert " until server:opened (about " in run("check").stdout
    assert json.loads(run("check", "--format", "json").stdout)["ready"] == {
        "point": "server:opened",
        "path": "server.py",
        "line": 15,
    }
    found = json.loads(run("graph", "--format", "json").stdout)["ready"]
    assert (found["path"], found["line"]) == (str(root / "server.py"), 15)


def test_what_is_loaded_after_the_place_counts_against_no_budget(project):
    budget = 'budget_modules = {}\nselect = ["IG201"]\n'
    before = len(analyse(project('"server:opened"')).graph.eager)
    assert check(analyse(project('"server:opened"', budget.format(before)))).findings == ()
    assert check(analyse(project('"server:Loop.run"', budget.format(before)))).failed


def test_the_manifest_warms_what_the_program_imports_after_the_place(project, run):
    text = 'heavy = ["after", "called", "unused", "before"]\nmanifest = "manifest.json"\n'
    verdict = check(analyse(project('"server:opened"', text + 'select = ["IG102"]\n')))
    jobs = {job.module: job.reason for job in verdict.reports[0].analysis.manifest.jobs}
    assert jobs == {
        "after": "imported later in __main__.serve",
        "called": "imported later in __main__.tool",
        "unused": "imported later in __main__.never",
    }
    assert verdict.findings == ()  # IG102: what is warmed may be imported in a function


def test_a_kept_trace_has_the_place_where_it_is_today(project, write):
    text = 'deadline_ms = 0.1\nselect = ["IG203"]\n'
    start = project('"server:opened"', text)
    (before,) = check(analyse(start)).findings
    write({"server.py": f"    # a comment\n{SERVER}"})
    (after,) = check(analyse(start)).findings
    assert after.location.line == before.location.line + 1


PRESETS = {
    'preset = "cli-help"\nimport = "before"': "cli-help does not go with an import alone; name what is run",
    'preset = "lambda"\nentry = "server.py"': "lambda does not go with this start; a function's start is an import",
    'preset = "mpc"\nentry = "server.py"': "Invalid enum value 'mpc'",
}


@pytest.mark.parametrize(("text", "said"), PRESETS.items())
def test_a_preset_that_the_start_cannot_have_is_an_error(write, run, text, said):
    write({**MODULES, "server.py": SERVER, "importguard.toml": text})
    result = run("check")
    assert result.returncode == 2
    assert said.lower() in result.stderr.lower()


def test_a_preset_fills_the_keys_that_are_not_set(write):
    root = write({"server.py": SERVER, "importguard.toml": 'entry = "server.py"\npreset = "mcp"\ndeadline_ms = 5\n'})
    config = find_project(root).start().config
    assert (config.ready_points, config.deadline_ms) == (("mcp.server.stdio:stdio_server",), 5)


def test_a_preset_of_one_entry_is_its_own(write):
    text = """
        [[entry]]
        script = "server.py"
        preset = "cli-help"

        [[entry]]
        import = "handler"
        preset = "lambda"
        """
    starts = find_project(write({"server.py": "", "handler.py": "", "importguard.toml": text})).starts()
    assert [(one.args, one.config.deadline_ms) for one in starts] == [(("--help",), 300.0), (None, 1000.0)]


def test_the_command_line_gives_a_preset_and_a_place(write, run):
    write({**MODULES, "server.py": SERVER})
    assert "before the place" not in run("check", "server.py", "--ready-at", "server:opened").stderr
    graph = json.loads(run("graph", "server.py", "--ready-at", "server:opened", "--format", "json").stdout)
    assert "after" not in {one["name"] for one in graph["modules"] if one["reach"] == "eager"}
    refused = run("check", "--import", "before", "--preset", "mcp")
    assert (refused.returncode, "`--preset`: mcp does not go with an import alone" in refused.stderr) == (2, True)


ABOUT = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
ASK = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": ABOUT}) + "\n"


def test_an_mcp_server_answers_before_its_heavy_import_is_there(write, run):
    """The recipe of the documentation, with a client."""
    files = {
        "importguard.toml": """
            entry = "server.py"
            preset = "mcp"
            manifest = "warmup_manifest.json"
            heavy = ["slow"]
            allow = ["mcp", "importguard"]
            """,
        "slow.py": "import os\nopen('loaded', 'w').write(os.environ.get('PHASE', ''))\ndef answer(): return 42",
        "server.py": """
            import asyncio
            from contextlib import asynccontextmanager
            from mcp.server.mcpserver import MCPServer
            from importguard import warmup

            running = warmup.Warmup("warmup_manifest.json")

            @asynccontextmanager
            async def lifespan(_server):
                running.start()
                yield
                running.close()

            server = MCPServer("slow", lifespan=lifespan)

            @server.tool()
            async def answer() -> int:
                await asyncio.to_thread(running.wait)
                import slow
                return slow.answer()

            if __name__ == "__main__":
                server.run()
            """,
    }
    root = write(files)
    assert run("manifest", "--write").returncode == 0
    assert [job["module"] for job in json.loads((root / "warmup_manifest.json").read_text())["jobs"]] == ["slow"]
    assert run("check", "--select", "IG1,IG3").returncode == 0
    call = '{"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "answer", "arguments": {}}}\n'
    began = '{"jsonrpc": "2.0", "method": "notifications/initialized"}\n'
    with subprocess.Popen(
        [sys.executable, "server.py"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as server:
        server.stdin.write(ASK)
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["id"] == 1
        server.stdin.write(began + call)
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        server.stdin.close()
    assert answer["result"]["content"][0]["text"] == "42"
