"""The words for one import statement: its place and how it runs. Values only."""

from enum import StrEnum

import msgspec


class ImportKind(StrEnum):
    """How an import statement runs."""

    EAGER = "eager"  # module level: class bodies, `if`, `try`, `with`, `for` included
    DEFERRED = "deferred"  # in a function body
    LAZY = "lazy"  # PEP 810, lazy_loader
    TYPE_CHECKING = "type_checking"
    DYNAMIC = "dynamic"  # import_module("literal"), __import__("literal")
    WARMED = "warmed"  # _require_warmed("literal")


class Location(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """A place in a file: absolute path and 1-based line."""

    path: str
    line: int


class ImportSite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One import of one module in one file. `scope` names the enclosing classes and functions, outermost first."""

    importer: str
    imported: str
    kind: ImportKind
    location: Location
    scope: tuple[str, ...] = ()
    optional: bool = False  # an ImportError of it is caught
