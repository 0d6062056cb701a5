"""The manifest: its order, its schema, and how a program learns that it is stale."""

import json
from pathlib import Path

import jsonschema
import pytest

import importguard
from importguard import analyse, find_project
from importguard.manifest_schema import FILE, manifest_schema
from importguard.rules import Subject
from importguard.rules.unsafe_order import UnsafeOrder
from importguard.warmup import WarmupManifest, staleness

WARM = "def _require_warmed(name): ...\n"


def warm(*names):
    return WARM + "".join(f"def need_{number}(): _require_warmed('{name}')\n" for number, name in enumerate(names))


@pytest.fixture
def built(write):
    """`built(files, config)`: (module, group) of each job of app.py's manifest; IG304 has nothing to say of it."""

    def run(files, config=""):
        root = write({"importguard.toml": f'entry = "app.py"\nmanifest = "m.json"\n{config}', **files})
        analysis = analyse(find_project(root).start())
        subject = Subject(analysis.start, analysis.graph, analysis.manifest, analysis.manifest)
        assert UnsafeOrder().check(subject) == []
        return [(job.module, job.group) for job in analysis.manifest.jobs]

    return run


def test_a_package_stands_before_its_modules_whatever_their_priority(built):
    files = {"app.py": warm("pk.sub", "pk"), "pk/__init__.py": "import pk.sub", "pk/sub.py": ""}
    assert built(files, '[warmup.priority]\n"pk.sub" = 9') == [("pk", 0), ("pk.sub", 0)]


def test_modules_that_import_each_other_stay_in_one_group(built):
    files = {"app.py": warm("one", "lone", "two"), "one.py": "import two", "two.py": "import one", "lone.py": ""}
    assert built(files) == [("lone", 0), ("two", 1), ("one", 1)]


def test_what_a_module_needs_stands_before_it(built):
    files = {"app.py": warm("a", "z"), "a.py": "import z", "z.py": ""}
    assert built(files) == [("z", 0), ("a", 0)]


def test_priority_goes_first_then_the_cheapest_then_the_name(built):
    costs = {
        "schema": 1,
        "python": "0.0",
        "platform": "elsewhere",
        "bytecode": True,
        "runs": 1,
        "packages": {},
        "self_us": {},
        "warmed_us": {"app.py": {"a": 900, "b": 20, "c": 20}},
    }
    files = {
        "app.py": warm("a", "b", "c", "d"),
        **{f"{name}.py": "" for name in "abcd"},
        "importguard.costs.json": json.dumps(costs),
    }
    assert built(files, "[warmup.priority]\nd = 1") == [("d", 0), ("b", 1), ("c", 2), ("a", 3)]


def test_committed_costs_stand_in_the_manifest_on_every_machine(write):
    costs = {"schema": 1, "python": "0.0", "platform": "elsewhere", "bytecode": True, "runs": 1, "packages": {}}
    costs |= {"self_us": {}, "warmed_us": {"app.py": {"a": 900}}}
    root = write(
        {
            "app.py": warm("a"),
            "a.py": "",
            "importguard.toml": 'entry = "app.py"',
            "importguard.costs.json": json.dumps(costs),
        }
    )
    assert [job.cost_us for job in analyse(find_project(root).start()).manifest.jobs] == [900]


def test_measured_costs_of_jobs_are_committed_with_the_others(run, write):
    write({"app.py": warm("a"), "a.py": "import colorsys", "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"'})
    assert run("measure", "--runs", "1").returncode == 0
    assert run("manifest", "--write").returncode == 0
    root = write({})
    (job,) = WarmupManifest.load(root / "m.json").jobs
    assert job.cost_us == json.loads((root / "importguard.costs.json").read_text())["warmed_us"]["app.py"]["a"]
    assert job.cost_us > 0


def test_the_published_schema_is_the_one_of_the_types():
    committed = Path(importguard.__file__).with_name(FILE)
    assert committed.read_text() == manifest_schema()


def test_the_schema_is_printed_without_a_project(run):
    assert run("manifest", "--schema").stdout == manifest_schema()


def test_a_written_manifest_follows_the_schema(run, write):
    root = write({"app.py": warm("a"), "a.py": "", "importguard.toml": 'entry = "app.py"\nmanifest = "m.json"'})
    assert run("manifest", "--write").returncode == 0
    jsonschema.validate(json.loads((root / "m.json").read_text()), json.loads(manifest_schema()))


@pytest.mark.parametrize("job", [{}, {"module": "a b"}, {"module": "a", "factory": "a"}, {"module": "a", "group": -1}])
def test_the_schema_refuses_what_the_runtime_cannot_use(job):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 1, "jobs": [job]}, json.loads(manifest_schema()))


PROJECT = {
    "pk/app.py": warm("pk.heavy"),
    "pk/__init__.py": "",
    "pk/heavy.py": "import colorsys\n",
    "importguard.toml": 'import = "pk.app"\nmanifest = "pk/m.json"\nwarm_calls = ["_require_warmed", "warmed"]',
}
STALE = "m.json is stale: "


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("pk/app.py", warm("pk.heavy") + "# more\nimport json\n", ""),
        ("pk/heavy.py", "import colorsys\nx = 1\n", ""),
        ("pk/heavy.py", "import colorsys\r\n", ""),
        ("pk/app.py", warm("pk.heavy", "wave"), f"{STALE}nothing warms wave; run `importguard manifest --write`"),
        ("pk/new.py", "warmed(\n  'wave')", f"{STALE}nothing warms wave; run `importguard manifest --write`"),
        (
            "pk/heavy.py",
            "import colorsys, wave",
            f"{STALE}the code asks for other modules or imports; run `importguard manifest --write`",
        ),
        (
            "pk/app.py",
            "x = 1",
            f"{STALE}the code asks for other modules or imports; run `importguard manifest --write`",
        ),
    ],
)
def test_a_running_program_recognises_a_stale_manifest(run, write, file, text, reason):
    root = write(PROJECT)
    assert run("manifest", "--write").returncode == 0
    assert staleness(root / "pk/m.json") == ""
    write({file: text})
    assert staleness(root / "pk/m.json") == reason


def test_nothing_is_said_where_the_sources_are_not_shipped(run, write):
    root = write(PROJECT)
    assert run("manifest", "--write").returncode == 0
    (root / "pk/m.json").rename(write({"elsewhere/app.pyc": ""}) / "elsewhere/m.json")
    assert staleness(root / "elsewhere/m.json") == ""
    (root / "alone.json").write_text('{"schema": 1, "jobs": []}')
    assert staleness(root / "alone.json") == ""
