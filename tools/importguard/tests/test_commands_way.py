"""A console script's way from its command: how far it is followed, and where it is not."""

import json

CALLS_UNKNOWN = """
    import json, sys

    def main():
        loaded = json.loads(sys.stdin.read())
        loaded["shape"].open("a").strip()
        import colorsys
    """
DOUBT = """
    import os, sys, time

    def main():
        if time.time() > 1:
            if os.getpid() > 3:
                if sys.stdin.readable():
                    if time.time() > 2:
                        from tool.deep import go
                        go()
    """


def _graph(run, write, files):
    write({"pyproject.toml": "[project]\nname='tool'\n[project.scripts]\ntool='tool.cli:main'\n", **files})
    return json.loads(run("graph", "--command", "tool", "--format", "json").stdout)


def test_a_call_of_what_is_not_known_is_a_place_that_is_not_followed(run, write):
    graph = _graph(run, write, {"tool/__init__.py": "", "tool/cli.py": CALLS_UNKNOWN})
    assert "the call of open is not followed: it is not known what that is" in {one["reason"] for one in graph["stops"]}
    assert "strip" not in " ".join(one["reason"] for one in graph["stops"])  # a method of texts loads nothing


def test_a_program_is_followed_into_more_doubt_than_what_it_uses(run, write):
    files = {"tool/__init__.py": "", "tool/cli.py": DOUBT, "tool/deep.py": "def go():\n    import colorsys\n"}
    graph = _graph(run, write, files)
    assert {one["name"]: one["certainty"] for one in graph["modules"]}["colorsys"] == "possible"
    assert graph["stops"] == []


def test_the_parts_of_one_of_several_texts_are_known_as_far_as_the_texts_are(as_python_loads):
    certain, possible, _ = as_python_loads(
        """
        import importlib, sys
        LOOPS = {"one": "m1:make", "two": "m2:make"}

        def load(text):
            module, _, attribute = text.partition(":")
            if module and attribute:
                importlib.import_module(module)

        load(LOOPS.get(sys.argv[-1], "m3:make"))
        """
    )
    assert (certain, possible) == (set(), {"m1", "m2", "m3"})
