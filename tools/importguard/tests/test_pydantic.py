"""Models of pydantic: what working out the schema of a field loads."""

import subprocess
import sys

import pytest

from importguard.startup import trace_script
from importguard.storage.cache import user_cache
from importguard.target.environment import probe

PROGRAMS = {
    "a field of an unknown type": (
        "import sys\nfrom pydantic import BaseModel, TypeAdapter\n"
        "kind = {'int': int, 'str': str}[sys.argv[-1] if len(sys.argv) > 1 else 'int']\n"
        "class Order(BaseModel):\n    count: kind\nTypeAdapter(kind)\n"
    ),
    "a type with its own schema": (
        "from pydantic import BaseModel, ConfigDict\nfrom pydantic_core import core_schema\n"
        "class Size:\n"
        "    @classmethod\n"
        "    def __get_pydantic_core_schema__(cls, source, handler): return core_schema.any_schema()\n"
        "class Order(BaseModel):\n    size: Size\n"
    ),
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_model_does_not_load_the_first_version_of_pydantic(write, code):
    root = write({"app.py": code})
    predicted = {
        module.name
        for module in trace_script(
            root / "app.py", probe(sys.executable), project_root=root, cache=user_cache()
        ).modules
    }
    real = [
        sys.executable,
        "-c",
        "import app, sys; print('pydantic.v1' in sys.modules, 'pydantic.main' in sys.modules)",
    ]
    loaded = subprocess.run(real, cwd=root, capture_output=True, text=True, check=True).stdout.split()
    assert [str(name in predicted) for name in ("pydantic.v1", "pydantic.main")] == loaded == ["False", "True"]
