"""IG306, and `verify`: heavy imports that run in a coroutine once the program is up."""

import json

import pytest

from importguard import analyse, check, find_project

CONFIG = 'entry = "app.py"\nready_at = "app:up"\nheavy = ["slow"]\nevent_loop = true\nselect = ["IG306"]\n'
APP = """\
import asyncio
def up(): pass
{functions}
async def main():
    {before}
    up()
    {after}
if __name__ == "__main__": asyncio.run(main())
"""


def app(functions="", before="pass", after="pass"):
    return APP.format(functions=functions, before=before, after=after)


REPORTS = {
    "in the coroutine that runs": (app(after="import slow"), "__main__.main"),
    "in another coroutine": (app("async def ask():\n    import slow"), "__main__.ask"),
    "in a method": (app("class A:\n    async def ask(self):\n        from slow import x"), "__main__.A.ask"),
    "by name": (app("import importlib\nasync def ask():\n    importlib.import_module('slow')"), "__main__.ask"),
    "by a name that is worked out": (app(after="__import__('sl' + 'ow')  # slow"), "__main__.main"),
    "in a generator": (app("async def ask():\n    import slow\n    yield 1"), "__main__.ask"),
    "in a function that the coroutine calls": (app("def help():\n    import slow", after="help()"), "__main__.main"),
    "in a task": (app("async def ask():\n    import slow", after="await asyncio.create_task(ask())"), "__main__.ask"),
}
SILENT = {
    "in a function that no coroutine calls": app("def help():\n    import slow"),
    "in a function of its own in a coroutine": app("async def ask():\n    def help():\n        import slow"),
    "on a thread": app("def help():\n    import slow", after="await asyncio.to_thread(help)"),
    "before the program is up": app(before="import slow"),
    "at the top": app("import slow"),
    "for type checkers": app(
        "async def ask():\n    from typing import TYPE_CHECKING\n    if TYPE_CHECKING: import slow"
    ),
    "on a thread that a task waits for": app(
        "def help():\n    import slow\nasync def ask():\n    await asyncio.to_thread(help)",
        after="await asyncio.create_task(ask())",
    ),
    "a module that is not there": app(after="import slow.missing"),
    "light": app(after="import colorsys"),
}


@pytest.fixture
def found(write):
    """`found(code, config)`: the findings of IG306."""

    def judge(code, config=CONFIG):
        root = write({"app.py": code, "slow.py": "x = 1", "importguard.toml": config})
        return check(analyse(find_project(root).start())).findings

    return judge


@pytest.mark.parametrize(("code", "coroutine"), REPORTS.values(), ids=REPORTS.keys())
def test_ig306_names_the_coroutine(found, code, coroutine):
    (one,) = found(code)
    assert (one.code, one.severity, one.location.line) == ("IG306", "error", line_of(code))
    assert f"in the coroutine {coroutine}: the event loop stands still" in one.message


def line_of(code):
    return next(number for number, line in enumerate(code.splitlines(), 1) if "slow" in line)


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT.keys())
def test_ig306_is_silent_where_no_loop_stands_still(found, code):
    assert found(code) == ()


def test_ig306_is_off_until_it_is_asked_for(found):
    assert found(app(after="import slow"), CONFIG.replace("event_loop = true\n", "")) == ()


def test_ig306_is_silent_on_what_is_allowed(found):
    assert found(app(after="import slow"), f'{CONFIG}allow = ["slow"]\n') == ()


def test_ig306_says_what_the_dearest_module_of_a_statement_costs(found, write):
    write({"slower.py": "#" * 200_000})
    config = CONFIG.replace('["slow"]', '["slow", "slower"]')
    (one,) = found(app(after="import slow, slower"), config)
    assert (one.subject, one.module_count, one.cost_us > 1000) == ("slower", 1, True)
    assert f"stands still for {one.cost_us / 1000:.0f} ms" in one.message
    assert "await asyncio.to_thread(running.wait)" in one.fix_hint


def test_ig306_is_silent_on_what_the_manifest_warms(found):
    assert found(app(after="import slow"), f'{CONFIG}manifest = "manifest.json"\n') == ()


def test_ig306_reports_what_the_manifest_leaves_out(found):
    config = CONFIG.replace("select", 'manifest = "manifest.json"\nselect')
    (one,) = found(app(after="import slow"), f'{config}[warmup]\ncold = ["slow"]\n')
    assert one.subject == "slow"


def test_a_kept_trace_reports_the_import_where_it_is_today(found):
    code = app(after="import slow")
    (before,) = found(code)
    (after,) = found(f"# a comment\n{code}")
    assert after.location.line == before.location.line + 1


@pytest.mark.parametrize(
    ("code", "coroutine"),
    [
        (app(after="import slow"), "__main__.main"),
        (app("def help():\n    import slow", after="help()"), "__main__.main"),
        (app("async def ask():\n    __import__('sl' + 'ow')", after="await ask()"), "__main__.ask"),
    ],
    ids=["statement", "function", "computed"],
)
def test_verify_names_the_coroutine_of_a_real_run(write, run, code, coroutine):
    write({"app.py": code, "slow.py": "", "importguard.toml": CONFIG})
    result = run("verify", "--format", "json")
    (one,) = json.loads(result.stdout)["on_loop"]
    assert (result.returncode, one["name"], one["coroutine"]) == (1, "slow", coroutine)
    text = run("verify").stdout
    assert f"slow, about 0 ms, in the coroutine {coroutine}" in text


@pytest.mark.parametrize(
    "code", [app(before="import slow"), app("def help():\n    import slow", after="await asyncio.to_thread(help)")]
)
def test_verify_has_nothing_against_the_start_and_threads(write, run, code):
    write({"app.py": code, "slow.py": "", "importguard.toml": CONFIG})
    assert json.loads(run("verify", "--format", "json").stdout)["on_loop"] == []
