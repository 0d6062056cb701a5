"""The warmup beside serial imports: the same state for random trees with cycles, and ready where a pool deadlocks."""

import gc
import importlib
import importlib.util
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importguard.warmup import Warmup, WarmupManifest

SCRIPT = Path(__file__).parents[3] / "scripts" / "prove_import_lock.py"
NAMES = ("tree", "tree.a", "tree.b", "tree.a.x", "tree.a.y", "tree.b.z", "leaf", "stem")
PACKAGES = {"tree", "tree.a", "tree.b"}


@pytest.fixture
def proof(tmp_path, monkeypatch):
    """The script as a module, its package written."""
    spec = importlib.util.spec_from_file_location("prove_import_lock", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "path", list(sys.path))
    module.write_package(tmp_path)
    yield module
    module.forget()


def test_the_warmup_never_fails_where_a_pool_does_up_to_python_3_14(proof):
    assert proof.outcomes(proof.with_warmup, 100) == {"ready": 100}
    fails = (bool(proof.outcomes(proof.with_pool, 50).keys() - {"ready"}) for _ in range(20))
    # From Python 3.15 on two threads may import parts of one package.
    assert any(fails) is (sys.version_info < (3, 15))


imports = st.lists(
    st.tuples(st.sampled_from(("plain", "from", "guarded", "raises")), st.sampled_from(NAMES)), max_size=4
)


def body(statements):
    """A module's text: imports in four manners, each leaving a trace in the module's names."""
    lines = ["begun = True"]
    for number, (manner, name) in enumerate(statements):
        package, _, tail = name.rpartition(".")
        taken = f"from {package} import {tail} as n{number}" if package else f"import {name} as n{number}"
        guarded = f"try:\n    {taken}\nexcept ImportError:\n    missing{number} = True"
        lines.append({"plain": f"import {name}", "from": taken, "guarded": guarded}.get(manner, "1 / 0"))
    return "\n".join([*lines, "done = True"])


def write(folder, bodies):
    for name, statements in bodies.items():
        path = folder / name.replace(".", "/")
        path = path / "__init__.py" if name in PACKAGES else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body(statements))


def forget():
    for name in NAMES:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def state():
    """What is loaded, and what each module holds."""
    return {
        name: sorted(key for key in vars(sys.modules[name]) if key[:2] != "__") for name in NAMES if name in sys.modules
    }


def serially(order):
    failures = {}
    for name in order:
        try:
            importlib.import_module(name)
        except Exception as error:
            failures[name] = f"{type(error).__name__}: {error}"
    return failures, state()


def warmed(order, executor):
    warmup = Warmup(WarmupManifest.of(order), executor, freeze=False)
    warmup.start()
    assert warmup.wait(20)
    return dict(warmup.status().failed), state()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.fixed_dictionaries(dict.fromkeys(NAMES, imports)), order=st.permutations(NAMES))
def test_any_tree_loads_to_the_state_of_serial_imports(tmp_path_factory, bodies, order):
    gc.enable()
    folder = tmp_path_factory.mktemp("tree")
    write(folder, bodies)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        forget()
        expected = serially(order)
        forget()
        with ThreadPoolExecutor(4) as executor:
            assert warmed(order, executor) == expected
    finally:
        sys.dont_write_bytecode = before
        sys.path.remove(str(folder))
        forget()
