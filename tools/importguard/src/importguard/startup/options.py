"""Options of a static start. Values only."""

import msgspec


class Options(msgspec.Struct, frozen=True):
    """`lazy_imports` is `-X lazy_imports`: "normal" or "all", empty where the command line has none.

    `program` is the first item of `sys.argv`, empty where it is not known; `args` are the others, None where nobody
    knows them: then every branch on them is possible. `incomplete`: `args` lack what a parser demands; nobody knows it.
    """

    warm_calls: frozenset[str] = frozenset({"_require_warmed", "require_warmed"})
    lazy_imports: str = ""
    program: str = ""
    args: tuple[str, ...] | None = None
    incomplete: bool = False
    folder: str = ""  # where the program runs; empty for the project's
    variables: tuple[tuple[str, str], ...] = ()  # of the environment, as the user gives them
    others_unset: bool = False  # every other variable is unset, for the project's own files, too
    alone: bool = False  # the main thread's part, without what is loaded after it
    ready_points: tuple[str, ...] = ()  # where the start is over
