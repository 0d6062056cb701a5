"""What a start's arguments decide: what is certain, what is possible, and what `check` says of it."""

import json

import pytest

PARSED = """import argparse

def parse(arguments=None):
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("--report")
    parser.add_argument("--fast", action="store_true")
    group = parser.add_argument_group("more")
    group.add_argument("--file", action="append", default=[])
    parser.set_defaults(module="colorsys")
    return parser.parse_args(arguments)

def main():
    flags = parse()
    if flags.report is not None:
        return 1
    if flags.fast or flags.file:
        import wave
    __import__(flags.module)
    import sched

main()
"""


@pytest.fixture
def certainty(run, write):
    """`certainty(program, config)`: of each of the marker modules that the start may load."""

    def call(program, config):
        write({"app.py": program, "importguard.toml": 'entry = "app.py"\n' + config})
        modules = json.loads(run("graph", "--format", "json").stdout)["modules"]
        marks = {"wave", "colorsys", "sched"}
        return {one["name"]: one["certainty"] for one in modules if one["name"] in marks and one["reach"] == "eager"}

    return call


def test_a_command_line_without_arguments_gives_the_defaults(certainty):
    assert certainty(PARSED, "args = []\n") == {"colorsys": "certain", "sched": "certain"}


def test_a_subclass_of_the_parser_gives_the_defaults_too(certainty):
    program = PARSED.replace("argparse.ArgumentParser(", "Parser(").replace(
        "def parse(", "class Parser(argparse.ArgumentParser):\n    pass\n\ndef parse(", 1
    )
    assert certainty(program, "args = []\n") == {"colorsys": "certain", "sched": "certain"}


def test_what_follows_a_way_out_that_arguments_decide_is_possible(certainty):
    assert certainty(PARSED, "")["sched"] == "possible"


ENDS = {
    "sys.exit()": ("if '--version' in sys.argv[1:]:\n    sys.exit()\nimport sched", "possible"),
    "SystemExit": ("if sys.argv[1:]:\n    raise SystemExit(0)\nimport sched", "possible"),
    "in a function with its words": (
        "def main(words=None):\n    run(words or sys.argv[1:])\ndef run(words):\n    if '-V' in words:\n"
        "        sys.exit(0)\n    import sched\nmain()",
        "possible",
    ),
    "past handlers of other exceptions": (
        "import argparse\ndef main():\n    try:\n        print(argparse.ArgumentParser().parse_args())\n"
        "    except KeyboardInterrupt:\n        pass\n    except Exception as error:\n        print(error)\n"
        "    try:\n        import sched\n    finally:\n        pass\nmain()",
        "possible",
    ),
    "in a loop": (
        "for word in sys.argv[1:]:\n    if word == '--version':\n        sys.exit(0)\nimport sched",
        "possible",
    ),
    "below two conditions": (
        "if len(sys.argv) > 1:\n    if sys.argv[1] == '-V':\n        exit(0)\nimport sched",
        "possible",
    ),
    "quit": ("if '-V' in sys.argv:\n    quit()\nimport sched", "possible"),
    "a failure": ("if sys.argv[1:]:\n    sys.exit('no arguments, please')\nimport sched", "certain"),
}


@pytest.mark.parametrize(("program", "expected"), ENDS.values(), ids=ENDS)
def test_what_follows_an_end_that_somebody_may_ask_for_is_possible(certainty, program, expected):
    assert certainty(f"import sys\n{program}\n", "")["sched"] == expected


WAYS_OUT = {
    "return": "import sys\n\ndef main():\n    if sys.argv[1:]:\n        return\n    import heavy\n\nmain()\n",
    "return in a loop": (
        "import sys\n\ndef main():\n    for one in sys.argv:\n        if one == 'x':\n            return\n"
        "    import heavy\n\nmain()\n"
    ),
    "in a called function": (
        "import sys\n\ndef load():\n    import heavy\n\ndef main():\n    if sys.argv[1:]:\n        return\n"
        "    load()\n\nmain()\n"
    ),
    "the end of the program": (
        "import sys\n\ndef main():\n    if '--version' in sys.argv[1:]:\n        sys.exit(0)\n"
        "    import heavy\n\nmain()\n"
    ),
    "the end of the program in its module": "import sys\nif sys.argv[1:]:\n    sys.exit()\nimport heavy\n",
}


@pytest.mark.parametrize("program", WAYS_OUT.values(), ids=WAYS_OUT.keys())
def test_a_dear_import_after_a_way_out_belongs_to_the_start(run, write, program):
    write({"app.py": program, "heavy.py": "", "importguard.toml": 'entry = "app.py"\nheavy = ["heavy"]\n'})
    result = run("check", "--format", "json")
    assert (result.returncode, [one["code"] for one in json.loads(result.stdout)["findings"]]) == (1, ["IG101"])


def test_a_dear_import_that_only_one_command_runs_does_not(run, write):
    program = "import sys\n\ndef report():\n    import heavy\n\nif sys.argv[1:] == ['report']:\n    report()\n"
    write({"app.py": program, "heavy.py": "", "importguard.toml": 'entry = "app.py"\nheavy = ["heavy"]\n'})
    result = run("check", "--format", "json")
    assert (result.returncode, [one["code"] for one in json.loads(result.stdout)["findings"]]) == (0, ["IG102"])
