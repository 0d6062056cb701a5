"""Markdown: text to blocks, blocks drawn, tables sorted and copied; hostile and endless text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imgui_bundle import imgui
from src import markdown_helper, markdown_table
from src.window import markdown_blocks, markdown_code
from src.window.markdown_blocks import MAX_PROSE, Splitter, split
from tests.window_driver import clipboard

TABLE = "| name | n |\n|:--|--:|\n| b | 10 |\n| `a` | 9 |\n| c | |"


def kinds(text):
    return [kind for kind, _ in split(text)]


def test_prose_code_and_tables_are_told_apart():
    text = "before\n\n```python\nx = 1 | 2\n```\n| a | b |\n|---|---|\n| 1 | 2 |\n\nafter"
    assert split(text) == (
        ("prose", "before"),
        ("code", "x = 1 | 2"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("prose", "after"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\nb", ["prose", "prose"]),
        ("- a\n\n  more of a\n\n- b", ["prose"]),
        ("- a\n  ```\n  x\n\n  y\n  ```\n- b", ["prose"]),
        ("1. a\n\n2. b\n\nafter", ["prose", "prose"]),
        ("<details>\n\ninside\n\n</details>\n\nafter", ["prose", "prose"]),
        ("```\n| a | b |\n|---|---|\n```", ["code"]),
        ("````\n```\n````\nx", ["code", "prose"]),
        ("~~~ js\nx\n```\n~~~", ["code"]),
        ("| a | b |\n| c | d |", ["prose"]),
        ("| a | b |\n|---|", ["prose"]),
        ("head\n---", ["prose"]),
        ("```", ["code"]),
        ("", []),
        ("\n\n \n", []),
    ],
)
def test_blocks_end_where_they_should(text, expected):
    assert kinds(text) == expected


def test_only_the_last_block_may_grow():
    splitter = Splitter()
    splitter.set_text("a\n\nb\n\n```py\nx")
    splitter.take()
    assert [block.is_open for block in splitter.blocks()] == [False, False, True]
    first = splitter.blocks()[0]
    splitter.set_text("a\n\nb\n\n```py\nx\n```\n\nc")
    splitter.take()
    assert splitter.blocks()[0] is first
    assert splitter.generation == 0


def test_another_text_starts_afresh():
    splitter = Splitter()
    splitter.set_text("one\n\ntwo\n\nthree")
    splitter.take()
    splitter.set_text("other\n\ntext", is_whole=True)
    splitter.take()
    assert (splitter.generation, [splitter.text[b.start : b.end] for b in splitter.blocks()]) == (
        1,
        ["other\n\n", "text\n"],
    )


PIECES = st.sampled_from(
    ["a b", "- x", "  y", "```", "```py", "~~~", "| a | b |", "|---|---|", "", "# h", "> q", "    z"]
)


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=25), st.randoms())
def test_a_text_that_grows_has_the_blocks_of_the_whole(lines, random):
    text = "\n".join(lines)
    splitter = Splitter()
    position = 0
    while position < len(text):
        position = min(len(text), position + random.randint(1, 9))
        splitter.set_text(text[:position])
        splitter.take()
    splitter.set_text(text, is_whole=True)
    splitter.take()
    grown = [(block.kind, text[block.body or block.start : block.end].strip("\n")) for block in splitter.blocks()]
    assert grown == [(kind, body) for kind, body in split(text)]


@settings(max_examples=100)
@given(st.text(alphabet="ab `|-\n*[#>", max_size=400))
def test_no_letter_of_the_text_is_lost(text):
    splitter = Splitter()
    splitter.set_text(text, is_whole=True)
    splitter.take()
    kept = "".join(splitter.text[block.start : block.end] for block in splitter.blocks())
    assert [letter for letter in kept if letter in "ab"] == [letter for letter in text if letter in "ab"]


def test_no_block_of_prose_is_endless():
    text = "word " * 100_000 + "\n" + "x" * 50_000
    assert max(len(body) for _, body in split(text)) <= MAX_PROSE


def test_one_call_does_a_bounded_part_of_a_huge_text():
    splitter = Splitter()
    splitter.set_text("line\n\n" * 20_000)
    splitter.take()
    assert not splitter.is_finished
    assert len(splitter.blocks()) <= markdown_blocks.LINES_PER_TAKE


# Tables


def test_a_table_has_its_cells_and_alignments():
    table = markdown_table.parse("|a|b|c|\n|-|:-:|-:|\n|1|\n|1|2|x\\|y|4|")
    assert table.header == ("a", "b", "c")
    assert table.rows == (("1", "", ""), ("1", "2", "x|y"))
    assert table.alignments == ("left", "center", "right")


@pytest.mark.parametrize("text", ["", "| a |", "| a |\n| b |", "a\n---"])
def test_other_lines_are_no_table(text):
    assert markdown_table.parse(text) is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["10", "9", "-1.5"], ["-1.5", "9", "10"]),
        (["$1,000", "$20", ""], ["", "$20", "$1,000"]),
        (["b", "A", "10"], ["10", "A", "b"]),
        (["`z`", "**a**"], ["**a**", "`z`"]),
        (["12 ms", "3 ms"], ["3 ms", "12 ms"]),
    ],
)
def test_numbers_are_sorted_as_numbers(cells, expected):
    keys = markdown_table.sort_key(cells)
    assert [cells[number] for number in sorted(range(len(cells)), key=keys.__getitem__)] == expected


# Drawn


class Drawn:
    """A panel that shows one text."""

    def __init__(self, text, **options):
        self.text, self.options = text, options
        self.document = markdown_helper.Document("test")
        self.height = 0.0

    def draw(self, controller):
        before = imgui.get_cursor_pos_y()
        self.document.draw(self.text, **self.options)
        self.height = imgui.get_cursor_pos_y() - before


@pytest.fixture
def show(drive):
    """`show(text, steps)`: the text in place of the discussion; the panel."""

    def run(text, steps=lambda context, gui: context.yield_(3), **options):
        panel = Drawn(text, **options)

        def with_panel(context, gui):
            gui.made["Discussion"] = panel
            context.yield_(2)
            steps(context, gui)

        drive(with_panel)
        return panel

    return run


def test_code_is_copied_as_it_is(show):
    code = "def f():\n    return '|'\n"

    def steps(context, gui):
        context.item_click("//Discussion/**/Copy")
        assert clipboard() == code.removesuffix("\n")

    show(f"text\n\n```python\n{code}```", steps)


def test_a_table_is_sorted_on_click_and_copied_in_that_order(show):
    def steps(context, gui):
        context.item_click("//Discussion/**/n")
        context.yield_(2)
        context.item_click("//Discussion/**/Copy as TSV")
        assert clipboard() == "name\tn\nc\t\na\t9\nb\t10"

    show(TABLE, steps)


def test_a_third_click_restores_the_order_of_the_text(show):
    def steps(context, gui):
        for _ in range(3):
            context.item_click("//Discussion/**/name")
            context.yield_(2)
        context.item_click("//Discussion/**/Copy as TSV")
        assert clipboard() == "name\tn\nb\t10\na\t9\nc\t"

    show(TABLE, steps)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.com/a?b=c", True),
        ("http://example.com", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("https://example.com/\x1b[0m", False),
        ("https://" + "a" * 5000, False),
    ],
)
def test_only_web_addresses_are_links(url, asked):
    assert markdown_helper.is_web_address(url) == asked


HOSTILE = {
    "quotes": ">" * 5_000 + " deep",
    "stars": "*" * 50_000,
    "brackets": "[" * 50_000,
    "ticks": " ".join("`" * number for number in range(1, 300)),
    "nested list": "\n".join("  " * number + "- x" for number in range(300)),
    "open code": "```python\n" + "x = 1\n" * 50_000,
    "one line": "word " * 200_000,
    "wide table": "|" + "a|" * 500 + "\n|" + "-|" * 500 + "\n|" + "b|" * 500,
    "long table": "| a | b |\n|---|---|\n" + "| 1 | `2` |\n" * 20_000,
    "big cell": "| a | b |\n|---|---|\n| " + "x " * 100_000 + " | y |",
    "html": "<div><b><script>alert(1)</script><img src='http://127.0.0.1:9/x'>" * 500,
    "files": "![[/etc/passwd]] ![x](/etc/passwd) ![y](http://127.0.0.1:9/y.png) [z][z]\n\n[z]: file:///etc/passwd",
    "zeros": "a\x00b\x1b[31m\u202e\ud7ff" * 1000,
    "mermaid": "```mermaid\ngraph TD\n" + "\n".join(f"A{n} --> A{n * 7 % 900}" for n in range(900)) + "\n```",
    "formula": "$" + "\\frac{1}{" * 500 + "$",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_drawn(show, name):
    assert show(HOSTILE[name]).height > 0


def test_no_file_is_read_and_nothing_fetched_for_an_image(show, monkeypatch):
    asked = []
    monkeypatch.setattr(markdown_helper, "_on_image", asked.append)
    show(HOSTILE["files"])
    assert asked == []


def test_code_that_grows_keeps_one_editor(show):
    panel = Drawn("")

    def steps(context, gui):
        for number in range(40):
            gui.made["Discussion"].text = "```python\n" + "\n".join(f"x{line} = {line}" for line in range(number * 5))
            context.yield_()
        assert len(markdown_code._codes) == 1

    show("```python\n", steps, is_growing=True)
    assert panel.height == 0.0


def test_only_so_many_editors_are_kept(show):
    text = "\n\n".join(f"```\n{number}\n```" for number in range(300))

    def steps(context, gui):
        for _ in range(12):
            context.mouse_move("//Discussion")
            context.mouse_wheel_y(-40)
            context.yield_(2)
        assert 0 < len(markdown_code._codes) <= markdown_code.MAX_EDITORS

    show(text, steps)


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("#### Four", "#### **Four**"),
        ("text\n  ###### Six  \nmore", "text\n###### **Six**\nmore"),
        ("### Three", "### Three"),
        ("#### *Own* words", "#### *Own* words"),
        ("####Four", "####Four"),
        ("####### Seven", "####### Seven"),
        ("####", "####"),
    ],
)
def test_small_headings_are_bold(written, drawn):
    assert markdown_helper.as_bold(written) == drawn
