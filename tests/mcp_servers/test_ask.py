"""Tools in `sloppy.py --ask`: those that ask nobody answer, the others are denied at once."""

import io

import pytest
from src.ask import Prompt, ask, manifest_for
from src.asked import LAST, Setting
from tests.conftest import written
from tests.mcp_servers.programs import real
from tests.mcp_servers.test_servers import ADD, agreed, opened, results

__all__ = ["opened"]


@pytest.fixture
def asking(opened, make_controller, tmp_path):
    """`asking(text, always)`: goes on with a discussion in which calc__add is on; controller, code, answer, errors."""

    def run(text, always):
        first = opened(real())
        agreed(first, "calc")
        first.servers.switch_tool("calc__add", True)
        first.servers.set_always("calc__add", always).result(10)
        first.send("hello")
        written(first)
        first.close(10)
        setting = Setting(project=str(tmp_path / "work"), discussion=LAST)
        second = make_controller(manifest_for("echo", (), setting).jobs)
        out, told = io.StringIO(), io.StringIO()
        code = ask(second, Prompt(text, provider="echo", setting=setting), None, out, told)
        return second, code, out.getvalue(), told.getvalue()

    return run


def test_a_tool_that_was_allowed_for_good_answers(asking):
    controller, code, out, told = asking(ADD, True)
    assert (results(controller)[-1].text, code, out) == ("5", 0, "please\ncalc__add answered: 5\n"), told


def test_one_that_would_ask_is_denied_at_once_and_said_so(asking):
    controller, code, _out, told = asking(ADD, False)
    assert results(controller)[-1].text == "The user did not allow it."
    assert "Ask the server calc for add: not done, for nobody can be asked here." in told
    assert code == 0
