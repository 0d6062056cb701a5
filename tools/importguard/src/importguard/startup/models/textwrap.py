"""`textwrap`: texts with other margins."""

from __future__ import annotations

import textwrap

from importguard.startup.models.library import Library
from importguard.startup.models.plain_functions import plain

LIBRARY = Library(functions={"textwrap": plain(textwrap, "dedent", "indent", "fill", "wrap", "shorten")})
