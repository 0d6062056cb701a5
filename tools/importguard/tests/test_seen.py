"""What a run shows is learned: it is part of the start from then on, until a package has another version."""

import base64
import json
import os
import shutil
import sys
import sysconfig
import venv
import zlib
from pathlib import Path

import pytest

from importguard.project.seen import FILE

# A host that loads what an opaque table names: nobody can say which modules before it runs.
HOST = {
    "app.py": "import host\nhost.start()\n",
    "host.py": """
        import base64, zlib
        NAMES = zlib.decompress(base64.b64decode({packed!r})).decode().split()
        def start():
            for name in NAMES: __import__(name)
    """,
    "plug_one.py": "import colorsys\n",
    "plug_two.py": "",
}


@pytest.fixture
def host(write):
    packed = base64.b64encode(zlib.compress(b"plug_one plug_two")).decode()
    return write({name: text.format(packed=packed) if name == "host.py" else text for name, text in HOST.items()})


def loaded(run, *options):
    named = options if "--python" in options else ("--python", sys.executable, *options)
    done = run("graph", "app.py", "--format", "json", *named)
    assert done.returncode == 0, done.stderr
    return {m["name"]: m for m in json.loads(done.stdout)["modules"] if m["reach"] == "eager"}


def learn(run):
    done = run("verify", "app.py", "--learn", "--python", sys.executable)
    assert "Traceback" not in done.stderr
    return done


def test_a_plugin_host_is_right_after_one_run(run, host):
    assert not {"plug_one", "plug_two", "colorsys"} & loaded(run).keys()
    assert "3 modules loaded and not predicted, now in importguard.seen.json" in learn(run).stderr
    found = loaded(run)
    assert {found[name]["certainty"] for name in ("plug_one", "plug_two", "colorsys")} == {"seen"}
    assert (found["plug_one"]["imported_by"], found["plug_one"]["line"]) == ("host", 5)
    assert (found["colorsys"]["imported_by"], found["plug_one"]["path"]) == ("plug_one", str(host / "plug_one.py"))
    done = run("verify", "app.py", "--python", sys.executable)
    assert "Loaded, not predicted: none" in done.stdout


def test_the_gate_counts_what_was_seen(run, host):
    (host / "importguard.toml").write_text('entry = "app.py"\nheavy = ["colorsys"]\nignore = ["IG501"]\n')
    assert run("check", "--python", sys.executable).returncode == 0
    learn(run)
    done = run("check", "--python", sys.executable)
    assert done.returncode == 1
    assert "colorsys is imported eagerly" in done.stdout
    assert run("check", "--no-seen", "--python", sys.executable).returncode == 0
    assert "colorsys" not in loaded(run, "--no-seen")


def test_check_says_how_many_modules_a_run_has_shown(run, host):
    learn(run)
    assert "3 of them seen in a run" in run("check", "app.py", "--python", sys.executable).stdout


def test_what_is_learned_is_the_same_each_time(run, host):
    learn(run)
    first = (host / FILE).read_bytes()
    assert json.loads(first)["starts"]["app.py"].keys() == {
        f"{sys.platform} {sys.version_info[0]}.{sys.version_info[1]}"
    }
    learn(run)
    assert (host / FILE).read_bytes() == first
    assert str(host) not in first.decode()


def test_what_the_graph_has_found_by_itself_is_dropped(run, host):
    learn(run)
    (host / "app.py").write_text("import plug_one, plug_two\nimport host\nhost.start()\n")
    learn(run)
    assert json.loads((host / FILE).read_text())["starts"] == {}


def test_an_importer_that_is_gone_is_reported(run, host):
    learn(run)
    (host / "app.py").write_text("import json\n")
    done = run("check", "app.py", "--python", sys.executable)
    assert (
        "have an importer that is not loaded (colorsys, plug_one, plug_two); run: importguard verify --learn"
        in done.stdout
    )
    assert "plug_one" not in loaded(run)


def test_another_version_of_a_package_makes_what_was_seen_stale(run, tmp_path, write):
    packed = base64.b64encode(zlib.compress(b"plugin")).decode()
    write({"app.py": OPAQUE % packed})
    python = environment_with_plugin(tmp_path / "env", "1.0")
    assert "plugin" not in loaded(run, "--python", str(python))
    done = run("verify", "app.py", "--learn", "--python", str(python))
    assert "2 modules" in done.stderr
    assert loaded(run, "--python", str(python))["wave"]["certainty"] == "seen"
    environment_with_plugin(tmp_path / "env", "1.1")
    assert not {"plugin", "wave"} & loaded(run, "--python", str(python)).keys()
    said = run("check", "app.py", "--python", str(python)).stdout
    assert "modules are of another version (plug-in 1.0 → 1.1) and left out; run: importguard verify --learn" in said
    run("verify", "app.py", "--learn", "--python", str(python))
    assert loaded(run, "--python", str(python))["wave"]["certainty"] == "seen"


