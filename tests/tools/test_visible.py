"""What somebody sees of a text before it is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from src.tools.visible import SPACE, visible, visible_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git log -n 1", "git log -n 1"),
        ("a  b", f"a{SPACE}{SPACE}b"),
        (" a ", f"{SPACE}a{SPACE}"),
        ("ls" + " " * 57 + "; rm", f"ls{SPACE * 3}\\[57 spaces]{SPACE * 3}; rm"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[2K", "\\u001b[2K"),
        ("x\u202ey\u200bz\u00a0", "x\\u202ey\\u200bz\\u00a0"),
        ("C:\\new", "C:\\\\new"),
        (SPACE, "\\u00b7"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud83d", "\\ud83d"),
        ("", ""),
    ],
)
def test_nothing_in_an_argument_can_be_overlooked(text, shown):
    assert visible(text) == shown


LETTERS = " \\\n\u202eu20[]13spaces" + SPACE


@given(st.text(alphabet=LETTERS, max_size=30), st.text(alphabet=LETTERS, max_size=30))
def test_no_two_texts_look_alike(one, other):
    assert (visible(one) == visible(other)) == (one == other)


def test_what_is_shown_has_no_line_break_and_nothing_that_does_not_print():
    assert visible("".join(map(chr, range(0x300)))).isprintable()


def test_a_line_of_a_file_keeps_its_indentation_and_shows_what_prints_nothing():
    assert visible_line("    if a:  # \\d \u202e\t x") == "    if a:  # \\d \\u202e     x"
