"""Nothing that is written leaves the machine before Send, unless the user asks for it."""

import pytest
from src.ai_client import Providers
from src.request import count
from tests.conftest import wait_until


@pytest.fixture
def asked(monkeypatch):
    """The texts of the requests that went to a provider to be counted."""
    texts = []

    async def count_tokens(_providers, request):
        texts.append("".join(message.text for message in request.messages))
        return 1000

    monkeypatch.setattr(Providers, "count_tokens", count_tokens)
    monkeypatch.setattr(count, "QUIET_S", 0.0)
    return texts


def write(context, text):
    context.item_click("//Composer/###text")
    context.key_chars(text)
    context.yield_(5)


def through_the_loop(controller):
    """Lets the turn loop end what it was given."""
    wait_until(controller, lambda: controller._background.has_clock)

    async def nothing():
        return True

    assert controller._background.run_on_loop(nothing()).result(15)


def test_a_draft_is_counted_here_and_asked_about_only_by_the_command(drive, asked):
    def steps(context, gui):
        write(context, "I want to resign")
        through_the_loop(gui.controller)
        through_the_loop(gui.controller)
        assert asked == []
        before = gui.controller.preview()
        assert (before.counted, before.total_tokens > 0) == (False, True)
        gui.commands.run("request.count")
        wait_until(gui.controller, lambda: gui.controller.preview().counted)
        after = gui.controller.preview()
        assert (asked, after.total_tokens) == (["I want to resign"], 1000)
        assert sum(part.tokens for part in after.parts) == 1000

    drive(steps)


def test_a_draft_goes_to_be_counted_once_the_setting_is_on(drive, asked):
    def steps(context, gui):
        wait_until(gui.controller, lambda: gui.controller._background.has_clock)
        gui.controller.settings.change(counts_at_provider=True)
        write(context, "count this")
        wait_until(gui.controller, lambda: asked and asked[-1] == "count this" and gui.controller.preview().counted)

    drive(steps)
