"""Bounds are counts: a program of any shape gets an answer, or a stop with a sentence, within the same memory."""

import json
import sys

import pytest

from importguard.source import reader
from importguard.startup.machine import bounds

# Up to Python 3.11 the parser takes the square of their number, so there they are refused.
EXPRESSIONS = (2, "more than 500,000") if sys.version_info < (3, 12) else (0, "Clean")

ONE_LINE = "x = "
# A name, the file, and the exit code with what is said.
SHAPES = {
    "a name of many parts": (b"import a" + b".a" * 900, 1, "IG501"),
    "a name of too many parts": (b"import a" + b".a" * 100_000, 2, "has a name of more than 1,000 parts"),
    "a name on many lines": (b"from a" + b".\\\na" * 50_000 + b" import b", 2, "has a name of more than 1,000 parts"),
    "a name of very many parts": (b"import a" + b".a" * 3_000_000, 2, "has a name of more than 1,000 parts"),
    "very many statements on a line": (b"a;" * 300_000, 2, "more than 500,000 names, numbers and signs"),
    "very many lines": (b"f()\n" * 150_000, 2, "more than 500,000 names, numbers and signs"),
    "a huge list": (b"x = [" + b"1, " * 300_000 + b"]", 2, "more than 500,000 names, numbers and signs"),
    "a huge dict": (b"x = {" + b"'a': 1, " * 130_000 + b"}", 2, "more than 500,000 names, numbers and signs"),
    "very many expressions in a text": (b"x = f'" + b"{a}" * 100_000 + b"'", *EXPRESSIONS),
    "a number of many digits": (b"x = 0x" + b"f" * 15_000_000, 0, "Clean"),
    "a text of many escapes": (b"x = b'" + b"\\x00" * 3_000_000 + b"'", 0, "Clean"),
    "a text of many lines": (b"x = '''" + b"a b c d e f g h\n" * 900_000 + b"'''", 0, "Clean"),
    "many cases": (b"match x:\n" + b"".join(b" case %d: y = 1\n" % n for n in range(20_000)), 0, "Clean"),
    "punycode": (b"# coding: punycode\n#-" + b"a" * 4_000_000, 2, "punycode is not read; save the file as UTF-8"),
    "escapes as an encoding": (b"# coding: unicode_escape\n" + b"x=1\n" * 2_000_000, 2, "unicode_escape is not read"),
    "UTF-7": (b"# coding: utf-7\nimport os", 2, "utf-7 is not read"),
    "many functions": (b"".join(b"def f%d():\n import m\n" % n for n in range(20_000)), 0, "IG501 note"),
    "functions in functions": (
        b"".join(b" " * n + b"def f():\n" for n in range(99)) + b" " * 99 + b"a;" * 100_000 + b"\nf()",
        0,
        "Clean",
    ),
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("content", "code", "said"), SHAPES.values(), ids=SHAPES)
def test_a_file_of_any_shape_is_answered_or_refused_in_little_memory(write, limited, content, code, said):
    write({"app.py": content})
    done = limited(400, "check", "--no-cache", "app.py")
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr[-500:]
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(240)
def test_a_program_of_many_full_files_ends_in_little_memory(write, limited):
    files = {f"m{n}.py": b"a;" * 100_000 for n in range(22)}
    write({"app.py": "\n".join(f"import m{n}" for n in range(22)), **files})
    done = limited(900, "check", "--no-cache", "app.py")
    assert (done.returncode, "is made of more than 4,000,000 expressions and statements" in done.stderr) == (2, True)


def test_a_file_of_data_is_read_whatever_its_texts_hold(write, run, monkeypatch):
    monkeypatch.setattr(reader, "_FEW", 0)
    monkeypatch.setattr(reader, "MAX_TOKENS", 100)
    write({"app.py": "x = '''" + "(1, 2, 3)\n" * 200 + "'''\n# " + "a b c " * 200 + "\nimport colorsys\n"})
    assert run("check", "app.py").returncode == 0


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "shift_jis", "gbk", "euc-kr", "koi8-r"]
)
def test_the_common_encodings_are_read(write, run, encoding):
    write({"app.py": f"# coding: {encoding}\nimport not_there\n".encode()})
    done = run("check", "app.py")
    assert (done.returncode, "app.py:2: IG501" in done.stdout) == (1, True)


# A bound that ends the walk


@pytest.fixture
def endless(write, monkeypatch):
    """A start that loads something heavy, and is not worked out to its end."""
    monkeypatch.setattr(bounds, "MAX_WORK", 200_000)
    loop = "for i in range(1000):\n for j in range(1000):\n  x = [i, j]\n"
    config = 'entry = "app.py"\nheavy = ["colorsys"]\nmanifest = "m.json"\nlock = "x.lock"'
    write({"importguard.toml": config, "app.py": f"import colorsys\n{loop}import wave\n"})
    return write


SENTENCE = "the start takes more than 200,000 steps to work out; this is no verdict"


def test_what_was_found_until_then_is_reported_and_the_exit_code_is_2(endless, run):
    done = run("check")
    assert (done.returncode, SENTENCE in done.stderr) == (2, True)
    assert "app.py:1: IG101" in done.stdout
    assert "Clean" not in done.stdout
    assert "IG30" not in done.stdout  # nothing is said of what was not seen


def test_json_says_that_it_is_not_ok(endless, run):
    done = run("check", "--format", "json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["ok"], [one["code"] for one in said["findings"]]) == (2, False, ["IG101"])


def test_nothing_found_is_not_clean_either(endless, run):
    endless({"importguard.toml": 'entry = "app.py"'})
    done = run("check")
    assert (done.returncode, "Clean" in done.stdout, SENTENCE in done.stderr) == (2, False, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--format", "sarif"),
        ("check", "--format", "junit"),
        ("check", "--write-baseline"),
        ("manifest", "--write"),
        ("lock", "--write"),
        ("graph",),
        ("why", "colorsys"),
    ],
)
def test_no_other_answer_is_made_of_a_part(endless, run, arguments, tmp_path):
    done = run(*arguments)
    assert (done.returncode, done.stdout, SENTENCE in done.stderr) == (2, "", True)
    assert not [name for name in ("m.json", "x.lock") if (tmp_path / name).exists()]


def test_the_same_answer_is_given_again(endless, run):
    assert run("check").stdout == run("check").stdout


def test_of_very_many_findings_the_first_are_printed(write, run):
    write({"app.py": "\n".join(f"import missing{n}" for n in range(1000))})
    done = run("check", "app.py")
    assert (done.returncode, done.stdout.count("IG501")) == (1, 200)
    assert "… and 800 more findings; --format json has them all." in done.stdout


# An interpreter that does not stop talking


def test_an_interpreter_that_prints_for_ever_is_refused(write, run, tmp_path):
    write({"app.py": "", "python": "#!/bin/sh\nexec yes\n"})
    (tmp_path / "python").chmod(0o755)
    done = run("check", "--python", str(tmp_path / "python"), "app.py")
    assert (done.returncode, "it says more than 16 MiB" in done.stderr) == (2, True)


def test_an_interpreter_that_complains_for_ever_is_refused(write, run, tmp_path):
    write({"app.py": "", "python": "#!/bin/sh\nyes | head -c 30000000 >&2\nexit 3\n"})
    (tmp_path / "python").chmod(0o755)
    done = run("check", "--python", str(tmp_path / "python"), "app.py")
    assert (done.returncode, "it exited with 3" in done.stderr) == (2, True)
