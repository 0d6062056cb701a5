"""`graph --unfollowed`: each place where more may load, why that is not known, and what to do about it."""

import json

import pytest

UNKNOWN_NAME = "import os\n__import__('m' * os.getpid())\n"
PLACES = {
    "a name that is computed": (
        UNKNOWN_NAME,
        "app.py:2: an import: the name is computed at run time; "
        "importguard verify --learn runs it and keeps what it loads",
    ),
    "a package that is not there": (
        "x = 1\nimport nowhere_at_all\n",
        "app.py:2: the import of nowhere_at_all: not found in the target environment; install it there, or pass the "
        "application's interpreter: --python PATH",
    ),
}


@pytest.mark.parametrize(("code", "line"), PLACES.values(), ids=list(PLACES))
def test_a_place_has_its_reason_and_a_remedy(run, write, code, line):
    write({"app.py": code})
    done = run("graph", "app.py", "--unfollowed")
    assert (done.returncode, done.stdout.splitlines()[:2]) == (
        0,
        ["app.py: 1 place could not be followed", f"  {line}"],
    )


def test_as_json_each_start_has_its_places(run, write):
    write({"app.py": UNKNOWN_NAME, "other.py": "import json\n"})
    write(
        {
            "importguard.toml": "".join(
                f'[[entry]]\nname = "{name}"\nscript = "{file}"\n'
                for name, file in (("one", "app.py"), ("two", "other.py"))
            )
        }
    )
    document = json.loads(run("graph", "--unfollowed", "--format", "json").stdout)
    (place,) = document["entries"]["one"]
    assert (document["schema"], document["entries"]["two"]) == (1, [])
    assert (place["path"].rpartition("/")[2], place["line"]) == ("app.py", 2)
    assert (place["reason"], "--learn" in place["remedy"]) == ("an import: the name is computed at run time", True)


def test_an_optional_package_that_is_not_installed_is_no_gap(run, write):
    write({"app.py": "try:\n    import nowhere_at_all\nexcept ImportError:\n    nowhere_at_all = None\n"})
    assert run("graph", "app.py", "--unfollowed").stdout.startswith("app.py: 0 places could not be followed")


def test_check_counts_the_places_that_the_command_lists(run, write):
    write({"app.py": UNKNOWN_NAME + "import nowhere_at_all\n"})
    listed = run("graph", "app.py", "--unfollowed").stdout.splitlines()
    assert listed[0] == "app.py: 2 places could not be followed"
    assert "2 places could not be followed: `importguard graph --unfollowed`" in run("check", "app.py").stdout


def test_what_measuring_shows_is_followed_from_then_on(run, write, tmp_path):
    write(
        {
            "app.py": "import host\n",
            "host.py": "import os\n__import__('plug' + 'x' * (os.getpid() // os.getpid()))\n",
            "plugx.py": "import colorsys\n",
        }
    )

    def loaded():
        document = json.loads(run("graph", "app.py", "--format", "json").stdout)
        return {one["name"]: one["certainty"] for one in document["modules"] if one["reach"] == "eager"}

    assert "plugx" not in loaded()
    measured = run("measure", "app.py", "--runs", "1")
    assert (measured.returncode, "importguard.seen.json" in measured.stdout + measured.stderr) == (0, True), measured
    assert (loaded()["plugx"], loaded()["colorsys"]) == ("seen", "seen")
    assert (tmp_path / "importguard.seen.json").is_file()


def test_a_place_in_what_loads_later_is_no_gap_of_the_start(run, write):
    write({"app.py": "import now\ndef main():\n    import late\n", "late.py": UNKNOWN_NAME, "now.py": UNKNOWN_NAME})
    listed = run("graph", "app.py", "--unfollowed").stdout.splitlines()
    assert (listed[0], listed[1][:11]) == ("app.py: 1 place could not be followed", "  now.py:2:")
