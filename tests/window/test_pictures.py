"""Pictures and formulas in turns."""

import io

import pytest
from PIL import Image
from src import markdown_helper
from src.chat import ImagePart, Message, TextPart
from src.window import pictures
from src.window.picture_size import size_of
from tests.panels.test_discussion import add


def picture(kind, size=(7, 5)):
    made = io.BytesIO()
    Image.new("RGB", size, "red").save(made, kind)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_the_size_of_a_picture_is_read_from_its_head(kind):
    assert size_of(picture(kind)) == (7, 5)


@pytest.mark.parametrize(
    "data", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF....WEBPVP8X", b"\xff\xd8" * 9]
)
def test_what_is_no_picture_or_is_cut_has_no_size(data):
    assert size_of(data) == (0, 0)


def test_a_picture_that_claims_to_be_huge_is_not_decoded(monkeypatch):
    huge = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (100_000).to_bytes(4, "big") * 2 + b"\0" * 20
    monkeypatch.setattr(pictures.hello_imgui, "image_and_size_from_encoded_data", lambda *_data: pytest.fail("decoded"))
    assert (size_of(huge), pictures._decode(huge, "x")) == ((100_000, 100_000), None)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"so \(x^2\) and \( y \)", "so $x^2$ and $y$"),
        ("\\[\nx = 1\n\\]", "$$x = 1$$"),
        (r"an open \(x", r"an open \(x"),
        ("no formula", "no formula"),
    ],
)
def test_formulas_in_brackets_are_set_in_dollars(written, shown):
    assert markdown_helper.as_dollars(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("it costs $5 or $10.50, really", r"it costs \$5 or \$10.50, really"),
        ("$2x+1$ and $x$", "$2x+1$ and $x$"),
        ("$1 + 2$", "$1 + 2$"),
        ("`$5`", "`$5`"),
    ],
)
def test_money_is_no_formula(written, shown):
    document = markdown_helper.Document("x")
    document._splitter.set_text(written, is_whole=True)
    document._splitter.take()
    (block,) = document._splitter.blocks()
    assert document._prose(block).strip() == shown


def test_a_picture_of_a_turn_is_drawn(drive, monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, "draw", lambda data: drawn.append(data) or True)
    data = picture("PNG")

    def steps(context, gui):
        add(gui.controller, Message("user", (ImagePart("image/png", data, "red.png"), TextPart("what is it?"))))
        context.yield_(4)
        assert drawn
        assert drawn[-1] is data

    drive(steps)
