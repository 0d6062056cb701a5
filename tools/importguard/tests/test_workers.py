"""What servers and workers run besides their own code: gunicorn's application, Celery's."""

import json
import subprocess
import sys

import pytest

APP = "import colorsys\ndef application(environ, start): ...\napp = application\n"
# As Celery finds an application, and the parts of a worker that are named by texts.
CELERY = {
    "celery/__init__.py": "from celery.app.base import Celery\n",
    "celery/app/__init__.py": "",
    "celery/app/base.py": "class Celery:\n    Worker = None\n    def __init__(self, name): self.name = name\n",
    "celery/app/utils.py": "def find_app(name): raise NotImplementedError\n",
    "celery/apps/__init__.py": "",
    "celery/apps/worker.py": """
        from celery.worker.worker import WorkController
        class Worker(WorkController): ...
        """,
    "celery/worker/__init__.py": "",
    "celery/worker/worker.py": """
        class WorkController:
            class Blueprint: default_steps = {"celery.worker.hub:Hub"}
            def __init__(self): self.setup_instance()
            def setup_instance(self): ...
        """,
    "celery/worker/hub.py": "class Hub: ...\n",
    "celery/worker/consumer/__init__.py": "",
    "celery/worker/consumer/consumer.py": "class Consumer:\n    class Blueprint: default_steps = []\n",
    "start.py": """
        import sys
        from celery.app.utils import find_app
        app = find_app(sys.argv[1])
        if app.name == "shop": import wave
        app.Worker()
        """,
}


def eager(run, *arguments):
    """The certainty of each module that the start loads, by its name; and the places that were not followed."""
    done = run("graph", *arguments)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    found = {one["name"]: one["certainty"] for one in document["modules"] if one["reach"] == "eager"}
    return found, [one["reason"] for one in document["stops"]]


@pytest.mark.parametrize(
    ("words", "certainty"),
    [
        (["--preload", "web:app"], "certain"),
        (["-b", "127.0.0.1:0", "--workers", "2", "--preload", "web:app"], "certain"),
        (["--preload", "web"], "certain"),  # `application` is what it looks for
        (["--timeout=5", "web:app"], "possible"),  # a worker loads it, which is another process
        (["--preload", "nowhere:app"], None),
    ],
)
def test_gunicorn_loads_the_application_that_its_arguments_name(run, write, words, certainty):
    write({"web.py": APP})
    found, _ = eager(run, "--command", "gunicorn", "--format", "json", "--", *words)
    assert (found.get("web"), found.get("colorsys")) == (certainty, certainty)


def test_gunicorn_loads_what_really_loads_when_it_preloads(run, write):
    root = write({"web.py": APP})
    found, _ = eager(run, "--command", "gunicorn", "--format", "json", "--", "--preload", "--check-config", "web:app")
    code = (
        "import sys\nfrom gunicorn.app.wsgiapp import run\n"
        "sys.argv = ['gunicorn', '--preload', '--check-config', 'web:app']\n"
        "try: run()\nexcept SystemExit: pass\nprint(*(one for one in ('web', 'colorsys') if one in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=240)
    assert done.stdout.split() == [name for name in ("web", "colorsys") if found.get(name) == "certain"]


def test_without_arguments_gunicorn_may_load_the_usual_application(run, write):
    write({"wsgi.py": APP, "other.py": "import wave"})
    found, _ = eager(run, "--command", "gunicorn", "--format", "json")
    assert (found.get("wsgi"), found.get("other")) == ("possible", None)


def test_settings_of_gunicorn_in_a_file_are_a_place_that_is_not_followed(run, write):
    write({"web.py": APP, "gunicorn.conf.py": "import wave\n"})
    _, stops = eager(run, "--command", "gunicorn", "--format", "json", "--", "--preload", "web:app")
    assert "gunicorn.conf.py is not followed" in stops


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("tasks", {"tasks.py": "from celery import Celery\napp = Celery('shop')\n"}),
        ("tasks:queue", {"tasks.py": "from celery import Celery\nqueue = Celery('shop')\napp = Celery('other')\n"}),
        ("tasks", {"tasks.py": "from celery import Celery\nmine = Celery('shop')\n"}),
        ("shop", {"shop/__init__.py": "", "shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}),
    ],
    ids=["app", "named", "the only one", "a package"],
)
def test_celery_loads_the_application_that_is_named_and_the_steps_of_its_worker(run, write, name, files):
    write({**CELERY, **files})
    found, _ = eager(run, "start.py", "--format", "json", "--", name)
    loaded = [
        "wave",
        "celery.apps.worker",
        "celery.worker.hub",
        *(one.removesuffix(".py") for one in files if "/" not in one),
    ]
    assert {name: found.get(name) for name in loaded} == dict.fromkeys(loaded, "certain")


def test_without_a_name_celery_may_load_the_usual_application(run, write):
    write({**CELERY, "tasks.py": "from celery import Celery\napp = Celery('shop')\n"})
    assert eager(run, "start.py", "--format", "json")[0].get("tasks") == "possible"
