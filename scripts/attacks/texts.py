"""Hostile texts: what models, providers, files and commands may say, given to what takes texts apart."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from itertools import pairwise
from pathlib import Path
from random import Random

import sloppy
from src.chat import Message, TextPart
from src.discussion import message_json
from src.discussion.text import as_value, to_markdown
from src.discussion.tree import Turn
from src.privacy.detector import find_secret, secret_name
from src.privacy.redactor import HIDDEN, Redactor
from src.project import scan
from src.providers import failures
from src.providers.echo import take_marks
from src.window import markdown_blocks
from src.work.terminal import harmless
from tests.privacy import published

from importguard import Patterns

LONGEST = 20_000  # characters of one input
KEY = "canary-Zx8Lq2Rv5Tn9"
SECRETS = tuple(row for row in published.load() if "\n" not in row.text and "basic auth" not in row.name)
PIECES = (
    *("a.", "a-b", "=", "key=", 'key="', "token: ", "sk-", "ghp_", "eyJ", "-ey", "://", "@", "[[slow ", "]]", "`"),
    *("|", "|-|\n", " ", "\t", "\n", "\r", "-----BEGIN PRIVATE KEY-----\n", "-----END ", "login a password ", "\0"),
    *("\u0130", "\u202e", "\ud83d\ude00", "{", "}", "(", "'", '"', "\\", "#", "- ", "1. ", "<details>", "</file>"),
    *("%3a", "é", "\x1b[", "```\n"),
)  # fmt: skip
WORDS = (
    "the file holds a list of names that is read when password and token of a user are asked for by their key".split()
)


def noise(draw: Random, length: int) -> str:
    """Pieces that patterns begin with, repeated and mixed."""
    some = draw.sample(PIECES, draw.randint(1, 4))
    text = "".join(draw.choice(some) * draw.randint(1, 30) for _ in range(draw.randint(1, 80)))
    return (text * (length // max(1, len(text)) + 1))[: draw.randint(1, length)]


def redact_noise(draw: Random, _: Path) -> None:
    """Redacting twice is redacting once."""
    once, _places = Redactor().counted(noise(draw, LONGEST))
    assert Redactor().counted(once) == (once, 0)


def redact_unicode(draw: Random, _: Path) -> None:
    """Any characters at all are taken."""
    text = "".join(chr(draw.randrange(0x110000)) for _ in range(draw.randint(1, 3000)))
    assert Redactor().redact(text).count(HIDDEN) <= len(text)


def hide_published(draw: Random, _: Path) -> None:
    """A secret in its place is hidden, whatever is on the lines around it."""
    row = draw.choice(SECRETS)
    around = ["".join(draw.choices("abcdefgh (){};\n", k=draw.randint(0, 2000))) for _ in range(2)]
    text = f"{around[0]}\n{row.text}\n{around[1]}"
    cleaned = Redactor().redact(text)
    assert find_secret(text) is not None, row.name
    assert not [one for one in row.secrets if one in cleaned], row.name


def hide_known(draw: Random, _: Path) -> None:
    """A key that is known is hidden in every form that it takes."""
    redactor = Redactor()
    redactor.add(KEY)
    shift = draw.randbytes(draw.randint(0, 3))
    forms = (KEY, KEY.encode().hex(), base64.b64encode(shift + KEY.encode() + b"xx").decode(), json.dumps(KEY))
    text = f"{noise(draw, 3000)} {draw.choice(forms)} {noise(draw, 3000)}"
    cleaned = redactor.redact(text)
    assert KEY not in cleaned
    assert KEY.encode().hex() not in cleaned
    assert redactor.find_known(text) is not None


def spare_prose(draw: Random, _: Path) -> None:
    """Words, names and numbers are no secrets."""
    words = [*draw.choices(WORDS, k=draw.randint(1, 300)), *(str(draw.randint(0, 10**6)) for _ in range(50))]
    words += [f"{draw.choice(WORDS)}_{draw.choice(WORDS)}" for _ in range(50)]
    draw.shuffle(words)
    text = " ".join(words)
    assert Redactor().counted(text) == (text, 0)


def judge_names(draw: Random, _: Path) -> None:
    """Any name of a file gets an answer, and those of keys the right one."""
    assert secret_name(noise(draw, 255)) in (True, False)
    assert secret_name(f"{draw.choice(WORDS)}.{draw.choice(('pem', 'env', 'tfstate', 'ppk'))}")


def split_markdown(draw: Random, _: Path) -> None:
    """Blocks come in order and none is over another."""
    splitter = markdown_blocks.Splitter()
    splitter.set_text(noise(draw, LONGEST), is_whole=True)
    while not splitter.is_finished:
        splitter.take()
    ends = [(block.start, block.end) for block in splitter.blocks()]
    assert all(start <= end for start, end in ends)
    assert all(one[1] <= other[0] for one, other in pairwise(ends))


def grow_markdown(draw: Random, _: Path) -> None:
    """A text that comes in pieces is split as one that comes at once."""
    text = noise(draw, 4000)
    growing = markdown_blocks.Splitter()
    for end in sorted({*draw.sample(range(len(text) + 1), min(5, len(text))), len(text)}):
        growing.set_text(text[:end], is_whole=end == len(text))
        while not growing.is_finished:
            growing.take()
    whole = markdown_blocks.Splitter()
    whole.set_text(text, is_whole=True)
    while not whole.is_finished:
        whole.take()
    assert growing.blocks() == whole.blocks()


def read_marks(draw: Random, _: Path) -> None:
    """What is no mark stays as it is."""
    text = noise(draw, LONGEST)
    marks, rest = take_marks(text)
    assert marks or rest == text


def match_patterns(draw: Random, _: Path) -> None:
    """A stranger's patterns end, and say yes, no or nothing."""
    letters = ("*", "**", "/", "a", "b", "?", "[a", "]", "!", "\\", "[!a-", "#", " ")
    lines = ["".join(draw.choices(letters, k=draw.randint(1, 200))) for _ in range(draw.randint(1, 5))]
    path = "/".join("".join(draw.choices("ab", k=draw.randint(1, 60))) for _ in range(draw.randint(1, 30)))
    assert Patterns(lines).decide(path) in (True, False, None)


