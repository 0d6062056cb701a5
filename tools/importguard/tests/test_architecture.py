"""Who may import whom in importguard, read from its installed files: nothing of it is imported."""

import ast
import importlib.util
import sys
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(importlib.util.find_spec("importguard").origin).parent

# From the command line down. A folder or a module imports only what stands on a later line.
LAYERS = """
    __main__
    cli pytest_plugin
    __init__
    lsp explore
    render
    history
    subcommands compare verify watch learning fix preload warming sharding
    verdict
    analysis rules
    findings plan races collected manifest manifest_schema locked_set seen unfollowed
    graph
    costs
    startup
    session derived
    source
    target
    project
    running
    printable storage
    errors
"""
# These run inside programs of others: the standard library is all they may import.
STDLIB_ONLY = ("warmup", "running.recorder", "running.recorded_run", "running.arrival")
# A value answers for a machine, which holds values: each names the other's types, for type checkers only.
INTERPRETER = ("startup.values.", "startup.machine.")

FLOOR = {place: depth for depth, line in enumerate(LAYERS.split("\n")) for place in line.split()}


def modules(package):
    """Name within the package (empty for the package itself) → file."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path, known, package):
    """(line, full name, name within the package or None) of each import of *path*, wherever it stands in the file."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            inside = None
            if name.partition(".")[0] == package.name:
                inside = name.partition(".")[2]
                while inside not in known:  # a name of the module, not a module
                    inside = inside.rpartition(".")[0]
            yield node.lineno, name, inside


def place_of(name):
    return name.partition(".")[0] or "__init__"


def wrong_imports(package):
    """A sentence for each import that the contract forbids: file:line, what is imported, the rule, the remedy."""
    known = modules(package)
    for name, path in known.items():
        own = place_of(name)
        alone = next((one for one in STDLIB_ONLY if name == one or name.startswith(f"{one}.")), None)
        if alone is None and own not in FLOOR:
            yield f"{path}:1: {own} has no layer. Add it to LAYERS in {Path(__file__).name}, as low as it can stand."
            continue
        for line, full, target in imports(path, known, package):
            where = f"{path}:{line}: imports {full}"
            if alone is not None:
                below = target is not None and (target == alone or target.startswith(f"{alone}."))
                if not below and full.partition(".")[0] not in sys.stdlib_module_names:
                    yield f"{where}, but {alone} runs in programs of others: it imports the standard library only."
            elif (
                target is not None and place_of(target) not in {own, "warmup"} and FLOOR[place_of(target)] <= FLOOR[own]
            ):
                yield (
                    f"{where}, but {own} stands no higher than {place_of(target)} in LAYERS. "
                    f"Move what both need below {own}, or pass it in as an argument."
                )


def circles(package):
    """The sets of modules that import each other, whatever the kind of import; type-checking ones included."""
    known = modules(package)
    after = {
        name: {target for _, _, target in imports(path, known, package) if target not in {None, name}}
        for name, path in known.items()
    }
    reached = {}
    for name in after:
        seen, pending = set(), [name]
        while pending:
            for target in after[pending.pop()] - seen:
                seen.add(target)
                pending.append(target)
        reached[name] = seen
    groups = defaultdict(set)
    for name in after:
        group = frozenset(other for other in reached[name] if name in reached[other])
        if group:
            groups[group] |= group
    return list(groups.values())


def test_each_module_imports_only_what_stands_below_it():
    wrong = list(wrong_imports(PACKAGE))
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_no_modules_import_each_other():
    new = [circle for circle in circles(PACKAGE) if not all(name.startswith(INTERPRETER) for name in circle)]
    if new:
        lines = "\n".join(f"{', '.join(sorted(circle))} import each other" for circle in new)
        remedy = "Move what both need into a module below them, or name it in a Protocol."
        pytest.fail(f"{lines}. {remedy}", pytrace=False)


@pytest.fixture
def package(tmp_path):
    """`package({"graph": "import …"})`: an importguard of these modules."""

    def make(files):
        for name, text in {"__init__": "", **files}.items():
            path = tmp_path / "importguard" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "importguard"

    return make


WRONG = {
    "upwards": ({"graph": "\nfrom importguard.findings import Finding", "findings": ""}, "graph.py:2: imports"),
    "of a neighbour": ({"verify": "import importguard.watch", "watch": ""}, "verify stands no higher than watch"),
    "in a function": ({"errors": "def f():\n    from importguard import graph", "graph": ""}, "errors.py:2: imports"),
    "for types": (
        {"graph": "if TYPE_CHECKING:\n    from importguard.findings import Finding", "findings": ""},
        "graph.py:2: imports importguard.findings.Finding, but graph stands no higher than findings in LAYERS. Move",
    ),
    "by the runtime": ({"warmup/__init__": "import msgspec"}, "imports msgspec, but warmup runs in programs of others"),
    "of no layer": ({"extras": ""}, "extras.py:1: extras has no layer. Add it to LAYERS in test_architecture.py"),
}


@pytest.mark.parametrize(("files", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_import_is_shown_with_its_place_the_rule_and_the_remedy(package, files, said):
    (sentence,) = wrong_imports(package(files))
    assert said in sentence


RIGHT = {
    "downwards": {"graph": "from importguard.errors import ConfigError", "errors": ""},
    "within a folder": {"rules/__init__": "", "rules/one": "import importguard.rules.two", "rules/two": ""},
    "of the runtime": {"errors": "from importguard.warmup import Warmup", "warmup/__init__": "import threading"},
    "of libraries": {"errors": "import msgspec.json, os.path"},
}


@pytest.mark.parametrize("files", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_import_is_not_mentioned(package, files):
    assert list(wrong_imports(package(files))) == []


def test_each_rule_has_a_test_file_with_what_it_reports_and_where_it_stays_silent():
    classes = [node for path in PACKAGE.glob("rules/*.py") for node in ast.walk(ast.parse(path.read_bytes()))]
    codes = {
        node.value.value
        for node in classes
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code"
    }
    tables = {}
    for path in Path(__file__).with_name("rules").glob("test_ig*.py"):
        assigned = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.Assign)]
        rows = {node.targets[0].id: len(node.value.values) for node in assigned if isinstance(node.value, ast.Dict)}
        tables[path.stem.removeprefix("test_").upper()] = (rows.get("REPORTS", 0), rows.get("SILENT", 0))
    assert tables.keys() == codes
    assert [code for code, (reports, silent) in tables.items() if not reports or silent < 2] == []


def test_a_circle_for_types_counts(package):
    one = "if TYPE_CHECKING:\n    from importguard.rules.two import Two"
    made = package({"rules/__init__": "", "rules/one": one, "rules/two": "from importguard.rules import one"})
    assert circles(made) == [{"rules.one", "rules.two"}]
