"""Compiled modules that no table knows: what can be seen of their imports, and what is said of the rest."""

import sys

import pytest

from importguard.startup import trace_script
from importguard.startup.trace import Certainty
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

_SUFFIX = {"win32": ".pyd"}.get(sys.platform, ".abi3.so")
_IMPORTS = b"\x7fELF\0PyImport_ImportModule\0"
_STUB = "import shapes.colours\nfrom shapes.fonts import Font\nimport typing\nimport numpy\n\nclass Pen: ...\n"
_FILES = {"shapes/__init__.py": "", "shapes/colours.py": "", "shapes/fonts.py": ""}


@pytest.fixture
def traced(write):
    """`traced(content, stub)`: the trace of a program that imports a compiled module of that content."""

    def make(content, stub=None):
        files = {**_FILES, f"shapes/_pen{_SUFFIX}": content, "app.py": "import os\nimport shapes._pen\n"}
        root = write(files if stub is None else {**files, "shapes/_pen.pyi": stub})
        return trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache())

    return make


def test_a_compiled_module_that_may_import_is_a_place_that_is_not_followed(traced):
    (stop,) = traced(_IMPORTS).stops
    assert (stop.location.line, stop.reason) == (2, "what the compiled module shapes._pen imports is not known")


def test_a_compiled_module_that_cannot_import_is_none(traced):
    assert traced(b"\x7fELF\0PyModule_Create2\0").stops == ()


def test_what_the_stub_of_a_compiled_module_imports_of_its_package_is_possible(traced):
    found = {module.name: module.certainty for module in traced(_IMPORTS, _STUB).modules}
    assert found["shapes.colours"] is found["shapes.fonts"] is Certainty.POSSIBLE
    assert found["shapes._pen"] is Certainty.CERTAIN
    assert "numpy" not in found


def test_a_module_that_cython_has_compiled_needs_no_cython(write):
    source = """
        try:
            import cython
            if not cython.compiled:
                raise ImportError
            import cython as C
            from cython import NULL, cclass, nogil
            from cython.cimports.libc.stdlib import free
            from cython.cimports.cpython import PyErr_CheckSignals as check
        except ImportError:
            import wave

        @cclass
        class Pen:
            import nib

        @cython.cfunc
        @cython.returns(cython.int)
        def load(): import colorsys
        load()
        """
    root = write(
        {"nib.py": "", "app.py": "import fast\n", "fast.py": source, f"fast{_SUFFIX}": b"\x7fELF\0__pyx_capi__\0"}
    )
    found = {
        one.name
        for one in trace_script(root / "app.py", probe(sys.executable), project_root=root, cache=user_cache()).modules
    }
    assert {"colorsys", "nib"} <= found
    assert not {"wave", "cython", "cython.cimports"} & found
