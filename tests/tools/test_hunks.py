"""The changes of one edit: taken one by one, and what the model is told of the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from src.tools.hunks import apply, hunks_of, refused_text

BEFORE = "".join(f"line {number}\n" for number in range(30))
AFTER = BEFORE.replace("line 3\n", "LINE 3\n").replace("line 15\n", "").replace("line 28\n", "line 28\nnew\n")


def test_changes_far_apart_are_hunks_of_their_own():
    assert [hunk.title for hunk in hunks_of(BEFORE, AFTER)] == [
        "Line 4: 1 out, 1 in",
        "Line 16: 1 out, 0 in",
        "Line 30: 0 out, 1 in",
    ]


@pytest.mark.parametrize(
    ("taken", "has", "lacks"),
    [({0}, "LINE 3", "new"), ({2}, "new", "LINE 3"), ({0, 1, 2}, "LINE 3", "line 15"), (set(), "line 15", "new")],
)
def test_only_what_is_taken_is_made(taken, has, lacks):
    made = apply(BEFORE, hunks_of(BEFORE, AFTER), frozenset(taken))
    assert (has in made, lacks in made) == (True, False)


def test_changes_side_by_side_are_one_hunk():
    assert len(hunks_of("a\nb\nc\nd\n", "A\nb\nC\nd\n")) == 1


def test_a_new_file_is_one_hunk():
    (hunk,) = hunks_of(None, "a\nb\n")
    assert (hunk.title, apply(None, (hunk,), frozenset({0}))) == ("Line 1: 0 out, 2 in", "a\nb\n")


def test_the_model_is_told_which_lines_were_refused():
    said = refused_text(hunks_of(BEFORE, AFTER), frozenset({0, 2}))
    assert said.startswith("The user took 2 of 3 changes.")
    assert "Line 16: 1 out, 0 in\n-line 15\n" in said
    assert "LINE 3" not in said


def test_a_long_refusal_is_cut():
    assert len(refused_text(hunks_of("", "x" * 100_000), frozenset())) < 5_000


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


@given(LINES, LINES)
def test_all_hunks_make_the_new_text_and_none_the_old_one(before, after):
    hunks = hunks_of(before, after)
    assert apply(before, hunks, frozenset(range(len(hunks)))) == after
    assert apply(before, hunks, frozenset()) == before
