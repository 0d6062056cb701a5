"""Frameworks: what their command lines, settings and names load, beside what the real ones do."""

import json
import subprocess
import sys

import pytest

from importguard.startup.trace import Certainty

MARKERS = {f"m{number}" for number in range(1, 10)}


@pytest.fixture
def compared(run, write):
    """`compared(files, *arguments)`: (certain, possible, really loaded) of m1 to m9; app.py gets the arguments."""

    def compare(files, *arguments, known=True):
        root = write({**{f"{name}.py": "" for name in MARKERS}, **files})
        after = ("--", *arguments) if known else ()
        done = run("graph", "app.py", "--python", sys.executable, "--format", "json", *after)
        assert done.returncode == 0, done.stderr
        found = {m["name"]: m["certainty"] for m in json.loads(done.stdout)["modules"] if m["reach"] == "eager"}
        certain = {name for name, certainty in found.items() if certainty == "certain"} & MARKERS
        tell = "import atexit, sys; atexit.register(lambda: print('\\n', *sys.modules)); import runpy; "
        tell += "sys.argv = ['app.py', *sys.argv[1:]]; sys.path.insert(0, ''); "
        tell += "runpy.run_path('app.py', run_name='__main__')"
        real = subprocess.run(
            [sys.executable, "-c", tell, *arguments], cwd=root, capture_output=True, text=True, timeout=240
        )
        return certain, (found.keys() & MARKERS) - certain, MARKERS & set(real.stdout.split())

    return compare


GROUP = """
    import click, importlib
    LAZY = {"send": "parts.send", "draw": "parts.draw"}
    class Lazy(click.Group):
        def list_commands(self, ctx): return [*super().list_commands(ctx), *sorted(LAZY)]
        def get_command(self, ctx, name):
            if name in LAZY: return importlib.import_module(LAZY[name]).command
            return super().get_command(ctx, name)
    @click.group(cls=Lazy)
    @click.option("--backend", default="m1")
    @click.option("--quick/--slow", default=True)
    @click.pass_context
    def cli(ctx, backend, quick):
        importlib.import_module(backend)
        if not quick: import m2
    @cli.command()
    @click.argument("names", nargs=-1)
    @click.option("-n", "--times", type=int)
    def show(names, times):
        for name in names: importlib.import_module(name)
        if times == 3: import m3
    if __name__ == "__main__": cli()
"""
PARTS = {
    "parts/__init__.py": "",
    "parts/send.py": "import click, m4\n@click.command()\ndef command(): import m5\n",
    "parts/draw.py": "import click, m6\n@click.command()\ndef command(): import m7\n",
}


@pytest.mark.parametrize(
    "arguments",
    [
        ("send",),
        ("draw",),
        ("show", "m8", "m9"),
        ("--backend", "m9", "show"),
        ("--backend=m9", "--slow", "show", "-n", "3"),
        ("--slow", "show", "-n4", "--", "m8"),
        ("--help",),
        (),
        ("show", "--help"),
    ],
    ids=" ".join,
)
def test_arguments_name_the_command_of_a_click_group(compared, arguments):
    certain, possible, real = compared({"app.py": GROUP, **PARTS}, *arguments)
    assert certain | possible == real


def test_each_command_of_a_click_group_is_possible_where_nobody_names_one(compared):
    certain, possible, _ = compared({"app.py": GROUP, **PARTS}, known=False)
    assert not certain
    assert {"m3", "m4", "m5", "m6", "m7"} <= possible


TYPER = """
    import typer
    app = typer.Typer()
    tools = typer.Typer()
    app.add_typer(tools, name="tools")
    @app.callback()
    def start(): import m1
    @app.command()
    def push(name: str = "x"): import m2
    @tools.command("list")
    def list_them(): import m3
    @tools.command()
    def clean_up(): import m4
    if __name__ == "__main__": app()
"""


@pytest.mark.parametrize("arguments", [("push",), ("tools", "list"), ("tools", "clean-up"), ("--help",)], ids=" ".join)
def test_arguments_name_the_command_of_a_typer_application(compared, arguments):
    certain, possible, real = compared({"app.py": TYPER}, *arguments)
    assert (certain, possible) == (real, set())


