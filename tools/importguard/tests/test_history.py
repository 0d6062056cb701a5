"""`history` and `bisect`: a start over the commits of a repository."""

import gc
import json
import re
import subprocess
import sys

import pytest

from importguard.history import opened
from importguard.project.policy import Config
from importguard.project.start import Kind, Project
from importguard.session import Session
from importguard.storage.disk import Now

IDENTITY = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
LOCK = '[[package]]\nname = "numpy"\nversion = "{}"\n'


@pytest.fixture
def git(tmp_path):
    """`git("tag", "x")`: what git prints."""

    def call(*arguments):
        command = ["git", *IDENTITY, *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    return call


@pytest.fixture
def commit(git, write, tmp_path):
    """`commit("message", {...})`: the files as the next commit; its name."""
    git("init", "-q", "-b", "main")

    def make(message, files):
        write(files)
        git("add", ".")
        git("commit", "-q", "--allow-empty", "-m", message)
        return git("rev-parse", "HEAD")

    return make


@pytest.fixture
def grown(commit):
    """Four commits: one module, three, a broken file, two."""
    return [
        commit("begin", {"app.py": "import one", "one.py": "", "uv.lock": LOCK.format("1.0")}),
        commit(
            "grow", {"app.py": "import one\nimport colorsys\nimport two", "two.py": "", "uv.lock": LOCK.format("2.0")}
        ),
        commit("break", {"app.py": "import one\nimport ("}),
        commit("shrink", {"app.py": "import one\nimport colorsys"}),
    ]


def test_each_commit_has_its_own_modules(run, grown):
    (start,) = json.loads(run("history", "app.py", "--format", "json").stdout)["starts"]
    assert [one["commit"] for one in start["commits"]] == grown
    counts = [one["modules"] for one in start["commits"]]
    assert [count - counts[0] if count else count for count in counts] == [0, 2, None, 1]
    assert start["commits"][1]["added"] == ["colorsys", "two"]
    assert start["commits"][1]["versions"] == ["numpy 1.0 → 2.0"]
    assert "app.py" in start["commits"][2]["note"]
    assert start["commits"][3]["removed"] == ["two"]  # against the last one that could be worked out


def test_the_table_says_what_is_todays_and_what_changed(run, grown):
    said = run("history", "app.py").stdout
    assert "Interpreter, installed packages and costs are today's" in said
    rows = [line for line in said.splitlines() if re.match(r"[0-9a-f]{10} ", line)]
    assert [row[:10] for row in rows] == [one[:10] for one in grown]
    assert "+colorsys, +two, numpy 1.0 → 2.0" in " ".join(said.split())


def test_since_limit_and_every_choose_the_commits(run, grown, git):
    git("tag", "v1", grown[1])

    def names(*arguments):
        (start,) = json.loads(run("history", "app.py", *arguments, "--format", "json").stdout)["starts"]
        return [one["commit"] for one in start["commits"]]

    assert names("--since", "v1") == grown[1:]
    assert names("--limit", "2") == grown[2:]
    assert names("--every", "2") == [grown[1], grown[3]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("history", "app.py", "--since", "nowhere"), "there is no revision nowhere"),
        (("bisect", "HEAD", "HEAD", "app.py"), "pass --module NAME or --budget MS"),
        (("bisect", "HEAD", "main", "--module", "one", "app.py"), "is bad already; choose another GOOD or BAD"),
        (("bisect", "HEAD", "main", "--module", "five", "app.py"), "is good already; choose another GOOD or BAD"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(run, grown, arguments, said):
    done = run(*arguments)
    if arguments[-2] == "five":
        done = run("bisect", grown[0], "main", "--module", "five", "app.py")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_without_a_repository_there_is_no_history(run, write):
    write({"app.py": ""})
    done = run("history", "app.py")
    assert (done.returncode, "not a git repository" in done.stderr) == (2, True)


def test_a_bisection_names_the_commit_and_the_statement(run, commit):
    names = [commit("begin", {"app.py": "import one", "one.py": "", "two.py": ""})]
    names += [commit(f"note {number}", {"notes.txt": str(number)}) for number in range(5)]
    names.append(commit("the one", {"one.py": "import two"}))
    names += [commit(f"more {number}", {"notes.txt": f"more {number}"}) for number in range(5)]
    done = run("bisect", names[0], "HEAD", "--module", "two", "app.py")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith(names[6])
    assert "the one" in done.stdout
    assert "one.py:1" in done.stdout
    budget = run("bisect", names[0], "HEAD", "--budget", "0", "app.py")
    assert (budget.returncode, "is bad already" in budget.stderr) == (2, True)


def test_commits_that_cannot_be_worked_out_are_named(run, commit):
    first = commit("begin", {"app.py": "import one", "one.py": "", "two.py": ""})
    broken = commit("broken", {"app.py": "import ("})
    bad = commit("mended", {"app.py": "import two"})
    said = " ".join(run("bisect", first, "HEAD", "--module", "two", "app.py").stdout.split())
    assert said.startswith(bad)
    assert f"it may also be one of these, which cannot be worked out: {broken[:10]}" in said


def test_a_program_that_lists_a_folder_finds_the_names_of_each_commit(run, commit):
    """A plugin that came later is no plugin of the commits before."""
    app = "import os, importlib\nfor name in os.listdir(os.path.dirname(os.path.abspath(__file__)) + '/plugins'):\n"
    app += "    importlib.import_module('plugins.' + name.removesuffix('.py'))\n"
    good = commit("one plugin", {"app.py": app, "plugins/first.py": "import colorsys"})
    bad = commit("another one", {"plugins/second.py": "import wave"})
    commit("later", {"README": "more"})
    (start,) = json.loads(run("history", "app.py", "--format", "json").stdout)["starts"]
    assert [one["modules"] is not None for one in start["commits"]] == [True] * 3
    found = run("bisect", good, "HEAD", "--module", "wave", "app.py")
    assert found.stdout.startswith(bad), found.stdout + found.stderr


def test_hostile_messages_stay_text(run, commit):
    commit("\x1b[31mred\x1b[0m [bold]x[/bold] <script>alert(1)</script>", {"app.py": ""})
    text = run("history", "app.py").stdout
    assert "\x1b" not in text
    assert "[bold]x[/bold]" in " ".join(text.split())
    page = run("history", "app.py", "--format", "html").stdout
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_has_a_mark_for_each_commit_and_asks_nobody(run, grown):
    page = run("history", "app.py", "--format", "html").stdout
    assert page.count("<circle") == 2 * 3  # cost and modules of the three that could be worked out
    assert page.count("<tr>") == 1 + len(grown)
    assert "http" not in page
    assert "src=" not in page


def test_nothing_is_checked_out_or_written(run, grown, git, tmp_path):
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    run("history", "app.py")
    run("bisect", grown[0], "HEAD", "--module", "colorsys", "app.py")
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_a_browser_shows_the_pictures_and_the_table(run, grown, browser, tmp_path):
    file = tmp_path / "history.html"
    file.write_text(run("history", "app.py", "--format", "html").stdout)
    browser.get(file.as_uri())
    assert browser.title == "Start over time: app.py"
    assert len(browser.find_elements("css selector", "circle")) == 6
    cells = [row.text for row in browser.find_elements("css selector", "tbody tr")]
    assert "shrink" in cells[0]
    day = browser.find_element("css selector", "tbody td:nth-child(2)")
    assert day.text == day.text.split()[0]
    assert browser.execute_script("return getComputedStyle(arguments[0]).whiteSpace", day) == "nowrap"
    width = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_a_commit_leaves_nothing_in_memory_for_the_next_one(commit, tmp_path):
    """The command line switches the collector off for a run; a history is many runs in one."""
    for number in range(4):
        commit(
            "more", {"app.py": f"import argparse, dataclasses, one\nx = {number}\n", "one.py": "def f(): return f\n"}
        )
    session = Session(None, Now(), sys.executable)
    start = Project(tmp_path, Config(), None).start_of(Kind.SCRIPT, str(tmp_path / "app.py"))
    counts = []

    def on_step(_done, _of):
        counts.append(len(gc.get_objects()))

    gc.disable()
    try:
        with opened(start, session, since=None, until="HEAD", most=4) as past:
            points = past.points(on_step)
    finally:
        gc.enable()
    assert None not in [one.modules for one in points], points
    assert max(counts) < counts[0] + 100  # a commit of this program makes some thousands
