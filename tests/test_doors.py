"""No feature without a door: what a user could use has a caller outside of tests."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
from src import app_controller
from src.panels.places import PLACES
from tests.repository import ROOT

from importguard import rules

# Public methods that nothing in Sloppy calls. The list only shrinks: the test fails for one that has a caller.
WITHOUT_A_DOOR = {
    "LogBook.emit",  # logging calls it
}


def parts():
    """The controller and the objects that it shows, by class."""
    controller = app_controller.AppController(start=False)
    controller.close()
    found = dict.fromkeys(type(controller).__mro__)
    found |= {type(one): None for name, one in vars(controller).items() if not name.startswith("_")}
    return [one for one in found if one.__module__.startswith("src.")]


def attributes_used(path):
    return {node.attr for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Attribute)}


def test_every_public_method_of_the_controller_and_its_parts_has_a_caller():
    used = {path: attributes_used(path) for path in [ROOT / "sloppy.py", *(ROOT / "src").rglob("*.py")]}
    unused = set()
    for kind in parts():
        own = Path(inspect.getfile(kind))
        selves = {
            node.attr
            for node in ast.walk(ast.parse(own.read_bytes()))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        for name, method in vars(kind).items():
            if name.startswith("_") or not callable(method):
                continue
            callers = [names for path, names in used.items() if path != own and name in names]
            if not callers and name not in selves:
                unused.add(f"{kind.__name__}.{name}")
    assert unused == WITHOUT_A_DOOR, "give it a command or a panel, or delete it; take what has a door off the list"


def test_every_rule_file_is_in_the_table_of_rules():
    folder = Path(rules.__file__).parent
    files = {
        path.stem
        for path in folder.glob("*.py")
        for node in ast.parse(path.read_bytes()).body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(one).startswith("code = 'IG") for one in node.body)
    }
    assert files == {type(rule).__module__.rpartition(".")[2] for rule in rules.RULES}


def test_every_panel_file_has_a_place():
    folder = ROOT / "src/panels"
    classes = {
        f"src.panels.{path.stem}.{node.name}"
        for path in folder.glob("*.py")
        for node in ast.parse(path.read_bytes()).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Panel")
    }
    made = {
        f"{type(one).__module__}.{type(one).__qualname__}" for one in (place.make(Everything()) for place in PLACES)
    }
    assert classes == made


class Everything:
    """A window that has whatever a panel asks for while it is made."""

    def __getattr__(self, name):
        return Everything()

    def __call__(self, *_args):
        return Everything()


GROUPS = ("command_table", "discussion_commands", "message_commands", "secret_commands")


@pytest.mark.parametrize("module", [f"src.window.{name}" for name in GROUPS])
def test_every_group_of_commands_is_in_the_table(module):
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_bytes())
    groups = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "tuple[Command, ...]"
    }
    everything = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    assert groups
    assert not {name for name in groups if everything.count(f"{name}(") < 2}
    assert importlib.import_module(module)