def test_each_command_of_a_typer_application_is_possible(compared):
    certain, possible, _ = compared({"app.py": TYPER}, known=False)
    assert (certain, possible) == (set(), {"m1", "m2", "m3", "m4"})


PARSER = """
    import argparse
    def add(args): import m1
    def drop(args):
        if args.force: import m2
    parser = argparse.ArgumentParser(parents=[])
    parser.add_argument("-v", "--verbose", action="count", default=0)
    parser.add_argument("--with", dest="module", choices=["m3", "m4"])
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--fast", action="store_const", const="m5", dest="way")
    sub = parser.add_subparsers(dest="command")
    one = sub.add_parser("add", aliases=["plus"]); one.set_defaults(run=add); one.add_argument("name", nargs="*")
    two = sub.add_parser("drop"); two.set_defaults(run=drop); two.add_argument("-f", "--force", action="store_true")
    args = parser.parse_args()
    if args.verbose > 1: import m6
    if args.module: __import__(args.module)
    if args.way: __import__(args.way)
    if args.command: args.run(args)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "x", "y"),
        ("plus",),
        ("drop", "--force"),
        ("drop",),
        ("-vv", "--with=m4", "drop", "-f"),
        ("--fast",),
        ("--verb", "-v", "--fast", "add"),
        (),
    ],
    ids=" ".join,
)
def test_arguments_are_read_as_argparse_reads_them(compared, arguments):
    certain, possible, real = compared({"app.py": PARSER}, *arguments)
    assert (certain, possible) == (real, set())


def test_what_argparse_may_find_is_possible(compared):
    certain, possible, _ = compared({"app.py": PARSER}, known=False)
    assert not certain
    assert {"m1", "m2", "m6"} <= possible


def test_help_ends_a_program(compared):
    certain, _, real = compared({"app.py": PARSER + "    import m9\n"}, "--help")
    assert (certain, real) == (set(), set())


TABLES = """
    import importlib, sys
    def first(): import m1
    def second(): import m2
    TABLE = {"first": first, "second": second}
    ROWS = {"a": ("m3", 1), "b": ("m4", 2)}
    TABLE[sys.argv[1]]()
    importlib.import_module(ROWS.get(sys.argv[2])[0])
    if TABLE.get(sys.argv[3]) is None: import m5
"""


def test_any_row_of_a_table_is_possible_where_the_key_is_not_known(compared):
    certain, possible, _ = compared({"app.py": TABLES}, known=False)
    assert (certain, possible) == (set(), {"m1", "m2", "m3", "m4", "m5"})


def test_the_row_that_arguments_name_is_certain(compared):
    certain, possible, real = compared({"app.py": TABLES}, "second", "a", "none")
    assert (certain, possible) == (real, set())


SITE = {
    "site_/__init__.py": "",
    "site_/settings.py": """
        SECRET_KEY = "x"
        INSTALLED_APPS = ["django.contrib.contenttypes", "shop.apps.ShopConfig", "blog"]
        MIDDLEWARE = ["site_.middle.Layer"]
        ROOT_URLCONF = "site_.urls"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    """,
    "site_/middle.py": "import m1\nclass Layer:\n    def __init__(self, get_response): pass\n",
    "site_/urls.py": """
        from django.urls import include, path
        import m2
        urlpatterns = [path("shop/", include("shop.urls"))]
    """,
    "shop/__init__.py": "",
    "shop/apps.py": """
        from django.apps import AppConfig
        class ShopConfig(AppConfig):
            name = "shop"
            def ready(self): import m3
        class Other(AppConfig):
            name = "shop"
            def ready(self): import m9
    """,
    "shop/models.py": """
        from django.db import models
        import m4
        class Item(models.Model):
            name = models.CharField(max_length=9)
    """,
    "shop/urls.py": "from . import views\nurlpatterns = []\n",
    "shop/views.py": "import m5\n",
    "shop/management/__init__.py": "",
    "shop/management/commands/__init__.py": "",
    "shop/management/commands/stock.py": """
        from django.core.management.base import BaseCommand
        import m6
        class Command(BaseCommand):
            requires_system_checks = []
            def handle(self, *args, **options): import m7
    """,
    "blog/__init__.py": "",
    "blog/apps.py": """
        from django.apps import AppConfig
        class BlogConfig(AppConfig):
            name = "blog"
            default_auto_field = "django.db.models.BigAutoField"
            def ready(self): import m8
    """,
}
MANAGE = """
    import os, sys
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")
    from django.core.management import execute_from_command_line
    if __name__ == "__main__": execute_from_command_line(sys.argv)
