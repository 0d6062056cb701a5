"""What a question on the terminal is made of, before it is asked: project, preset, discussion, template, schema."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from src.project.file import ProjectError
from src.request import templates
from src.storage.stored_file import regular
from src.structured import schema
from src.structured.checked import check_schema
from src.value import Value

if TYPE_CHECKING:
    from src.app_controller import AppController

READ_S = 60.0  # that a project or a discussion may take to be read
LAST = "last"


class Setting(Value):
    """Where a question is asked: all empty for a new discussion without a project.

    `discussion` is the name of one to go on with, or `last`; `given` are the places of the template by name.
    """

    project: str = ""
    preset: str = ""
    discussion: str = ""
    template: str = ""
    given: tuple[tuple[str, str], ...] = ()
    schema: str = ""


HERE = Setting()


def prepare(controller: AppController, setting: Setting, text: str) -> str:
    """Opens what *setting* names; the text to ask. Raises ValueError or OSError with a sentence."""
    if setting.project:
        _open_project(controller, setting)
    elif setting.preset:
        raise ValueError("--preset is one of a project's: name the project with --project.")
    if setting.discussion:
        _open_discussion(controller, setting.discussion)
    if setting.schema:
        _choose_schema(controller, os.path.expanduser(setting.schema))
    if setting.template:
        found = templates.read(controller.templates_folder, setting.template)
        return templates.fill(found, text, dict(setting.given))
    if setting.given:
        raise ValueError("--set fills the places of a template: name one with --template.")
    return text


def _choose_schema(controller: AppController, path: str) -> None:
    try:
        with open(path, encoding="utf-8", opener=regular) as file:
            text = schema.read(file.read(schema.MAX_SCHEMA + 1))
        controller.wait_for_warmup(READ_S)
        check_schema(text)
        controller.composer.set_schema(text)
    except (OSError, ValueError) as error:
        raise ValueError(f"The schema {path} cannot be used: {getattr(error, 'strerror', None) or error}") from error


def _open_project(controller: AppController, setting: Setting) -> None:
    path = os.path.abspath(os.path.expanduser(setting.project))
    controller.project.open(path).result(READ_S)
    project = controller.project.snapshot().project
    if project is None:
        raise ProjectError(f"{path} is not open: {controller.project.snapshot().notice or 'no project is there'}.")
    if setting.preset:
        if setting.preset not in project.presets:
            there = ", ".join(project.presets) or "none"
            raise ProjectError(f"{project.path} has no preset {setting.preset!r}; it has {there}.")
        controller.use_preset(project.presets[setting.preset])


def _open_discussion(controller: AppController, name: str) -> None:
    discussion = controller.discussion
    discussion.refresh().result(READ_S)
    known = [one.name for one in discussion.snapshot().known]
    if name == LAST:
        if not known:
            raise ValueError("There is no discussion yet to go on with.")
        name = max(discussion.snapshot().known, key=lambda one: one.modified).name
    elif name not in known:
        titles = [one.name for one in discussion.snapshot().known if one.title == name]
        if len(titles) != 1:
            raise ValueError(f"There is no discussion {name!r}; the newest are {', '.join(known[:5]) or 'none'}.")
        name = titles[0]
    discussion.open(name).result(READ_S)
    state = discussion.snapshot()
    if state.read_only:
        raise ValueError(f"The discussion {name} is read-only here. {state.notice}")
