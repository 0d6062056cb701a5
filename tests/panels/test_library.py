"""The list of discussions: all of them found by their words, renamed, pinned, deleted and brought back."""

import pytest
from src.chat import Message
from src.discussion import index
from tests.conftest import wait_until, written
from tests.panels.test_discussion import add


def make(context, gui, *texts):
    """A discussion for each text, the last one open; their names."""
    names = []
    for number, text in enumerate(texts):
        if number:
            gui.controller.discussion.new().result(10)
        add(gui.controller, Message.of("user", text))
        written(gui.controller)
        names.append(gui.controller.discussion.snapshot().name)
    gui.controller.discussion.refresh().result(10)
    gui.commands.run("discussion.library")
    context.yield_(5)
    return names


def listed(gui):
    return [one.title for one in gui.controller.discussion.snapshot().known]


def test_words_are_found_in_all_discussions_and_a_hit_opens_its_turn(drive, tmp_path):
    def steps(context, gui):
        controller = gui.controller
        names = make(context, gui, "the old lighthouse keeper", "你好世界 and more", "nothing of it")
        context.item_click("//Discussions/###search all")
        context.key_chars("LIGHTHOUSE")
        wait_until(controller, lambda: controller.library.snapshot().searched == "LIGHTHOUSE")
        (found,) = controller.library.snapshot().found
        assert (found.name, found.excerpt) == (names[0], "the old lighthouse keeper")
        context.yield_(3)
        context.item_click("//Discussions/###found0")
        wait_until(controller, lambda: controller.discussion.snapshot().name == names[0])
        controller.library.search("好世")
        wait_until(controller, lambda: controller.library.snapshot().searched == "好世")
        assert [one.name for one in controller.library.snapshot().found] == [names[1]]
        assert (tmp_path / "cache" / index.FILE).stat().st_mode & 0o777 == 0o600

    drive(steps)


def test_a_discussion_is_renamed_and_pinned(drive):
    def steps(context, gui):
        controller = gui.controller
        names = make(context, gui, "first", "second")
        assert listed(gui) == ["second", "first"]
        controller.library.rename(names[0], "Plans  for May")
        wait_until(controller, lambda: listed(gui) == ["second", "Plans for May"])
        context.item_click(f"//Discussions/**/{names[0]}/###pin")
        wait_until(controller, lambda: listed(gui) == ["Plans for May", "second"])
        controller.discussion.open(names[0]).result(10)
        assert controller.discussion.snapshot().title == "Plans for May"
        controller.library.rename(names[0], "")
        wait_until(controller, lambda: controller.discussion.snapshot().title == "first")

    drive(steps)


def test_a_deleted_discussion_comes_back(drive):
    def steps(context, gui):
        controller = gui.controller
        make(context, gui, "first", "second")
        gui.commands.run("discussion.delete")
        wait_until(controller, lambda: listed(gui) == ["first"])
        assert controller.discussion.snapshot().turns == ()
        gui.commands.run("discussion.restore")
        wait_until(controller, lambda: sorted(listed(gui)) == ["first", "second"])
        assert controller.library.snapshot().deleted == ()

    drive(steps)


@pytest.fixture
def folder(make_controller, tmp_path):
    controller = make_controller()
    assert controller.wait_until_set_up(10)
    add(controller, Message.of("user", "a needle in the hay"), Message.of("user", "50% _off_"))
    written(controller)
    return controller.discussion.folder


def excerpts(path, folder, text):
    return [one.excerpt for one in index.search(str(path), folder, text)]


@pytest.mark.parametrize("damage", [b"", b"not a database" * 100, None])
def test_an_index_that_is_damaged_or_gone_is_built_again(folder, tmp_path, damage):
    path = tmp_path / "index" / index.FILE
    assert excerpts(path, folder, "needle") == ["a needle in the hay"]
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    assert excerpts(path, folder, "needle") == ["a needle in the hay"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ne", 1), ("%", 1), ("_", 1), ('"', 0), ("", 0), ("  ", 0), ("NEEDLE  in", 1), ('x" OR "a', 0), ("hay*", 0)],
)
def test_any_text_may_be_searched(folder, tmp_path, text, expected):
    assert len(excerpts(tmp_path / index.FILE, folder, text)) == expected


def test_pruning_is_asked_about_and_says_when_there_is_nothing(drive):
    def steps(context, gui):
        gui.commands.run("discussion.pack")
        wait_until(gui.controller, lambda: [one for one in gui.controller.toasts.snapshot() if "90 days" in one.text])

    drive(steps)


def test_a_discussion_is_listed_with_its_first_message(drive):
    def steps(context, gui):
        gui.commands.run("discussion.library")
        context.yield_(5)
        wait_until(gui.controller, lambda: gui.controller.discussion.folder)
        for text in ("the first of all", "and another one"):
            gui.controller.discussion.new().result(10)
            add(gui.controller, Message.of("user", text))
            wait_until(gui.controller, lambda text=text: text in listed(gui))
        context.yield_(3)
        gui.read_next_frame()
        context.yield_(2)
        assert any("the first of all" in line for line in gui.screen().lines)

    drive(steps)