"""
SERVED = """
    import os
    from django.core.{way} import get_{way}_application
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")
    application = get_{way}_application()
"""


@pytest.mark.parametrize(
    "arguments", [("check",), ("stock",), ("version",), ("check", "--settings", "site_.settings")], ids=" ".join
)
def test_manage_py_loads_applications_and_what_its_command_asks_for(compared, arguments):
    certain, possible, real = compared({"app.py": MANAGE, **SITE}, *arguments)
    assert certain | possible == real
    assert {"m3", "m4", "m8"} <= certain


CHECKED = """
    from django.apps import AppConfig
    from django.core import checks
    class BlogConfig(AppConfig):
        name = "blog"
        def ready(self): checks.register(look, checks.Tags.urls)
    def look(app_configs, **kwargs):
        import m8
        return []
"""


@pytest.mark.parametrize("command", ["check", "version"])
def test_a_check_that_an_application_registers_is_possible_where_checks_run(compared, command):
    certain, possible, real = compared({"app.py": MANAGE, **SITE, "blog/apps.py": CHECKED}, command)
    assert certain | possible == real
    assert ("m8" in possible) is (command == "check")


def test_manage_py_may_run_any_command_of_its_own_applications(compared):
    certain, possible, _ = compared({"app.py": MANAGE, **SITE}, known=False)
    assert (certain, possible) == ({"m3", "m4", "m8"}, {"m1", "m2", "m5", "m6", "m7"} & possible)
    assert {"m2", "m5", "m6", "m7"} <= possible


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_a_django_server_loads_applications_and_middleware(compared, way):
    certain, possible, real = compared({"app.py": SERVED.format(way=way), **SITE})
    assert (certain, possible) == (real, set())
    assert "m1" in real


SERVER = {"shopapp.py": "import m1\ndef make():\n    import m2\n    return site\nasync def site(*_): ...\n"}


def test_uvicorn_loads_the_application_that_its_arguments_name(run, write):
    write({**{f"{name}.py": "" for name in MARKERS}, **SERVER})
    done = run("graph", "--command", "uvicorn", "--python", sys.executable, "--format", "json", "--", "shopapp:site")
    found = {m["name"]: m["certainty"] for m in json.loads(done.stdout)["modules"] if m["reach"] == "eager"}
    assert (found["shopapp"], found["m1"]) == ("certain", "certain")
    assert "m2" not in found


FLASK = {
    "wsgi.py": "import m1\nfrom flask import Flask\ndef create_app(kind='x'):\n    import m2\n    return Flask('a')\n"
}


@pytest.mark.parametrize(
    "arguments", [("run",), ("--app", "wsgi:create_app('y')", "run"), ("--app=wsgi", "run")], ids=" ".join
)
def test_flask_loads_the_application_that_is_named_or_called_as_usual(run, write, arguments):
    write({**{f"{name}.py": "" for name in MARKERS}, **FLASK})
    done = run("graph", "--command", "flask", "--python", sys.executable, "--format", "json", "--", *arguments)
    found = {m["name"] for m in json.loads(done.stdout)["modules"] if m["reach"] == "eager"}
    assert {"wsgi", "m1", "m2"} <= found


def test_a_server_without_arguments_may_run_the_project_that_has_settings(run, write):
    write(
        {
            "shop/__init__.py": "",
            "shop/settings.py": "",
            "shop/asgi.py": "import m1\n",
            "m1.py": "",
            "other/asgi.py": "",
        }
    )
    done = run("graph", "--command", "uvicorn", "--python", sys.executable, "--format", "json")
    found = {m["name"]: m["certainty"] for m in json.loads(done.stdout)["modules"] if m["reach"] == "eager"}
    assert found["shop.asgi"] == found["m1"] == "possible"
    assert "other.asgi" not in found


COLLECTED = {
    "conftest.py": "import m1\n",
    "test_one.py": "import m2\n",
    "tests/test_two.py": "import m3\n",
    "other.py": "import m4\n",
}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), {"m1", "m2", "m3"}),
        (("tests",), {"m1", "m3"}),
        (("test_one.py::test_it",), {"m1", "m2"}),
        (("--version",), set()),
    ],
    ids=["everything", "a folder", "a file", "no collection"],
)
def test_pytest_loads_the_files_that_it_collects(run, write, arguments, expected):
    write({**{f"{name}.py": "" for name in MARKERS}, **COLLECTED})
    done = run("graph", "-m", "pytest", "--python", sys.executable, "--format", "json", "--", *arguments)
    found = {m["name"] for m in json.loads(done.stdout)["modules"] if m["reach"] == "eager"}
    assert found & MARKERS == expected


SHAPES = """
    def __getattr__(name):
        if name == "Mode":
            import m1
            return str
        if name == "Path":
            import m2
            return str
        raise AttributeError(name)
