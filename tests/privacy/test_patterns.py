"""No pattern of ours can be made to run for longer than its text is long: by how each is made, and by trying."""

import json
import subprocess
import sys

import pytest
from src.privacy import sliced
from tests.privacy import patterns
from tests.privacy.patterns import faults

from importguard.source import reader, skimming

# Linear for a reason that its form does not show: a quote that nothing closes is the last of its kind in the text, or
# in its line, so that the search fails behind four places at most.
EXPLAINED = (
    reader._TEXT.pattern,
    skimming._body(1).pattern,  # tried at one place alone: `_body(indent).match(text, place)`
)
USES = patterns.uses()
LONGEST_S = 280.0  # for all the texts together; they take 4


def test_every_pattern_of_the_source_is_read():
    files = {use.place.partition(":")[0] for use in USES}
    assert {"src/privacy/shapes.py", "src/privacy/values.py", "src/window/markdown_blocks.py"} <= files
    assert {f"tools/importguard/src/importguard/{name}.py" for name in ("fix/leaning", "source/reader")} <= files
    assert len(USES) >= 130


@pytest.mark.parametrize("use", [use for use in USES if use.pattern not in EXPLAINED], ids=lambda use: use.place)
def test_a_pattern_is_linear_by_how_it_is_made(use):
    assert faults(use.pattern, anchored=use.anchored) == []


@pytest.mark.parametrize("use", [use for use in USES if use.in_slices], ids=lambda use: use.place)
def test_no_match_of_a_pattern_that_is_run_in_slices_is_cut(use):
    assert patterns.longest(use.pattern) <= sliced.MARGIN


@pytest.mark.parametrize(
    ("pattern", "anchored", "is_linear"),
    [
        (r"(a+)+b", True, False),
        (r"a*a*b", True, False),
        (r"[^`\s]*[^`]*$", True, False),
        (r"[^`\s]*+[^`]*+$", True, True),
        (r"\w+\d+x", True, False),
        (r"\w+-\d+x", True, True),
        (r"(?:a|b)*c", True, True),
        (r"(?:a+|b)*c", True, False),
        (r"(?>a+)a*b", True, True),
        (r"[a-z][a-z0-9+.-]*://", False, False),
        (r"[a-z][a-z0-9+.-]*://", True, True),
        (r"[a-z][a-z0-9+.-]{0,30}://", False, True),
        (r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*+://", False, True),
        (r"`[^`]*`", False, True),
        (r"\[\[x ([^\]]*)\]\]", False, False),
        (r"ghp_[A-Za-z0-9]{36,}", False, True),
        (r".*=.*", False, False),
        (r"(?m)^[^\n]*=", False, True),
        (r"(?m)^\s*=", False, False),
        (r"^\s*=", False, True),
        (r"\b\w+\(", False, True),
    ],
)
def test_the_test_tells_a_linear_pattern_from_another(pattern, anchored, is_linear):
    assert (faults(pattern, anchored=anchored) == []) == is_linear


# All that takes a stranger's text apart, on a text that is hard for it. In a child, which is ended when it hangs;
# processor time, so that what else runs here does not count.
CHILD = """
import json, sys, time
LENGTH = 250_000  # eight times what is searched at once; the square of it would take minutes
from src.privacy.redactor import Redactor
from src.providers.echo import take_marks
from src.window import markdown_blocks
def run(text):
    Redactor().redact(text)
    take_marks(text)
    markdown_blocks.split(text)
def spent(text):
    begun = time.process_time()
    run(text)
    return time.process_time() - begun
easy = "def name(value):\\n    return [one.strip() for one in value]\\n\\n" * 4_000
run(easy[:1000])
linear = spent(easy[:LENGTH])
for piece in json.load(sys.stdin):
    print(json.dumps(piece), flush=True)
    print(spent((piece * (LENGTH // len(piece) + 1))[:LENGTH]) / linear, flush=True)
"""
HARD = (
    "a.", "a-b", "a", "=", "a=", "key=", "key:", "key=\"", "token%3a", "api_key: ", "password is \"", "sk-", "-sk-ant-",
    "ghp_", "ey", "-ey", "eyJa.", "xoxb-", "hooks.slack.com/services/", "AKIA", "://", "a://b@", "://a:b", "https://u:",
    "[[slow ", "[[slow ]", "`", "``` `", "~~~", "| - ", "|-", ":-", " ", "\t", "\n", "\r\n", "-----BEGIN ",
    "-----BEGIN RSA PRIVATE KEY-----\n", "-----END ", "PuTTY-User-Key-File-", "login a password ", "login ", " -u a:",
    "NetworkCredential(\"a\",", "authorization: bearer ", "Authorization: Basic a", "bearer ", "?key=a", "&token=",
    "LS0tLS1CRUdJTi", "ATATT3a", "dp.st.a.", "v1.0-", "\u0130", "\u0130key=", "\0", "![", "- a\n\n", "<details>\n",
    "[a]: b\n", "1" * 40, "_" * 30, "{\"a\": ", "(" * 20, "'", "\"", "\\", "\\\"", "9" * 8 + ":AA", "@",
)  # fmt: skip


def test_a_hard_text_takes_at_most_a_hundred_times_what_an_ordinary_one_takes():
    command = [sys.executable, "-c", CHILD]
    try:
        child = subprocess.run(
            command,
            input=json.dumps(HARD),
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=True,
            cwd=patterns.ROOT,
        )
        output = child.stdout
    except subprocess.TimeoutExpired as hung:
        output = (hung.stdout or b"").decode()
    lines = output.splitlines()
    ratios = {json.loads(piece): float(ratio) for piece, ratio in zip(lines[::2], lines[1::2], strict=False)}
    assert {piece: ratio for piece, ratio in ratios.items() if ratio > 100} == {}
    assert [piece for piece in HARD if piece not in ratios] == []
