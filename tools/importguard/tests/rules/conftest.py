"""Each `test_igNNN.py` here says in two tables what its rule reports and where it stays silent.

A row of REPORTS holds the files (a text is app.py), the configuration beside `heavy = ["colorsys"]`, and the places; a
row of SILENT the files and the configuration.
"""

import pytest


def pytest_generate_tests(metafunc):
    for argument, table in (("reported", "REPORTS"), ("unreported", "SILENT")):
        if argument in metafunc.fixturenames:
            rows = getattr(metafunc.module, table)
            metafunc.parametrize(argument, rows.values(), ids=rows.keys())


@pytest.fixture
def places(findings, request):
    """`places(files, config)`: where the rule of this file reports something."""

    def judge(files, config=""):
        found = findings({"app.py": files} if isinstance(files, str) else files, config)
        return [place for code, place in found if code == request.module.CODE]

    return judge
