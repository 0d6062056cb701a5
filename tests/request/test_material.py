"""What the user set reaches the request."""

from src.request import build
from src.request.material import Outgoing


def test_the_setting_for_thoughts_reaches_the_request(make_controller):
    controller = make_controller()
    outgoing = Outgoing(
        controller.settings,
        controller.providers,
        controller.project,
        controller.discussion,
        controller.composer,
        ledger=lambda: None,
    )
    asked = []
    for wanted in (True, False):
        controller.settings.change(thinking=wanted)
        asked.append(build.build(outgoing.fresh_material()).thinking)
    assert asked == [True, False]
