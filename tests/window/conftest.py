"""What the tests of the window share."""

import os

import pytest


@pytest.fixture(scope="session")
def a_display():
    """There is a display; without one the test is skipped, or fails where one is required."""
    if not os.environ.get("DISPLAY"):
        if os.environ.get("SLOPPY_DISPLAY_REQUIRED"):
            pytest.fail("SLOPPY_DISPLAY_REQUIRED is set and there is no DISPLAY; run under xvfb-run")
        pytest.skip("no DISPLAY; run under xvfb-run")
