"""`check`, `why`, `graph --format html`, `--against` and the last line say one thing of a program, whatever it is.

The programs are drawn: packages that share what they load, imported in the ways that people do. Each answer is worked
out by another part of the tool from the same start, so a difference is a contradiction that a reader would see.
"""

import json
import os
import random
import re
import subprocess

import pytest

PROGRAMS = int(os.environ.get("DRAWN_PROGRAMS", "8"))
PART = "#" * 150_000  # a module of about 2 ms, by estimate
SHARED = {"base": (), "net": ("base",), "web": ("net",), "data": ("base",), "plot": ("data",), "tiny": ()}
FORMS = ("import {0}", "import {0}.part0", "from {0} import part1", "import {0}.part2 as x", "from {0}.part0 import *")
AROUND = (
    "{}\n",
    "if True:\n    {}\n",
    "try:\n    {}\nexcept ImportError:\n    pass\n",
    "try:\n    import missing\nexcept ImportError:\n    {}\n",
    "class Body:\n    {}\n",
    "def call():\n    {}\ncall()\n",
    "def never():\n    {}\n",
    "def perhaps():\n    {}\nif __import__('time').time() % 2:\n    perhaps()\n",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {}\n",
    "import os\ndef choose():\n    if os.environ.get('CHOICE', 'yes') == 'yes':\n        {}\nchoose()\n",
    "{}  # importguard: ignore[IG101] we need it\n",
)


def installed():
    """The packages: each of six modules, and those that it loads."""
    files = {}
    for name, others in SHARED.items():
        parts = [f"part{index}" for index in range(1 if name == "tiny" else 6)]
        head = "".join(f"import {other}\n" for other in others)
        files[f"site-packages/{name}/__init__.py"] = head + "".join(f"from {name} import {one}\n" for one in parts)
        files |= {f"site-packages/{name}/{one}.py": PART if name != "tiny" else "" for one in parts}
        files |= {f"site-packages/{name}/part{index}.py": "" for index in range(3) if index >= len(parts)}
    return files


def drawn(seed):
    """A program of two to four files, and its configuration."""
    chance = random.Random(seed)
    names = chance.sample(["one", "two", "three"], chance.randint(1, 3))
    files = {"app.py": "".join(f"import {name}\n" for name in names)}
    for name in names:
        lines = []
        for _ in range(chance.randint(1, 3)):
            form = chance.choice(FORMS).format(chance.choice(list(SHARED)))
            around = AROUND[0] if form.endswith("*") else chance.choice(AROUND)
            lines.append(around.format(form))
        files[f"{name}.py"] = "".join(lines)
    lists = {key: chance.sample(list(SHARED), 1) if chance.random() < 0.3 else [] for key in ("allow", "heavy")}
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lists.items())
    return files, f'entry = "app.py"\nheavy_ms = 8.0\npaths = ["site-packages"]\n{keys}'


class Page:
    """What the page's script works out, from the data that it is given."""

    def __init__(self, html):
        text = re.search(r'<script[^>]*id="data"[^>]*>(.*?)</script>', html, re.DOTALL).group(1)
        (self.start,) = json.loads(text)["starts"]

    def reached(self, without=()):
        """The names of the modules that the start loads without the statements of these keys."""
        edges = {int(importer): found for importer, found in self.start["edges"].items()}
        seen, waiting = set(self.start["roots"]), list(self.start["roots"])
        while waiting:
            for imported, owner, line in edges.get(waiting.pop(), ()):
                if imported not in seen and f"{owner}:{line}" not in without:
                    seen.add(imported)
                    waiting.append(imported)
        return {one[0]: one[2] for number, one in enumerate(self.start["modules"]) if number in seen}


def places(statements):
    return sorted(f"{one['path']}:{one['line']}" for one in statements)


@pytest.fixture(params=range(PROGRAMS))
def program(request, write):
    files, configuration = drawn(request.param)
    write({**installed(), **files, "importguard.toml": configuration})
    return files


@pytest.fixture
def verdict(run, program):
    done = run("check", "--format", "json")
    (entry,) = json.loads(done.stdout)["entries"]
    return done.returncode, json.loads(done.stdout)["findings"], entry


def test_every_answer_is_of_the_same_start(run, verdict, program):
    code, findings, entry = verdict
    plan = entry["plan"]
    steps = [(one["subject"], one["saves_us"], one["modules"], places(one["statements"])) for one in plan["steps"]]
    count, conditional = (entry["modules"], sum(one["modules"] for one in plan["conditional"]))
    cost_us = entry["cost_us"] - sum(one["cost_us"] for one in plan["conditional"])

    text = run("check")
    assert text.returncode == code
    assert f" loads {count - conditional:,} module" in text.stdout
    assert f"(about {cost_us / 1000:,.0f} ms)" in text.stdout
    assert (f", {conditional:,} more (about" in text.stdout) == bool(conditional)
    assert re.findall(r"^(\S+) +\d+ ms +\d+  cut ", text.stdout, re.MULTILINE) == [one[0] for one in steps][:8]
    assert ("✓ Clean" in text.stdout) == (code == 0)

    page = Page(run("graph", "--format", "html").stdout)
    reached = page.reached()
    assert (len(reached), sum(reached.values())) == (count - conditional, cost_us)
    of_page = [
        (one["subject"], one["saves"], one["modules"], sorted(at["place"] for at in one["statements"]))
        for one in page.start["steps"]
    ]
    assert of_page == steps
    gone = set()
    for step, (_, saves_us, modules, _) in zip(page.start["steps"], steps, strict=True):
        gone |= {at["key"] for at in step["statements"]}
        left = page.reached(gone)
        assert (len(reached) - len(left), sum(reached.values()) - sum(left.values())) == (modules, saves_us)
        reached = left

    for finding in (one for one in findings if one["code"] == "IG101" and "a comment accepts" not in one["message"]):
        (answer,) = json.loads(run("why", finding["subject"], "--format", "json").stdout)["entries"]
        same = [one for one in answer["cuts"] if places(one["statements"]) == places(finding["statements"])]
        if not answer["cuts"] or "something else loads the rest" in finding["message"]:
            continue  # nothing that may be cut ends it, so `why` offers nothing
        assert [(one["saves_us"], one["modules"]) for one in same] == [(finding["cost_us"], finding["modules"])]


def test_a_comparison_adds_what_the_last_line_says(run, program, write, tmp_path):
    start = {name: (tmp_path / name).read_text() for name in program}
    write(dict.fromkeys(start, ""))
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", *start, "importguard.toml"], ["commit", "-qm", "before"]):
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)
    before = last_line(run("check").stdout)
    write(start)
    done = run("check", "--against", "HEAD", "--format", "json")
    (change,) = json.loads(done.stdout)["against"]["starts"]
    after = last_line(run("check").stdout)
    assert len(change["added"]) == after[0] - before[0]
    assert abs(change["cost_us"] / 1000 - (after[1] - before[1])) <= 1
    assert sum(one["modules"] for one in change["causes"]) == len(change["added"])


def last_line(text):
    """The modules and the milliseconds that the last line names."""
    found = re.search(r"loads ([\d,]+) modules? on the main thread \(about ([\d,]+) ms\)", text)
    return tuple(int(one.replace(",", "")) for one in found.groups())
