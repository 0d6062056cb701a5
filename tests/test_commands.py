"""The registry of commands, the spelling of shortcuts, and what typed letters mean."""

import pytest
from src.commands import Command, Commands, match, normalise_keys, score


def command(name, title="", category="View", **fields):
    return Command(name, title or name, category, fields.pop("run", list), **fields)


def titles(found):
    return [one.title for one in found]


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("shift+ctrl+p", "Ctrl+Shift+P"),
        ("Ctrl + Enter", "Ctrl+Enter"),
        ("esc", "Escape"),
        ("cmd+,", "Super+,"),
        ("F11", "F11"),
        ("control+option+pgdn", "Ctrl+Alt+PageDown"),
        ("  ", ""),
    ],
)
def test_shortcuts_are_spelled_one_way(written, spelled):
    assert normalise_keys(written) == spelled


@pytest.mark.parametrize(
    ("written", "named"),
    [("ctrl+foo", "'foo'"), ("ctrl+shift", "one key"), ("ctrl+a+b", "one key"), ("q", "types"), ("shift+7", "types")],
)
def test_what_is_no_shortcut_is_refused_by_name(written, named):
    with pytest.raises(ValueError, match=named):
        normalise_keys(written)


def test_letters_are_found_in_order_and_starts_of_words_come_first():
    commands = [
        command("a", "Stop the reply", "Message"),
        command("b", "Use Echo", "Provider"),
        command("c", "New discussion"),
    ]
    assert titles(match(commands, "nd")) == ["New discussion"]
    assert titles(match(commands, "ue")) == ["Use Echo"]
    assert titles(match(commands, "zzz")) == []
    assert titles(match(commands, "")) == ["Stop the reply", "Use Echo", "New discussion"]


def test_letters_in_a_row_beat_scattered_ones_and_the_title_beats_the_category():
    commands = [command("a", "Set other places"), command("b", "Stop")]
    assert titles(match(commands, "stop")) == ["Stop", "Set other places"]
    commands = [command("a", "Larger text", "Theme"), command("b", "Theme of the night", "View")]
    assert titles(match(commands, "theme")) == ["Theme of the night", "Larger text"]


def test_the_category_is_searched_too():
    assert titles(match([command("a", "Dark", "Theme"), command("b", "Quit")], "theme dark")) == ["Dark"]


def test_what_ran_last_comes_first_among_equals():
    commands = Commands((command("a", "Open"), command("b", "Open"), command("c", "Open")))
    commands.run("c")
    commands.run("b")
    assert [one.id for one in commands.match("open")] == ["b", "c", "a"]
    assert [one.id for one in commands.match("")] == ["b", "c", "a"]


@pytest.mark.parametrize(("typed", "text"), [("", "x"), ("x", "x"), ("a b", "a-b"), ("é", "Élan")])
def test_a_score_is_never_none_for_what_is_there(typed, text):
    assert score(typed, text) is not None


def test_a_refused_command_does_not_run_and_tells_why():
    told, ran = [], []
    refused = command("a", "Stop", run=lambda: ran.append(1), refusal=lambda: "nothing runs")
    commands = Commands((refused,), on_refused=told.append)
    assert commands.run("a") == "nothing runs"
    assert (ran, told, commands.recent()) == ([], ["Stop: nothing runs"], ())


def test_an_unknown_command_is_no_silent_success():
    with pytest.raises(KeyError):
        Commands(()).run("nope")


def test_the_users_keys_replace_the_commands_own():
    mapped = {"a": "Ctrl+K", "b": ""}
    commands = Commands((command("a", keys="Ctrl+A"), command("b", keys="Ctrl+B")), mapped=lambda: mapped)
    assert [commands.keys_of(one) for one in commands.all()] == ["Ctrl+K", ""]
    assert set(commands.bound()) == {"Ctrl+K"}


def test_two_commands_on_the_same_keys_are_a_conflict():
    mapped = {"b": "Ctrl+A"}
    first, second, third = command("a", keys="Ctrl+A"), command("b", keys="Ctrl+B"), command("c", keys="Ctrl+C")
    commands = Commands((first, second, third), mapped=lambda: mapped)
    assert commands.conflicts(first) == (second,)
    assert commands.conflicts(second) == (first,)
    assert commands.conflicts(third) == ()


def test_a_new_mapping_takes_effect():
    mapped = [{}]
    commands = Commands((command("a", keys="Ctrl+A"),), mapped=lambda: mapped[0])
    assert set(commands.bound()) == {"Ctrl+A"}
    mapped[0] = {"a": "F5"}
    assert set(commands.bound()) == {"F5"}


def test_varying_commands_are_asked_for_each_time():
    names = ["x"]
    commands = Commands((command("a"),), lambda: tuple(command(name) for name in names))
    names.append("y")
    assert [one.id for one in commands.all()] == ["a", "x", "y"]


def test_a_text_in_one_piece_goes_before_its_letters_here_and_there():
    apart, whole = Command("a", "Compare the chosen model", "Model", print), Command("b", "Dark", "View/Theme", print)
    assert match((apart, whole), "theme") == (whole, apart)