OPAQUE = """
import base64, struct, zlib
__import__(zlib.decompress(base64.b64decode("%s")).decode())
"""


def environment_with_plugin(folder, version):
    """The Python of an environment that has the distribution `plug-in` with the module `plugin`."""
    if not folder.exists():
        venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    for old in site.glob("plug_in-*"):
        shutil.rmtree(old)
    (site / "plugin.py").write_text("import wave\n")
    about = site / f"plug_in-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plug-in\nVersion: {version}\n")
    (about / "top_level.txt").write_text("plugin\n")
    return python


def document(name="a", **module):
    start = {"x": {"packages": {}, "modules": {name: module}}}
    return json.dumps({"schema": 1, "starts": {"app.py": start}}).encode()


DAMAGED = {
    "no JSON": b"{",
    "another schema": b'{"schema": 9, "starts": {}}',
    "a name with a path in it": document("../a", by="b"),
    "a field that nobody knows": document(by="b", run="rm"),
    "a line that is none": document(by="b", line=-1),
    "nested too deeply": b"[" * 100_000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_file_that_is_not_as_written_is_refused_with_its_remedy(run, write, content):
    root = write({"app.py": "import json\n"})
    (root / FILE).write_bytes(content)
    done = run("check", "app.py", "--python", sys.executable)
    assert done.returncode == 2
    assert FILE in done.stderr
    assert "importguard verify --learn" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_file_is_written_anew(run, host):
    (host / FILE).write_bytes(b"{")
    learn(run)
    assert loaded(run)["plug_one"]["certainty"] == "seen"


def test_modules_that_load_each_other_are_not_taken_in(run, write):
    root = write({"app.py": "import json\n"})
    modules = {"a": {"by": "b"}, "b": {"by": "a"}}
    platform = f"{sys.platform} {sys.version_info[0]}.{sys.version_info[1]}"
    seen = {"schema": 1, "starts": {"app.py": {platform: {"packages": {}, "modules": modules}}}}
    (root / FILE).write_text(json.dumps(seen))
    assert "a" not in loaded(run)


def test_a_link_in_the_place_of_the_file_is_replaced_not_followed(run, host, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "seen.json"
    other.write_text('{"schema": 1, "starts": {}}')
    os.symlink(other, host / FILE)
    learn(run)
    assert other.read_text() == '{"schema": 1, "starts": {}}'
    assert "plug_one" in (host / FILE).read_text()


def test_what_measuring_tried_and_did_not_find_is_not_taken_for_loaded(run, write):
    root = write(
        {
            "app.py": "import light\n",
            "light.py": "try:\n    import not_installed.at_all\nexcept ImportError:\n    pass\n"
            "try:\n    import half\nexcept ImportError:\n    pass\n",
            "half.py": "raise ImportError\n",
        }
    )
    done = run("measure", "app.py", "--runs", "1", "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    assert "not predicted" not in done.stderr + done.stdout
    assert not (root / FILE).exists()


def test_what_measuring_brings_by_a_module_that_may_load_is_not_learned(run, write):
    root = write(
        {
            "app.py": "import sys\nif len(sys.argv) > 3:\n    import late\n",
            "late.py": "import host\nhost.start()\n",
            "host.py": HOST["host.py"].format(packed=base64.b64encode(zlib.compress(b"plug_one")).decode()),
            "plug_one.py": "",
        }
    )
    assert run("measure", "app.py", "--runs", "1", "--python", sys.executable).returncode == 0
    assert not (root / FILE).exists()


def test_what_a_seen_module_imports_itself_stays_when_another_importer_is_cut(run, write):
    """The run has named the first importer alone; the second one keeps the module all the same."""
    packed = base64.b64encode(zlib.compress(b"plugs.one")).decode()
    files = {name: text.format(packed=packed) for name, text in HOST.items() if name in {"app.py", "host.py"}}
    files["app.py"] = "import heavy\nimport host\nhost.start()\n"
    write(
        {**files, "heavy.py": "import colorsys, wave\n", "plugs/__init__.py": "", "plugs/one.py": "import colorsys\n"}
    )

    def saved():
        done = run("why", "heavy", "app.py", "--format", "json", "--python", sys.executable)
        return json.loads(done.stdout)["entries"][0]["cuts"][0]["modules"]

    before = saved()
    learn(run)
    assert before - saved() == 1
