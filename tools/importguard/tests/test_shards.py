"""Entries worked out in several jobs and merged give the bytes of one `check`; what does not go together is refused."""

import json
import platform
import re
import shutil
import sys

import msgspec
import pytest

from importguard import sharding
from importguard.storage.cache import VARIABLE
from importguard.storage.pack import Origin

FORMATS = ("text", "json", "sarif", "github", "junit", "markdown")
ENTRIES = "".join(f'[[entry]]\nname = "{name}"\nscript = "{name}.py"\n' for name in ("web", "worker", "cron", "shell"))
PROJECT = {
    "importguard.toml": f"""
        heavy = ["colorsys", "wave"]
        heavy_ms = 5
        baseline = "importguard.baseline.json"
        bytecode = true
        {ENTRIES}
        lock = "importguard.lock"
        """.replace("\n        ", "\n"),
    "web.py": "import shared\nimport colorsys\nimport json\n",
    "worker.py": "import shared\nimport wave\ndef later():\n    import csv  # importguard: ignore[IG102] never\n",
    "cron.py": "import shared, absent_module\nimport colorsys  # importguard: ignore[IG101] it is small\n",
    "shell.py": "import argparse\nimport only_shell\n",
    "only_shell.py": "import bisect\n",
    # One of two entries needs the first comment; nobody needs the second one.
    "shared.py": "import sys\nimport wave  # importguard: ignore[IG101] why\n"
    "x = 1  # importguard: ignore[IG101] nobody needs it\n",
    "importguard.lock": '{"schema": 2, "entries": {"shell": {"modules": ["argparse"]}}}',
    "tests/test_one.py": "import json\n",
}  # fmt: skip


@pytest.fixture
def project(write, run):
    root = write(PROJECT)
    run("check", "--write-baseline", "--ignore", "IG2,IG1")
    return root


def shards(run, total, *options):
    """The files of all shards, worked out."""
    names = []
    for number in range(1, total + 1):
        done = run("check", "--shard", f"{number}/{total}", *options)
        assert (done.returncode, done.stderr) == (0, "")
        names.append(f"importguard-{number}-of-{total}.shard")
    return names


def timeless(text):
    return re.sub(r"analysed in \d+\.\d s", "analysed in", text)


@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_merged_shards_give_the_bytes_of_one_check(project, run, total):
    if total == 3:
        with (project / "importguard.toml").open("a") as file:
            file.write('[[entry]]\nname = "tests"\npytest = "tests"\n')
    names = shards(run, total)
    for style in FORMATS:
        whole = run("check", "--format", style)
        merged = run("merge", *reversed(names), "--format", style)
        assert (merged.returncode, timeless(merged.stdout)) == (whole.returncode, timeless(whole.stdout))
        assert merged.stderr == whole.stderr
    assert whole.returncode == 1


