"""Where secrets stand in a text: in a format of their own, behind a name that announces them, in addresses, in blocks.

Each function of `LOOKS` finds one of these, `find` all. Pure; linear (`src.privacy.sliced`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from src.privacy import formats, sliced, values
from src.value import Value

_WORD = r"[A-Za-z0-9][A-Za-z0-9_.+/=~!:@-]{15,8000}+"
_DASHES = "-----BEGIN "
_BEGIN = r"[A-Z0-9 ]{0,40}+(?<=PRIVATE KEY|E KEY BLOCK)-----"
_BODY = r"[A-Za-z0-9+/=]{16}"  # no key without: a program or a page may name the first line alone
_PUTTY = "PuTTY-User-Key-File-"
_FOLLOWS = (
    r"(?i)([a-z0-9_-]{0,40}+)[\\\"'\]`})]{0,4}+([ \t]{0,40}+)(=>|:=|={1,2}|:|,|\|\||%3a|is(?=[ \t]))[ \t]{0,20}+"
    r"([@brfu]{0,2}\\{0,3}[\"'`]{1,2}|)(?:(bearer|basic|token|api-token|apikey|ssws)[ \t]{1,4}+)?+"
)
# A value goes to the end of its word; without quotes it is looked at up to what may begin another, so that no place of
# a text is looked at for each name before it.
_QUOTED = r"[^\s\"'`\\,;<>(){}\[\]|]{6,4000}+"
_PLAIN = r"[^\s\"'`\\,;<>(){}\[\]|=:&%]{6,4000}+={0,2}"
_REST = r"[^\s\"'`\\,;<>(){}\[\]|&]{0,4000}+"
_SCHEME = r"(?i)(bearer|basic)[: \t]{1,4}([a-z0-9_.~+/=-]{8,4000}+)"
_QUERY = r"(?i)[?&](?:key|api_?key|access_token|token|secret|password|sig|signature|auth)=([^\s&#\"'<>]{8,2000}+)"
_CREDENTIALS = r"(?<=://)([^\s/?#\"'`<>\\(){}]{1,400}+)"
_USER = r"[ \t]-(?:u|-user)(?:=|[ \t]{0,5})[\"']?([^\s:\"'<>]{0,100}+):([\"']?)([^\s\"'<>]{3,200}+)"
_NETRC = r"login[ \t]{1,10}\S{1,200}+\s{1,40}+password[ \t]{1,10}(\S{3,200}+)"
_CALL = r"\w{12,20}+[ \t]{0,4}\((?:\s{0,40}+\"[^\"\n]{1,200}+\"\s{0,40}+,){1,2}+\s{0,40}+\"([^\"\n]{3,100}+)\""
KEY = "what looks like a key"
PASSWORD = "a password"  # noqa: S105  what it is called
VARIETY = 7  # different characters in a format at least: `ghp_xxxxxxxx` is none


class Suspect(Value):
    """A secret in a text, from *start* to *end*."""

    kind: str
    text: str
    start: int
    end: int


def find(text: str) -> tuple[Suspect, ...]:
    """All that looks like a secret in *text*, in order; of two that overlap the one that begins first."""
    found = sorted((one for look in LOOKS for one in look(text)), key=lambda one: (one.start, -one.end))
    kept: list[Suspect] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(kept)


def find_blocks(text: str) -> Iterator[Suspect]:
    """Private keys of several lines. One without an end goes to the next one, or to the end of the text."""
    begun, end = _next_begin(text, 0), 0
    while begun is not None:
        following = _next_begin(text, begun.end())
        limit = following.start() - len(_DASHES) if following is not None else len(text)
        if 0 <= end < begun.end():
            end = text.find("-----END ", begun.end())
        closed = text.find("-----", end + 9, min(end + 80, limit)) if end >= 0 else -1
        stop = closed + 5 if closed >= 0 else limit
        if sliced.compiled(_BODY).search(text, begun.end(), min(stop, begun.end() + 1000)):
            at = begun.start() - len(_DASHES)
            yield Suspect("a private key", text[at:stop], at, stop)
        begun = following
    if (at := text.find(_PUTTY)) >= 0 and text[at + len(_PUTTY) : at + len(_PUTTY) + 1].isdigit():
        yield Suspect("a private key", text[at:], at, len(text))


def _next_begin(text: str, start: int) -> re.Match[str] | None:
    """What follows the dashes in the next first line of a key, from *start* on."""
    at = text.find(_DASHES, start)
    while at >= 0:
        if begun := sliced.compiled(_BEGIN).match(text, at + len(_DASHES)):
            return begun
        at = text.find(_DASHES, at + len(_DASHES))
    return None


def find_formats(text: str) -> Iterator[Suspect]:
    """Words in a format that a service documents."""
    kinds, pattern = _formats()
    digit = sliced.compiled(r"\d")
    for word in sliced.find(_WORD, text):
        if digit.search(text, *word.span()) is None and not _has_no_digit(word[0]):
            continue
        for found in pattern.finditer(text, *word.span()):
            kind = kinds[(found.lastindex or 1) - 1]
            if len(set(found[0].lower())) >= VARIETY and (
                kind != formats.ANY_KEY or values.is_mixed(found[0], strictly=False)
            ):
                yield Suspect(kind, found[0], *found.span())


def find_announced(text: str) -> Iterator[Suspect]:
    """What is assigned to a name, or follows an HTTP header, that announces a secret."""
    follows = sliced.compiled(_FOLLOWS)
    for word in sliced.find(formats.ANNOUNCES, _lower(text)):
        found = follows.match(text, word.end())
        if found is None:
            continue
        taken = sliced.compiled(_QUOTED if found[4] else _PLAIN).match(text, found.end())
        if taken is not None and (kind := _announces(text, word, found, taken[0])):
            end = taken.end()
            if not found[4] and text[end : end + 1] not in ("", "&"):
                rest = sliced.compiled(_REST).match(text, end)
                end = end if rest is None else rest.end()
            yield Suspect(kind, text[taken.start() : end], taken.start(), end)


def _announces(text: str, word: re.Match[str], found: re.Match[str], value: str) -> str:
    """The kind of the secret *value*, when *word* announces it; *found* is between. Empty for no secret."""
    if _is_talk(text, word, found, value):
        return ""
    space, operator, quote, scheme = found.group(2, 3, 4, 5)
    in_header = bool(
        word[2] or scheme or (text[word.start() - 1 : word.start()] == "-" and word[0] in ("key", "token"))
    )
    is_name = not quote and values.is_name(value)
    if values.is_random(value) and not (is_name and ("." in value or values.is_worded(value))):
        return PASSWORD if word[1] else KEY
    if in_header and operator != "," and (values.is_basic(value) or values.is_mixed(value, strictly=is_name)):
        return KEY
    bare = not quote and not space and operator == "=" and (_is_shell(text, word) or ";" in text[found.end() :][:200])
    return PASSWORD if word[1] and values.is_password(value, quoted=bool(quote), bare=bare) else ""


def _is_talk(text: str, word: re.Match[str], found: re.Match[str], value: str) -> bool:
    """The name is of something else, or what follows it is no value."""
    tail, operator, quote = found.group(1, 3, 4)
    before, said = text[max(0, word.start() - 14) : word.start()].lower(), word[0]
    name = before.rstrip(" _-.")
    is_part = said in formats.WHOLE and (before[-1:].isalpha() or tail[:1].islower())
    is_key = name.endswith(formats.BEFORE_KEY) or before.endswith("-") or _is_shell(text, word)
    return (
        is_part
        or (said == "key" and not is_key)
        or name.endswith(formats.NOT_BEFORE)
        or any(one in tail.lower() for one in formats.NOT_TAILS)
        or (operator == "," and not quote)
        or (operator == "is" and not (quote and word[1]))
        or "://" in value
        or values.is_placeholder(value)
    )


def find_schemes(text: str) -> Iterator[Suspect]:
    """`Bearer ...` and `Basic ...` anywhere, when what follows was drawn by a machine."""
    for word in sliced.find("bearer|basic", _lower(text)):
        found = sliced.compiled(_SCHEME).match(text, word.start())
        if found is None or text[max(0, word.start() - 1) : word.start()].isalnum():
            continue
        value = found[2]
        if values.is_random(value) or (found[1].lower() == "basic" and values.is_basic(value)):
            yield Suspect(KEY, value, *found.span(2))


def find_addresses(text: str) -> Iterator[Suspect]:
    """Passwords and keys inside addresses."""
    for found in sliced.find(_QUERY, text):
        if not values.is_placeholder(found[1]) and values.is_mixed(found[1], strictly=values.is_name(found[1])):
            yield Suspect(KEY, found[1], *found.span(1))
    for found in sliced.find(_CREDENTIALS, text):
        login, at, _host = found[1].rpartition("@")
        user, colon, password = login.partition(":")
        secret = password if colon else user
        if at and secret and _is_own(user, secret, bool(colon)):
            start = found.start(1) + (len(user) + 1 if colon else 0)
            yield Suspect(PASSWORD, secret, start, start + len(secret))


def find_commands(text: str) -> Iterator[Suspect]:
    """Passwords among the arguments of commands, in `.netrc`, in calls and in sentences."""
    for found in sliced.find(_USER, text):
        if _is_own(found[1], found[3], True):
            yield Suspect(PASSWORD, found[3], *found.span(3))
    for found in sliced.find(_NETRC, text):
        if values.is_password(found[1], quoted=True, bare=True) or values.is_random(found[1]):
            yield Suspect(PASSWORD, found[1], *found.span(1))
    call = sliced.compiled(_CALL)
    for word in sliced.find("networkcredential|directoryentry", _lower(text)):
        given = call.match(text, word.start())
        if given is not None and values.is_password(given[1], quoted=True, bare=True):
            yield Suspect(PASSWORD, given[1], *given.span(1))


LOOKS = (find_blocks, find_formats, find_announced, find_schemes, find_addresses, find_commands)


@cache
def _formats() -> tuple[tuple[str, ...], re.Pattern[str]]:
    kinds = tuple(kind for kind, _ in formats.FORMATS)
    return kinds, re.compile(
        rf"(?<![A-Za-z0-9])(?:{'|'.join(f'({one})' for _, one in formats.FORMATS)})(?![A-Za-z0-9])"
    )


def _has_no_digit(word: str) -> bool:
    """*word* may be in one of the few formats that chance leaves without a digit."""
    return word.startswith("hf_") or word == word.upper()


def _lower(text: str) -> str:
    """*text* in small letters, each where it stood: some grow when they become small."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one.lower() if one.isascii() else one for one in text)


def _is_shell(text: str, word: re.Match[str]) -> bool:
    """The name that *word* is in is in capitals, as in a shell or a file of variables."""
    start, end = word.span()
    while start > 0 and word.start() - start < 40 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    name = text[start:end]
    return name == name.upper() and name[:1].isalpha()


def _is_own(user: str, password: str, named: bool) -> bool:
    """*password* is nobody's example: not the user's own name, no placeholder, and without a name a machine's."""
    if not named:
        return values.is_random(password)
    return (
        len(password) >= 3
        and password != user
        and not values.is_placeholder(password)
        and password.lower()
        not in (
            "pass",
            "pwd",
            "user",
            "postgres",
            "root",
            "admin",
            "guest",
            "test",
            "key",
            "123",
            "1234",
            "12345",
            "pw",
        )
    )