def bomb_patterns(draw: Random, _: Path) -> None:
    """Stars upon stars."""
    line = draw.choice(("*a", "?*", "**/a*", "*a*", "[ab]*", "a**")) * draw.randint(20, 600)
    Patterns([line, f"!{line}b"]).decide("a" * draw.randint(30, 250) + "b" + "/a" * draw.randint(0, 200))


def forge_frames(draw: Random, _: Path) -> None:
    """No file ends its own frame or begins another's."""
    inner = scan.frame("etc/passwd", "root")
    text = noise(draw, 2000) + draw.choice((inner, "</file>", inner.splitlines()[-1]))
    framed = scan.frame(noise(draw, 100), text)
    mark = framed.split()[1]
    assert framed.count(f"<file {mark} ") == 1
    assert framed.endswith(f"</file {mark}>")
    assert framed.count(f"</file {mark}>") == 1
    assert "\n" not in framed[: framed.index(">")]


def read_failures(draw: Random, _: Path) -> None:
    """Whatever a provider answers becomes one sentence without a key."""
    body = draw.choice(
        (noise(draw, 5000), {"error": {"message": noise(draw, 5000), "type": noise(draw, 50)}}, [1], None)
    )
    reason = failures.of_status("Provider", draw.choice((200, 301, 400, 401, 429, 500, 529)), body, {}).reason
    assert len(reason) < 1000
    assert "\n" not in reason


def wait_as_told(draw: Random, _: Path) -> None:
    """Whatever a provider says of waiting is a number of seconds, or nothing."""
    headers = {
        draw.choice(("retry-after", "retry-after-ms")): noise(draw, 200),
        "retry-after": str(draw.random() * 1e9),
    }
    seconds = failures.retry_after(headers, {"error": [{"retryDelay": noise(draw, 50)}]})
    assert seconds is None or seconds >= 0


def print_anything(draw: Random, _: Path) -> None:
    """Nothing that is printed is obeyed."""
    printed = harmless(noise(draw, 3000) + "".join(chr(draw.randrange(0x110000)) for _ in range(300)))
    assert all(letter.isprintable() or letter in "\n\t" for letter in printed)


def name_options(draw: Random, _: Path) -> None:
    """The command line is repeated only where a terminal does not obey it."""
    told = io.StringIO()
    given = draw.choice(("\x1b]0;PWN\x07", "\x1b[2J", "\x9b31m", noise(draw, 100)))
    arguments = draw.choice(([f"--x{given}"], ["--hook-port", given], ["--model", given], [f"-{given}", given]))
    with contextlib.redirect_stderr(told), contextlib.suppress(SystemExit):
        sloppy.parse_arguments(arguments)
    assert all(letter.isprintable() or letter in "\n\t" for letter in told.getvalue())


def export_discussions(draw: Random, _: Path) -> None:
    """An export is JSON and Markdown whatever was said, and holds no key."""
    row = draw.choice(SECRETS)
    turns = (Turn(1, 0, Message("user", (TextPart(f"{noise(draw, 2000)}\n{row.text}\n"),)), 0.0),)
    value, _places = Redactor().counted_value(as_value("name", turns, 1))
    text = json.dumps(value) + Redactor().redact(to_markdown("title", turns))
    assert json.loads(json.dumps(value))["schema"] == 1
    assert not [one for one in row.secrets if len(one) > 12 and one in text], row.name


def read_messages(draw: Random, _: Path) -> None:
    """A message of any JSON is a message, or refused."""
    value = random_json(draw, 4)
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        message_json.decode(value)


def random_json(draw: Random, depth: int) -> object:
    """A value as JSON may hold it."""
    if depth == 0 or draw.random() < 0.3:
        return draw.choice((None, True, -1, 1e300, "", "x", noise(draw, 30), 10**30))
    if draw.random() < 0.5:
        return [random_json(draw, depth - 1) for _ in range(draw.randint(0, 4))]
    names = ("e", "+", "id", "parent", "at", "message", "role", "parts", "kind", "text", "names", "end", "is", "schema")
    return {draw.choice(names): random_json(draw, depth - 1) for _ in range(draw.randint(0, 5))}


SHAPES = (
    redact_noise, redact_unicode, hide_published, hide_known, spare_prose, judge_names, split_markdown, grow_markdown,
    read_marks, match_patterns, bomb_patterns, forge_frames, read_failures, wait_as_told, print_anything, name_options,
    export_discussions, read_messages,
)  # fmt: skip
