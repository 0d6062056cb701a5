"""`unittest`: `main()` runs the tests of the module that calls it."""

from __future__ import annotations

from collections.abc import Iterator

from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.state import MachineState
from importguard.startup.models.library import Library
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Items, Raised, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.instances import Instance, finished
from importguard.startup.values.modules import ModuleValue

MAX_TESTS = 2_000
MAX_INSIDE = 20  # suites in suites
_FAILURES = frozenset({"Exception", "BaseException"})  # a test that fails ends neither the others nor the program


def _main(call: Invocation) -> Value:
    """`unittest.main()`: without words on the command line all tests run, and `exit` ends the program."""
    machine = call.machine
    for name in ("locale", "shutil"):  # for the parser of its command line, which it always makes
        machine.import_dynamic(name, call)
    module = _module(call.get(0, "module", "__main__"), call)
    words = call.get(2, "argv")
    if words is None:
        system = machine.modules.get("sys")
        words = system.namespace.get("argv", UNKNOWN) if system is not None else UNKNOWN
    found = machine.items_of(words)
    known = found is not None and found[1]
    names = [word for word in found[0][1:] if isinstance(word, str)] if found is not None else []
    if not isinstance(module, ModuleValue):
        machine.record_stop(call.frame, "the tests that `unittest.main` runs are not known")
    elif known:
        _run(module, [name for name in names if not name.startswith("-")], call)
    else:
        perhaps(machine, call.frame, lambda: _run(module, [], call))
    ends = truth(call.get(5, "exit", True), machine)
    if ends is not False and known:
        machine.end(Raised.of(SystemExit))
    elif ends is not False:
        machine.may_end()
    return UNKNOWN


def _module(given: Value, call: Invocation) -> Value:
    if not isinstance(given, str):
        return given
    return call.machine.modules[given] if given in call.machine.modules else call.machine.import_dynamic(given, call)


def _run(module: ModuleValue, wanted: list[str], call: Invocation) -> None:
    """Its test cases as a suite runs them; *wanted* are names of classes or of their methods."""
    if "load_tests" in module.namespace:
        call.machine.record_stop(call.frame, "the tests that `load_tests` gives are not known")
    found = ((case, [name for name in _tests(case) if _is_wanted(case.name, name, wanted)]) for case in _cases(module))
    chosen = [(case, names) for case, names in found if names]
    if not chosen or not _attempt(module, "setUpModule", call):
        return
    for case, names in chosen:
        if truth(call.machine.attribute(case, "__unittest_skip__", call.frame), call.machine) is not True:
            _run_case(case, names[:MAX_TESTS], call)
    _attempt(module, "tearDownModule", call)


def _cases(module: ModuleValue) -> list[ClassValue]:
    """The test cases that *module* names, in the order of their names."""
    cases = [value for _, value in sorted(module.namespace.items()) if isinstance(value, ClassValue)]
    return list({id(case): case for case in cases if any(_is_case(cls) for cls in case.mro()[1:])}.values())


class Suite(Abstract):
    """Tests that a loader has found: cases with the names of their methods."""

    __slots__ = ("tests",)

    def __init__(self, tests: list[tuple[ClassValue, list[str]]]) -> None:
        self.tests = tests

    def iterate(self, _machine: MachineState) -> Items | None:
        """Whoever puts its tests into another suite puts it in as one."""
        return [self], True


def _load_case(call: Invocation, own: Abstract) -> Value:
    """`loader.loadTestsFromTestCase(case)`."""
    case = call.get(1, "testCaseClass", UNKNOWN)
    return Suite([(case, list(_tests(case)))]) if isinstance(case, ClassValue) else own.call(call)


def _load_module(call: Invocation, own: Abstract) -> Value:
    """`loader.loadTestsFromModule(module)`."""
    module = call.get(1, "module", UNKNOWN)
    if not isinstance(module, ModuleValue) or "load_tests" in module.namespace:
        return own.call(call)
    return Suite([(case, list(_tests(case))) for case in _cases(module)])


def _run_suite(call: Invocation, own: Abstract) -> Value:
    """`runner.run(suite)`."""
    for case, names in _in_suite(call.get(1, "test", UNKNOWN), call):
        _run_case(case, names[:MAX_TESTS], call)
    return own.call(call)


def _in_suite(value: Value, call: Invocation, depth: int = 0) -> Iterator[tuple[ClassValue, list[str]]]:
    if isinstance(value, Suite):
        yield from value.tests
    elif isinstance(value, Instance) and isinstance(value.attributes.get("_testMethodName"), str):
        yield value.cls, [str(value.attributes["_testMethodName"])]
    elif isinstance(value, Instance) and "_tests" in value.attributes and depth < MAX_INSIDE:
        found = call.machine.items_of(value.attributes["_tests"])
        for one in found[0] if found is not None else ():
            yield from _in_suite(one, call, depth + 1)
    else:
        call.machine.record_stop(call.frame, "the tests that are run are not known")


def _is_case(cls: Value) -> bool:
    return isinstance(cls, ClassValue) and cls.name == "TestCase" and cls.module.name == "unittest.case"


def _tests(case: ClassValue) -> Iterator[str]:
    """The names of its tests, in the order of the alphabet."""
    names = {name for cls in case.mro() if isinstance(cls, ClassValue) for name in cls.namespace}
    return iter(sorted(name for name in names if name.startswith("test")))


def _is_wanted(case: str, name: str, wanted: list[str]) -> bool:
    return not wanted or case in wanted or f"{case}.{name}" in wanted


def _run_case(case: ClassValue, names: list[str], call: Invocation) -> None:
    if not _attempt(case, "setUpClass", call):
        return
    for name in names:
        test = call.machine.call(case, [name], {}, call.frame, complete=True)
        if _attempt(test, "setUp", call):
            _attempt(test, "asyncSetUp", call)
            _attempt(test, name, call)
            _attempt(test, "asyncTearDown", call)
            _attempt(test, "tearDown", call)
        _attempt(test, "doCleanups", call)
    _attempt(case, "tearDownClass", call)


def _attempt(owner: Abstract | Value, name: str, call: Invocation) -> bool:
    """Calls what *owner* has as *name*. False where it fails."""
    machine: MachineState = call.machine
    machine.catchers.append(_FAILURES)
    try:
        method = machine.attribute(owner, name, call.frame)
        if method is not MISSING and method is not UNKNOWN:
            finished(machine.invoke(method), machine)
    except Raised as raised:
        if "Exception" not in raised.names:
            raise
        return False
    finally:
        machine.catchers.pop()
    return True


LIBRARY = Library(
    functions={"unittest.main": {"main": _main}},
    methods={
        "unittest.loader": {
            "TestLoader.loadTestsFromTestCase": _load_case,
            "TestLoader.loadTestsFromModule": _load_module,
        },
        "unittest.runner": {"TextTestRunner.run": _run_suite},
    },
)
