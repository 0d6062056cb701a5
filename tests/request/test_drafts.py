"""A draft that holds a secret is held back whole, and the user is asked."""

import pytest
from src.privacy.redactor import current
from src.request import composer
from tests.conftest import settled, wait_until

KEY = "sk-Zx8Lq2Rv5Tn9Wy3Bk6Mp1Hd4Fg7Js0Uc"


@pytest.fixture
def controller(make_controller):
    made = make_controller()
    assert made.wait_for_warmup(60)
    return made


def said(controller):
    return [turn.message.text for turn in controller.discussion.snapshot().turns]


def test_the_user_is_asked_and_then_it_goes_out_as_it_was_typed(controller):
    controller.composer.set_text(f"two lines\nand {KEY}")
    result = controller.send()
    assert (result.kind, "holds an API key in line 2 (sk-Z..., 35 characters)" in result.reason) == ("confirm", True)
    assert (said(controller), controller.composer.snapshot().text) == ([], f"two lines\nand {KEY}")
    assert controller.send(confirmed=True).accepted
    settled(controller)
    assert said(controller)[0] == f"two lines\nand {KEY}"


def test_one_of_the_users_own_keys_is_asked_about_too(controller):
    current().add("canary-draft-key-0001")
    assert "one of your own keys" in controller.send("use canary-draft-key-0001").reason


def test_a_long_draft_is_looked_through_in_the_background_before_it_goes_out(controller):
    long = "a word and a word more\n" * 4000
    assert len(long) > composer.AT_ONCE
    controller.composer.set_text(long + KEY)
    wait_until(controller, lambda: controller.composer.secret(frozenset()))
    assert controller.send().kind == "confirm"
    controller.composer.set_text(long)
    wait_until(controller, lambda: controller.composer.secret(frozenset()))
    assert controller.send().accepted