"""
BY_NAME = {
    "the annotations of all commands of a typer application": """
        from __future__ import annotations
        import typer
        import shapes
        app = typer.Typer()
        @app.command()
        def build(mode: shapes.Mode = "fast"): import m3
        @app.command()
        def clean(path: "shapes.Path" = "here"): import m4
        app(["clean"], standalone_mode=False)
    """,
    "an object that says how it is built again": """
        import pickle
        class Own:
            def __reduce__(self): return make, (1,)
        def make(number): import m1
        class Kept:
            def __getstate__(self):
                import m2
                return {"a": 1}
            def __setstate__(self, state): import m3
        for value in (Own(), Kept()): pickle.loads(pickle.dumps(value))
        pickle.loads(b"cm4\\nX\\n.")
    """,
    "attributes by their names": """
        import operator, shapes
        operator.attrgetter("Mode.__name__")(shapes)
    """,
    "what a pydantic model is made of": """
        from pydantic import BaseModel, ConfigDict
        from pydantic_core import core_schema
        class Type:
            @classmethod
            def __get_pydantic_core_schema__(cls, source, handler):
                import m1
                return core_schema.int_schema()
        class Base(BaseModel):
            @classmethod
            def __pydantic_init_subclass__(cls, **more): import m2
        class Model(Base):
            one: Type | None = None
        class Late(BaseModel):
            model_config = ConfigDict(defer_build=True)
            one: Type | None = None
        import m3
    """,
}


@pytest.mark.parametrize("code", BY_NAME.values(), ids=BY_NAME)
def test_what_libraries_look_up_and_call_is_loaded_for_certain(compared, code):
    certain, possible, real = compared({"app.py": code, "shapes.py": SHAPES, "m4.py": "X = 1"})
    assert (certain, possible) == (real, set())
    assert real


def test_what_a_configuration_of_logging_names_is_loaded(compared):
    code = """
        import logging, logging.config
        class Own(logging.Handler):
            def __init__(self, target=None):
                super().__init__()
                import m3
        logging.config.dictConfig({
            "version": 1,
            "formatters": {"f": {"()": "shapes.Mode"}},
            "handlers": {
                "h": {"()": Own, "target": "ext://m4.X", "formatter": "f"},
                "n": {"class": "logging.NullHandler"},
            },
            "root": {"handlers": ["h"]},
        })
    """
    certain, possible, real = compared({"app.py": code, "shapes.py": SHAPES, "m4.py": "X = 1"})
    # The handler is made inside a `try` of `logging.config` with arguments that are not all known: m3 is only possible.
    assert (certain, possible, certain | possible) == ({"m1", "m4"}, {"m3"}, real)


def test_a_class_that_a_yaml_file_names_below_a_key_is_possible(start_of):
    """The program walks what it has read by itself, a path or none may come from outside."""
    code = """
        import importlib, os, yaml
        from pathlib import Path

        def made(config):
            if isinstance(config, dict):
                if "class" in config:
                    module, _, name = config["class"].rpartition(".")
                    getattr(importlib.import_module(module), name)
                for value in config.values():
                    made(value)

        given = os.environ.get("LOG")
        if given:
            path = given
        else:
            path = Path(__file__).parent / "log.yml"
        made(yaml.safe_load(Path(path).read_text()))
    """
    files = {
        "yaml.py": "def safe_load(text): return object()",
        "log.yml": "version: 1\nhandlers:\n  one:\n    class: one.Handler\n",
    }
    trace, _ = start_of(code, files)
    assert {m.name: m.certainty for m in trace.modules}.get("one") is Certainty.POSSIBLE
