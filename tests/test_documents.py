"""What the documents name in the repository exists."""

import re

import pytest
from tests.repository import ROOT

NAMED = re.compile(r"`((?:src|tests|scripts|docs|tools/importguard)/[\w/.-]+)(?:::\w+)?[` ]")
# The changelog and the decisions also say what was.
DOCUMENTS = sorted([*ROOT.glob("[!C]*.md"), ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_that_a_document_names_exists(path):
    named = set(NAMED.findall(path.read_text(encoding="utf-8")))
    # A recipe says NAME for what its reader chooses.
    assert sorted(name for name in named if "NAME" not in name and not (ROOT / name.rstrip(".")).exists()) == []
