"""A preload for each kind of program that forks workers, as it takes it; and for programs."""

from __future__ import annotations

import json

from importguard.preload import Missed, Preload
from importguard.printable import inert_json, plain
from importguard.project.start import Project
from importguard.startup.trace import ForkHazard

SCHEMA = 1


def preload_text(found: Preload, program: str, project: Project) -> str:
    """What *program* ("forkserver", "gunicorn" or "celery") reads, with comments that say why."""
    count = len(found.modules)
    lines = [
        f"# importguard manifest --for {program}: {count} module{'s' * (count != 1)} that workers load and the preload "
        f"misses, about {found.cost_us / 1000:,.0f} ms in each."
    ]
    lines += _FORMS[program]([_line(one, project, program) for one in found.modules])
    for missed, hazard in found.unsafe:
        lines.append(
            f"# Not {plain(missed.module)}: {_said(hazard, project)}; a fork afterwards does not go with that."
        )
    lines += [f"# The start itself is not safe to fork: {_said(one, project)}." for one in found.at_start]
    return "\n".join(lines) + "\n"


def _said(hazard: ForkHazard, project: Project) -> str:
    place = f"{plain(project.relative(hazard.location.path))}:{hazard.location.line}"
    return f"{plain(hazard.module)} {hazard.what} while it is imported ({place})"


def _line(one: Missed, project: Project, program: str) -> str:
    place = f"{plain(project.relative(one.site.location.path))}:{one.site.location.line}"
    about = f"{one.cost_us / 1000:,.0f} ms, {place}"
    return f"    import {one.module}  # {about}" if program == "gunicorn" else f'    "{one.module}",  # {about}'


def _forkserver(lines: list[str]) -> list[str]:
    return [
        "import multiprocessing",
        "",
        "multiprocessing.set_forkserver_preload([",
        '    "__main__",',
        *lines,
        "])",
    ]


def _gunicorn(lines: list[str]) -> list[str]:
    return ["preload_app = True", "", "", "def on_starting(server):", *(lines or ["    pass"])]


def _celery(lines: list[str]) -> list[str]:
    return ["imports = (", *lines, ")"]


_FORMS = {"forkserver": _forkserver, "gunicorn": _gunicorn, "celery": _celery}


def render_preload(found: Preload, program: str, project: Project) -> str:
    """`schema, for, cost_us, modules, unsafe, at_start`."""

    def module(one: Missed) -> dict[str, object]:
        place = {"path": project.relative(one.site.location.path), "line": one.site.location.line}
        return {"module": one.module, "cost_us": one.cost_us, "modules": len(one.added), **place}

    def hazard(one: ForkHazard) -> dict[str, object]:
        place = {"path": project.relative(one.location.path), "line": one.location.line}
        return {"module": one.module, "what": one.what, **place}

    data = {
        "schema": SCHEMA,
        "for": program,
        "cost_us": found.cost_us,
        "modules": [module(one) for one in found.modules],
        "unsafe": [{**module(one), "because": hazard(why)} for one, why in found.unsafe],
        "at_start": [hazard(one) for one in found.at_start],
    }
    return inert_json(json.dumps(data, indent=2))
