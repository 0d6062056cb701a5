import pytest
from src import markdown_helper, markdown_table
from src.commands import Command, match


def test_a_table_is_split_from_its_text():
    assert markdown_helper.split("before\n| a | b |\n|---|---|\n| 1 | 2 |\nafter") == (
        "before",
        (("a", "b"), ("1", "2")),
        "after",
    )


def test_pipes_in_fenced_code_are_no_table():
    text = "```\n| a | b |\n|---|---|\n```"
    assert markdown_helper.split(text) == (text,)


def test_short_rows_are_padded_and_long_ones_cut():
    assert markdown_table.parse(["|a|b|", "|-|-|", "|1|", "|1|2|3|"]) == [["a", "b"], ["1", ""], ["1", "2"]]


@pytest.mark.parametrize("lines", [[], ["| a |"], ["| a |", "| b |"], ["a", "---"]])
def test_other_lines_are_no_table(lines):
    assert markdown_table.parse(lines) is None


def test_commands_match_letters_in_order_and_the_closest_come_first():
    commands = tuple(Command(title, list) for title in ("Stop the reply", "Use Echo", "New conversation"))
    assert [one.title for one in match(commands, "ne")] == ["New conversation"]
    assert [one.title for one in match(commands, "e")] == ["Stop the reply", "Use Echo", "New conversation"]
    assert match(commands, "zzz") == ()
