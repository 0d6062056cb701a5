"""`pytest` without a path uses the cores there are; a test, a file or a folder that is named runs in one process."""

import os

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine draws an example says nothing of the program: on a busy one these checks fail.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Before xdist looks at its options. `-n 0` runs everything in one process."""
    if hasattr(config, "workerinput"):  # one of those cores: it would start as many again, and so on
        return
    is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    option = config.option
    if is_whole and getattr(option, "numprocesses", 0) is None and not option.collectonly and not option.usepdb:
        option.numprocesses, option.dist = "auto", "worksteal"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Two processes a core: half of a test's time it waits for a window, a server or a program that it has started."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:  # xdist takes that
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 2 * cores
