"""A failure that nobody catches shows its traceback and no key."""

import pytest

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
def test_a_traceback_on_standard_error_holds_no_key(fresh_process, code):
    done = fresh_process(f"from src.privacy import uncaught\nuncaught.install()\n{code}")
    assert "ValueError" in done.stderr
    assert "[key hidden]" in done.stderr
    assert CANARY not in done.stderr + done.stdout
