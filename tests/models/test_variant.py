"""A model with settings of its own, as one text: the same settings are the same text, what cannot be says so."""

import pytest
from src.chat import ModelOptions
from src.models.variant import Variant, options_with, parse


@pytest.mark.parametrize(
    ("name", "model", "settings"),
    [
        ("gpt-5.5", "gpt-5.5", ""),
        ("qwen3:8b", "qwen3:8b", ""),
        ("qwen3:8b:num_ctx=8192", "qwen3:8b", "num_ctx=8192"),
        ("a: Temperature = 0.20 , TOKENS=100", "a", "temperature=0.2,tokens=100"),
        ("a:tokens=100,temperature=0.2", "a", "temperature=0.2,tokens=100"),
        ("a:thinking=high", "a", "thinking=high"),
        ("a:thinking=off", "a", "thinking=off"),
        ("a:effort=low", "a", "effort=low"),
        ("a:effort=low,thinking=on", "a", "thinking=low"),
        ("a:thinking=off,effort=low", "a", "thinking=off,effort=low"),
    ],
)
def test_a_name_is_a_model_and_its_settings(name, model, settings):
    variant = parse(name)
    assert variant == Variant(model, settings)
    assert parse(variant.name) == variant


BAD = ["temperature=3", "temperature=nan", "thinking=very", "tokens=0", "top_p=1", "tokens=1,on"]


@pytest.mark.parametrize("settings", BAD)
def test_what_cannot_be_set_says_what_can(settings):
    with pytest.raises(ValueError, match=r"cannot be set; there are temperature|is no setting of a model"):
        parse(f"a:{settings}")


def test_settings_go_over_the_models_own():
    own = ModelOptions(temperature=1.0, max_tokens=50)
    assert options_with(own, "thinking=low,temperature=0") == ModelOptions(0.0, 50, "low", None, True)
    assert options_with(own, "") is own
