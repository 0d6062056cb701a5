"""`python -m importguard`."""

import os
import sys

# `-m` puts the current folder first on the search path: a project's click.py must not be taken for the real one.
if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:
    del sys.path[0]

from importguard.cli import script

script()
