"""What the main thread of a Python application imports at startup, worked out without running it.

The library is what `__all__` names; each part is imported when it is first used. `importguard.warmup` is the runtime
for applications. `importguard.pytest_plugin` holds fixtures. The other modules may change with any version.
"""

TYPE_CHECKING = False  # type checkers take it for true; `typing` would cost more than `importguard --help` may

if TYPE_CHECKING:
    from importguard.analysis import Analysis, analyse, analyse_all
    from importguard.findings import Finding
    from importguard.graph import ModuleGraph as Graph
    from importguard.project.config import find_project
    from importguard.project.patterns import Patterns
    from importguard.project.start import Kind, Project, Start
    from importguard.session import Session
    from importguard.verdict import Verdict, check

    __version__: str

__all__ = [
    "Analysis",
    "Finding",
    "Graph",
    "Kind",
    "Patterns",
    "Project",
    "Session",
    "Start",
    "Verdict",
    "__version__",
    "analyse",
    "analyse_all",
    "check",
    "find_project",
]

_PLACES = {
    "Analysis": "analysis",
    "Finding": "findings",
    "Graph": "graph:ModuleGraph",
    "Kind": "project.start",
    "Patterns": "project.patterns",
    "Project": "project.start",
    "Session": "session",
    "Start": "project.start",
    "Verdict": "verdict",
    "analyse": "analysis",
    "analyse_all": "analysis",
    "check": "verdict",
    "find_project": "project.config",
}


if not TYPE_CHECKING:  # else a misspelt name would have a type

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "__version__":
            from importlib.metadata import version

            found: object = version("importguard")
        elif name in _PLACES:
            module, _, attribute = _PLACES[name].partition(":")
            found = getattr(import_module(f"importguard.{module}"), attribute or name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
