"""`pytest` without a path uses the cores there are; a test, a file or a folder that is named runs in one process.

All processes of a run share what importguard has worked out.
"""

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


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    """What the tests have read and worked out is kept for all processes of a run, apart from the user's.

    A test that is about a first run sets a folder of its own.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMPORTGUARD_CACHE", str(folder / "cache-of-the-run"))
        yield


@pytest.fixture(autouse=True, scope="session")
def _reads_alone():
    """An analysis in this process starts no second one to read ahead: to copy a process of many tests takes longer.

    `tools/importguard/tests/test_ahead.py` has one, and so has whatever is a process of its own.
    """
    from importguard.source import cache

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "worthwhile", lambda: False)
        yield
