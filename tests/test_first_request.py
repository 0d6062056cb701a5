"""After the warmup the first request of each provider pays for no import, on any thread."""

import json
import subprocess
import sys

from tests.conftest import clean_environment
from tests.repository import ROOT
from tests.sdk import CANARY

FIRST = """
import json, sys
from importguard import warmup
from src.app_controller import AppController
from src.chat import Message, ModelRequest
controller = AppController()
assert controller.wait_for_warmup(60)
assert controller.warmup_status().failed == ()
loop = warmup.require_warmed("src.turn.loop").TurnLoop()
controller._io_pool.submit(loop.run)

async def ask(name, found):
    before = set(sys.modules)
    request = ModelRequest(name, "tool", "be brief", (Message.of("user", "hi"),))
    events = [type(event).__name__ async for event in controller.providers.stream(request)]
    new = set(sys.modules) - before
    # The warmup looks at the age of its manifest when it has ended, which may be now.
    found[name] = [events, sorted(module for module in new if not module.startswith("importguard."))]

found = {}
try:
    for provider in controller.providers.all()[1:]:
        loop.submit(ask(provider.name, found)).result(30)
finally:
    loop.stop()
    assert controller.close(10)
print(json.dumps(found))
"""


def test_after_the_warmup_a_first_reply_loads_no_module(fake, tmp_path):
    variables = {"ANTHROPIC_BASE_URL": fake.address, "GOOGLE_GEMINI_BASE_URL": fake.address}
    variables |= {"OPENAI_BASE_URL": f"{fake.address}/v1", "ANTHROPIC_CONFIG_DIR": str(tmp_path)}
    variables |= {f"{name}_API_KEY": CANARY for name in ("ANTHROPIC", "GEMINI", "OPENAI")}
    result = subprocess.run(
        [sys.executable, "-c", FIRST],
        cwd=ROOT,
        env=clean_environment(tmp_path) | variables,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    answer = ["Text", "Text", "ToolCall", "Usage", "Done"]
    assert found == {name: [answer, []] for name in ("gemini", "anthropic", "openai")}
    assert CANARY not in result.stdout + result.stderr
