"""The table of providers: what a row allows, and that the rows fit together."""

from types import SimpleNamespace

import pytest
from src.chat import ImagePart
from src.models.providers import BY_NAME, PROVIDERS, Provider

from importguard import warmup

ANTHROPIC = BY_NAME["anthropic"]


@pytest.mark.parametrize(
    ("provider", "image", "sentence"),
    [
        (ANTHROPIC, ImagePart("image/png", b"x" * 5_000_000, "a.png"), ""),
        (
            ANTHROPIC,
            ImagePart("image/png", b"x" * 5_300_000, "a.png"),
            "a.png has 5.3 MB; Anthropic takes at most 5 MB.",
        ),
        (ANTHROPIC, ImagePart("image/tiff", b"x"), "The image is image/tiff; Anthropic takes PNG, JPEG, GIF and WebP."),
        (
            Provider("text", "Text only", "m", ANTHROPIC.load, ()),
            ImagePart("image/png", b"x", "a.png"),
            "Text only takes no images; remove a.png or choose another provider.",
        ),
    ],
)
def test_a_row_says_which_images_a_provider_takes(provider, image, sentence):
    assert provider.refusal((image,)) == sentence


def test_a_row_loads_the_module_that_it_names(monkeypatch):
    monkeypatch.setattr(warmup, "_installed", SimpleNamespace(require_warmed=lambda name: name))
    assert [one.load() for one in PROVIDERS] == [one.module for one in PROVIDERS]


def test_rows_have_names_and_modules_of_their_own_and_a_first_model():
    assert len(BY_NAME) == len({one.module for one in PROVIDERS}) == len(PROVIDERS)
    assert all(one.models for one in PROVIDERS)
