"""Whether a word in a secret's place is a secret: made by chance or a password, no name, no placeholder."""

from __future__ import annotations

import binascii
import math
from collections import Counter
from itertools import pairwise

from src.privacy import formats, sliced

_UUID = r"[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}"
_HEX = r"(?:[a-f0-9]{16,512}+|[A-F0-9]{16,512}+)=?"
_NAME = r"[A-Za-z_$][A-Za-z0-9_]{0,200}+(?:[.:]{1,2}[A-Za-z_$][A-Za-z0-9_]{0,200}+){0,20}+[.:]?"
_WORDS = r"[A-Za-z]{3,200}+"
_VARIETY = 5  # different characters at least: `xxxx-xxxx` is none
_MIN_BITS = 3.0  # of entropy a character, on the way to 4 and more with the length
_MIN_HEX = 2.7  # of the 4 that hexadecimal can have
_HARD = "bcdfghjklmnpqrstvwxz"


def entropy(word: str) -> float:
    """Bits per character of *word*, by how often each character occurs in it."""
    total = len(word)
    return -sum(count / total * math.log2(count / total) for count in Counter(word).values()) if total else 0.0


def is_placeholder(word: str) -> bool:
    """*word* stands for a secret: `your-key-here`, `$TOKEN`, `%s`, `****`."""
    lowered = word.lower()
    if len(set(lowered)) < _VARIETY or lowered[0] in "$<%{[" or "${" in word or "#{" in word or "{{" in word:
        return True
    return lowered.strip("'\"`._-") in formats.PLACEHOLDERS or any(
        one in lowered for one in formats.PLACEHOLDERS if len(one) > 6 or not one.isalpha()
    )


def is_random(word: str) -> bool:
    """*word* was drawn by a machine: digits and letters without an order that words or names have."""
    if len(word) < 16 or is_placeholder(word):
        return False
    letters, digits = sum(map(str.isalpha, word)), sum(map(str.isdigit, word))
    if not letters or not digits or (word.count("_") > 1 and word == word.lower()):
        return False
    if sliced.compiled(_UUID).fullmatch(word) or sliced.compiled(_HEX).fullmatch(word.replace("-", "")):
        return entropy(word) >= _MIN_HEX and "12345678" not in word
    if entropy(word) < min(_MIN_BITS + len(word) / 48, 4.0):
        return False
    spoken = sum(len(one) for one in sliced.compiled(_WORDS).findall(word) if is_spoken(one))
    return spoken * 3 < letters * 2 and _changes(word) * 6 >= len(word)


def is_spoken(letters: str) -> bool:
    """*letters* could be said aloud: vowels in between, no case that changes in the middle of a syllable."""
    small = letters.lower()
    vowels = sum(letter in "aeiouy" for letter in small)
    if not len(small) <= vowels * 4 <= len(small) * 3:
        return False
    if any(all(one in _HARD for one in small[at : at + 5]) for at in range(len(small) - 4)):
        return False
    return letters in (small, small.upper()) or sum(map(str.isupper, letters)) * 3 <= len(letters)


def is_password(word: str, *, quoted: bool, bare: bool) -> bool:
    """*word* is a password where one may stand. *quoted*; *bare*: as in a shell, where words need no quotes."""
    if is_placeholder(word) or len(word) < 7:
        return False
    letters, digits = any(map(str.isalpha, word)), any(map(str.isdigit, word))
    if not quoted and not bare and sliced.compiled(_NAME).fullmatch(word):
        return "." not in word and (is_random(word) or (len(word) >= 12 and digits and _changes(word) * 4 >= len(word)))
    if "/" in word or word.startswith(("http", "--", ".")) or word.endswith((".", ":")):
        return is_random(word)
    marks = sum(mark in "!@#$%^&*?~`+" for mark in word)
    if letters and marks and not digits:
        return quoted or bare
    return letters and digits and (marks > 0 or not word.lower().startswith(("pass", "pwd", "test", "user")))


def is_basic(word: str) -> bool:
    """*word* is a name and a password in base64, as HTTP has them."""
    try:
        plain = binascii.a2b_base64(word + "=" * (-len(word) % 4))
    except ValueError:
        return False
    return b":" in plain and plain.isascii() and all(letter >= 32 for letter in plain)


def is_mixed(word: str, *, strictly: bool) -> bool:
    """*word* has letters and digits; *strictly*: both capitals and small letters, as no name of a program's."""
    capitals, small = any(map(str.isupper, word)), any(map(str.islower, word))
    return len(word) >= 8 and any(map(str.isdigit, word)) and (capitals and small if strictly else capitals or small)


def is_worded(name: str) -> bool:
    """*name* is made of words with numbers behind them, at fewer than three places: `X25519PublicKey`."""
    return len(sliced.compiled(r"[0-9]{1,200}+").findall(name)) < 3


def _changes(word: str) -> int:
    """How often the kind of character changes: small letter, capital, digit, other."""
    kinds = [(one.islower(), one.isupper(), one.isdigit()) for one in word]
    return sum(one != other for one, other in pairwise(kinds))


def is_name(word: str) -> bool:
    """*word* is a name of a program's, such as `settings.token`."""
    return sliced.compiled(_NAME).fullmatch(word) is not None