OPTIONS = {
    "select": ("--select", "IG101,IG503"),
    "ignore": ("--ignore", "IG1"),
    "quiet": ("-q",),
    "verbose": ("-v",),
    "zero": ("--exit-zero",),
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_what_merge_is_asked_for_is_what_check_is_asked_for(project, run, options):
    names = shards(run, 2)
    whole, merged = run("check", *options), run("merge", *names, *options)
    assert (merged.returncode, timeless(merged.stdout)) == (whole.returncode, timeless(whole.stdout))


def test_what_the_shards_are_asked_for_counts(project, run):
    given = ("--entry", "shell", "--entry", "web", "--env", "A=1")
    names = shards(run, 2, *given)
    whole, merged = run("check", *given, "--format", "json"), run("merge", *names, "--format", "json")
    assert merged.stdout == whole.stdout


def test_reports_are_written_beside_what_is_printed(project, run):
    names = shards(run, 2)
    run("check", "--output-file", "sarif:whole.sarif")
    run("merge", *names, "--output-file", "sarif:merged.sarif")
    assert (project / "merged.sarif").read_bytes() == (project / "whole.sarif").read_bytes()


def test_measured_costs_and_packages_come_with_the_shards(project, run, monkeypatch):
    """Where the shards are merged nothing needs to be installed."""
    environment = {"python": platform.python_version(), "platform": sys.platform, "bytecode": True, "runs": 1}
    costs = {"schema": 1, **environment, "packages": {}, "self_us": {"colorsys": 77000}, "scale": 2.0}
    (project / "importguard.costs.json").write_text(json.dumps(costs))
    names = shards(run, 2)
    whole = run("check", "--format", "json")
    assert '"cost_us": 77000' in whole.stdout
    monkeypatch.setattr("importguard.target.environment._ask", lambda *_: pytest.fail("the interpreter was asked"))
    monkeypatch.setattr("importguard.startup.trace_start", lambda *_: pytest.fail("a start was walked"))
    monkeypatch.setenv(VARIABLE, "off")
    assert run("merge", *names, "--format", "json").stdout == whole.stdout


def test_every_entry_is_in_one_shard(project, run):
    found = [name for one in shards(run, 3) for name in (w.name for w in sharding.read_result(project / one).worked)]
    assert sorted(found) == ["cron", "shell", "web", "worker"]


def test_a_shard_is_the_same_bytes_each_time(project, run):
    (name,) = shards(run, 1)
    first = sharding.read_result(project / name)
    shards(run, 1)
    second = sharding.read_result(project / name)
    replace = msgspec.structs.replace
    assert [replace(one, elapsed_s=0) for one in first.worked] == [replace(one, elapsed_s=0) for one in second.worked]


def edit(name, text):
    return lambda root: (root / name).write_text(text)


def changed(name, **fields):
    def change(root):
        result = sharding.read_result(root / name)
        sharding.write_result(root / name, msgspec.structs.replace(result, **fields))

    return change


REFUSED = {
    "a source edited since": (
        edit("web.py", "import json"),
        "web.py is another one here; merge in a checkout of the same commit",
    ),
    "costs since": (edit("importguard.costs.json", "{}"), "importguard.costs.json is another one here"),
    "a shard that is missing": (lambda root: (root / "importguard-2-of-2.shard").unlink(), "cannot be read"),
    "damaged": (edit("importguard-2-of-2.shard", "importguard shard 1\n..."), "is damaged"),
    "no shard": (edit("importguard-2-of-2.shard", "{}"), "is no result of a shard"),
    "cut short": (
        lambda root: (root / "importguard-1-of-2.shard").write_bytes(
            (root / "importguard-1-of-2.shard").read_bytes()[:-9]
        ),
        "is damaged",
    ),
    "another version": (
        changed("importguard-2-of-2.shard", origin=Origin(bytes(16), "")),
        "was made by another version of importguard",
    ),
    "another place": (
        changed("importguard-2-of-2.shard", root="/elsewhere"),
        "is of the project in /elsewhere, not in",
    ),
    "another package": (
        changed("importguard-2-of-2.shard", files={json.__file__: bytes(16)}, own=frozenset()),
        "was another one than for importguard-1-of-2.shard",
    ),
    "another division": (
        changed("importguard-2-of-2.shard", shard=sharding.Shard(2, 3)),
        "is shard 2/3, importguard-1-of-2.shard is 1/2: of another division",
    ),
    "an entry that is not its own": (
        changed("importguard-2-of-2.shard", worked=()),
        "does not hold the entries of its shard",
    ),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_go_together_is_refused(project, run, change, said):
    names = shards(run, 2)
    change(project)
    done = run("merge", *names)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_another_configuration_is_refused(project, run):
    names = shards(run, 2)
    with (project / "importguard.toml").open("a") as file:
        file.write("# more\n")
    done = run("merge", *names)
    assert done.returncode == 2
    assert "importguard.toml is another one here" in done.stderr


def test_missing_and_doubled_shards_are_named(project, run):
    first, _, third, _ = shards(run, 4)
    done = run("merge", first, third)
    assert done.returncode == 2
    assert "shards 2, 4 of 4 not given" in done.stderr
    shutil.copy(project / first, project / "copy.shard")
    done = run("merge", first, "copy.shard")
    assert done.returncode == 2
    assert "copy.shard: is shard 1/4 like importguard-1-of-4.shard; pass each once" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--env", "A=1"), "another --env than"),
        (("--no-seen",), "another --no-seen than"),
        (("--entry", "web"), "another --entry"),
    ],
)
def test_shards_of_other_options_are_refused(project, run, options, said):
    run("check", "--shard", "1/2")
    run("check", "--shard", "2/2", *options)
    done = run("merge", "importguard-1-of-2.shard", "importguard-2-of-2.shard")
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("value", ["0/2", "3/2", "2", "a/b", "1/", "-1/2", "1/100000", "1/2/3", "²/²"])
def test_what_is_no_part_of_a_whole_is_refused(project, run, value):
    done = run("check", "--shard", value)
    assert done.returncode == 2
    assert "is no I/N" in done.stderr


def test_a_shard_judges_nothing(project, run):
    done = run("check", "--shard", "1/2", "--format", "json", "--select", "IG1")
    assert done.returncode == 2
    assert "--shard judges nothing: pass --format, --select to `importguard merge`" in done.stderr
    done = run("check", "web.py", "--shard", "1/2")
    assert done.returncode == 2
    assert "name no START beside it" in done.stderr


def test_the_file_of_a_shard_may_be_named(project, run):
    done = run("check", "--shard", "1/1", "--shard-file", "out.bin")
    assert done.stdout == "Wrote out.bin: 4 of 4 entries (web, worker, cron, shell).\n"
    assert run("merge", "out.bin", "-q").stdout == run("check", "-q").stdout


def test_a_single_entry_without_a_name(write, run):
    write({"importguard.toml": 'entry = "app.py"\n', "app.py": "import json\n"})
    (name,) = shards(run, 1)
    assert run("merge", name, "--format", "json").stdout == run("check", "--format", "json").stdout
