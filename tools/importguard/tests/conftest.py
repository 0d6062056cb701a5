"""Fixtures: small projects, analysed with this interpreter as their environment."""

import subprocess
import sys
import textwrap

import pytest

from importguard.check import analyse, check
from importguard.config import find_project


@pytest.fixture
def run(tmp_path):
    """`run("check", "app.py")`: the command line in the project's folder, as a process."""

    def call(*arguments):
        command = [sys.executable, "-m", "importguard", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    return call


@pytest.fixture
def write(tmp_path):
    """`write({"app.py": "..."})`: the files of a project; returns its folder."""

    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return tmp_path

    return make


@pytest.fixture
def findings(write):
    """`findings(files)`: (code, place) of what the rules say of app.py, with colorsys named heavy."""

    def run(files, config=""):
        root = write({"importguard.toml": f'entry = "app.py"\nheavy = ["colorsys"]\n{config}\n', **files})
        report = check(analyse(find_project(root)))
        return [
            (finding.code, f"{finding.location.path.removeprefix(f'{root}/')}:{finding.location.line}")
            for finding in report.findings
        ]

    return run
