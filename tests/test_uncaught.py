"""A failure that nobody catches shows its traceback and no key."""

import subprocess
import sys

import pytest
from tests.conftest import ROOT, clean_environment

CANARY = "sk-canary-0123456789abcdefghij"
HERE = f"raise ValueError('Authorization: Bearer {CANARY}')"
THREAD = f"""
import threading
def fail():
    raise ValueError('{CANARY}')
thread = threading.Thread(target=fail, name='worker')
thread.start()
thread.join()
"""


@pytest.mark.parametrize("code", [HERE, THREAD], ids=["main thread", "another thread"])
def test_a_traceback_on_standard_error_holds_no_key(tmp_path, code):
    program = f"from src import uncaught\nuncaught.install()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "ValueError" in done.stderr
    assert "[key hidden]" in done.stderr
    assert CANARY not in done.stderr + done.stdout
