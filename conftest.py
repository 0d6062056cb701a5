"""`pytest` without a path uses the cores there are; a test, a file or a folder that is named runs in one process."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Before xdist looks at its options. `-n 0` runs everything in one process."""
    if hasattr(config, "workerinput"):  # one of those cores: it would start as many again, and so on
        return
    is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    option = config.option
    if is_whole and getattr(option, "numprocesses", 0) is None and not option.collectonly and not option.usepdb:
        option.numprocesses, option.dist = "auto", "worksteal"
