"""Django: applications with their models, management commands, and what a check or a server loads.

Django's own code asks files, databases and the command line at every step. Which modules it imports hangs on the
settings alone, so that is what this model does: applications in the order of INSTALLED_APPS, and by what each asks for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from importguard.startup.machine.branches import perhaps
from importguard.startup.models.folders import listed
from importguard.startup.models.library import Library
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MISSING, UNKNOWN, Abstract, Invocation, Raised, Value, truth
from importguard.startup.values.classes import ClassValue
from importguard.startup.values.dicts import DictValue
from importguard.startup.values.functions import FunctionValue
from importguard.startup.values.instances import Instance
from importguard.startup.values.lists import ListValue
from importguard.startup.values.modules import ModuleValue

SETTINGS = "DJANGO_SETTINGS_MODULE"
_USUAL = ("check", "runserver")  # what a command line of which nothing is known most likely says
_ERROR_PAGES = ("django.conf.urls", "django.views.defaults")
_CHECKED_COMMANDS = ("makemigrations", "migrate")  # by django.core.checks.commands


def _import(name: str, call: Invocation) -> Value:
    """The module *name*. We assume that this application loads: one that fails would be a start that fails."""
    try:
        return call.machine.import_dynamic(name, call)
    except Raised:
        return UNKNOWN


def _is_there(name: str, call: Invocation) -> bool:
    """Whether the submodule *name* of a package that is loaded can be found."""
    parent = call.machine.modules.get(name.rpartition(".")[0])
    return parent is not None and call.machine.find(name, parent) is not None


def _read(value: Value, name: str, call: Invocation) -> Value:
    found = call.machine.attribute(value, name, call.frame)
    return UNKNOWN if found is MISSING else found


def _setting(name: str, call: Invocation) -> Value:
    """The setting *name*: UNKNOWN where it is not known or no settings module has been named."""
    conf = call.machine.modules.get("django.conf")
    if conf is None or call.machine.variables.ask(SETTINGS, Origin.THIRD_PARTY, "django.conf") is MISSING:
        return UNKNOWN
    try:
        return _read(conf.namespace.get("settings", UNKNOWN), name, call)
    except Raised:
        return UNKNOWN


# Applications


def _populate(call: Invocation, _own: Abstract) -> Value:
    """`Apps.populate(installed_apps)`: the applications, then their models, then `ready()` of each."""
    registry, machine = call.first(), call.machine
    entries = machine.items_of(call.get(1, "installed_apps"))
    if not isinstance(registry, Instance) or truth(registry.attributes.get("ready", False), machine):
        return None
    if entries is None:
        return machine.computed_import(call)
    made = [config for config in (_config(entry, registry, call) for entry in entries[0]) if config is not None]
    labels = {str(config.attributes["label"]): config for config in made}
    registry.set_attribute("app_configs", DictValue.of_names(dict(labels), not entries[1]), machine)
    registry.set_attribute("apps_ready", True, machine)
    for config in made:
        _import_part(config, "models", call)
    registry.set_attribute("models_ready", True, machine)
    for config in made:
        try:
            machine.invoke(machine.attribute(config, "ready", call.frame))
        except Raised:
            continue  # as `_import`
    registry.set_attribute("ready", True, machine)
    return None


def _config(entry: Value, registry: Instance, call: Invocation) -> Instance | None:
    """What `AppConfig.create(entry)` makes of an application or of the name of its configuration."""
    if not isinstance(entry, str):
        if entry is UNKNOWN:
            call.machine.computed_import(call)
        return entry if isinstance(entry, Instance) else None
    head, _, last = entry.rpartition(".")
    if head and last[:1].isupper():
        cls = _read(_import(head, call), last, call)
        name = _read(cls, "name", call)
    else:
        cls, name = _config_class(entry, call), entry
        own = _read(cls, "name", call)
        name = own if isinstance(own, str) else name
    if not isinstance(name, str) or not isinstance(cls, ClassValue):
        return None
    module = _import(name, call)
    label = _read(cls, "label", call)
    config = Instance(cls)
    config.attributes.update({"name": name, "module": module, "apps": registry})
    config.attributes["label"] = label if isinstance(label, str) else name.rpartition(".")[2]
    config.attributes["path"] = _folder(module)
    config.open = True
    return config


def _config_class(application: str, call: Invocation) -> Value:
    """The only AppConfig in the application's `apps`, or its default; else the one that all have."""
    base = _read(call.machine.modules.get("django.apps.config", UNKNOWN), "AppConfig", call)
    _import(application, call)
    if not isinstance(base, ClassValue) or not _is_there(f"{application}.apps", call):
        return base
    module = _import(f"{application}.apps", call)
    names = module.namespace.values() if isinstance(module, ModuleValue) else ()
    found = {id(one): one for one in names if isinstance(one, ClassValue) and base in one.mro() and one is not base}
    chosen = [one for one in found.values() if one.lookup("default") is not False]
    if len(chosen) > 1:
        chosen = [one for one in chosen if one.lookup("default") is True]
    return chosen[0] if len(chosen) == 1 else base


def _folder(module: Value) -> Value:
    return module.locations[0] if isinstance(module, ModuleValue) and module.locations else UNKNOWN


def _name(config: Instance) -> str:
    return str(config.attributes["name"])


def _import_part(config: Instance, part: str, call: Invocation) -> Value:
    """The submodule *part* of an application that has one."""
    name = f"{_name(config)}.{part}"
    return _import(name, call) if _is_there(name, call) else UNKNOWN


def _applications(call: Invocation) -> Iterator[Instance]:
    registry = _read(call.machine.modules.get("django.apps.registry", UNKNOWN), "apps", call)
    configs = registry.attributes.get("app_configs") if isinstance(registry, Instance) else None
    for config in list(configs.items.values()) if isinstance(configs, DictValue) else ():
        if isinstance(config, Instance):
            yield config


def _autodiscover(call: Invocation) -> Value:
    """`autodiscover_modules("admin")`: that module of each application that has one."""
    for config in _applications(call):
        for part in call.args:
            if isinstance(part, str):
                _import_part(config, part, call)
    return None


# Models


def _make_model(call: Invocation, own: Abstract) -> Value:
    """`ModelBase.__new__`: a table's name is cut to what the database allows, so its backend is loaded."""
    cls, meta = call.machine.creating, call.first()
    if cls is None:
        return own.call(call)
    cls.open = True  # fields put descriptors and managers there
    about = cls.namespace.get("Meta")
    abstract = isinstance(about, ClassValue) and about.namespace.get("abstract") is True
    if not abstract and any(isinstance(base, ClassValue) and base.metaclass is meta for base in cls.bases):
        _load_backend(call)
    return cls


def _load_backend(call: Invocation) -> None:
    databases = _setting("DATABASES", call)
    default = databases.items.get("default", MISSING) if isinstance(databases, DictValue) else UNKNOWN
    engine = default.items.get("ENGINE", MISSING) if isinstance(default, DictValue) else default
    if engine is MISSING:
        engine = UNKNOWN if isinstance(default, DictValue) and default.open else "django.db.backends.dummy"
    if isinstance(engine, str):
        if f"{engine}.base" not in call.machine.modules:
            _import(f"{engine}.base", call)
    else:
        call.machine.computed_import(call)


# Commands


def _execute(call: Invocation, _own: Abstract) -> Value:
    """`ManagementUtility.execute()`: the settings, the applications, the command that the arguments name."""
    machine, utility = call.machine, call.first()
    line = utility.attributes.get("argv") if isinstance(utility, Instance) else None
    words = line.items[1:] if isinstance(line, ListValue) else []
    unknown = not isinstance(line, ListValue) or line.open
    _take_settings(words, call)
    installed = _setting("INSTALLED_APPS", call)
    configured = machine.variables.ask(SETTINGS, Origin.THIRD_PARTY, "django.conf") is not MISSING
    if configured:
        registry = _read(_import("django.apps.registry", call), "apps", call)
        _import("django.utils.log", call)
        machine.invoke(_read(registry, "populate", call), installed)
    command = words[0] if words else UNKNOWN if unknown else "help"
    if isinstance(command, str):
        if not command.startswith("-") and command not in {"help", "version"}:
            _run_command(command, words, unknown, call)
        return None
    machine.record_stop(call.frame, "the management command is not known: name it after --")
    for name in dict.fromkeys((*_USUAL, *_own_commands(call))) if configured else ():
        perhaps(machine, machine.frame, lambda name=name: _run_command(name, [], True, call))  # type: ignore[misc]
    return None


def _take_settings(words: list[Value], call: Invocation) -> None:
    """`--settings NAME` names the settings module."""
    for place, word in enumerate(words):
        if not isinstance(word, str) or word.partition("=")[0] != "--settings":
            continue
        given = word.partition("=")[2] or (words[place + 1] if place + 1 < len(words) else None)
        if isinstance(given, str):
            call.machine.heap.changing(call.machine.variables)
            call.machine.variables.set(SETTINGS, given)


def _own_commands(call: Invocation) -> Iterator[str]:
    """The commands of the project's own applications."""
    for config in _applications(call):
        module, path = config.attributes["module"], config.attributes["path"]
        if isinstance(module, ModuleValue) and module.origin == Origin.FIRST_PARTY and isinstance(path, str):
            for name in listed(os.path.join(path, "management", "commands"), call.machine) or ():
                if name.endswith(".py") and not name.startswith("_"):
                    yield name.removesuffix(".py")


def _run_command(name: str, words: list[Value], unknown: bool, call: Invocation) -> Value:
    """The command *name*: its module, the checks that it asks for, and its own code."""
    machine = call.machine
    owner = "django.core"
    for config in _applications(call):
        path = config.attributes["path"]
        file = os.path.join(path, "management", "commands", f"{name}.py") if isinstance(path, str) else ""
        if file and machine.finder.disk.ask("isfile", file):
            owner = _name(config)
    module = _import(f"{owner}.management.commands.{name}", call)
    if module is UNKNOWN:
        return None
    cls = _read(module, "Command", call)
    serves = isinstance(cls, ClassValue) and cls.lookup("inner_run") is not MISSING
    wanted = machine.items_of(_read(cls, "requires_system_checks", call))
    skipped = "--skip-checks" in words
    if not skipped and (serves or wanted is None or wanted[0]):
        _load_checked(call)
    if serves or truth(_read(cls, "requires_migrations_checks", call), machine):
        _load_migrations(call)
    command = machine.invoke(cls)
    if serves:
        return machine.invoke(_read(command, "get_handler", call))
    handle = _read(command, "handle", call)
    return machine.call(handle, [], {}, call.frame, complete=not unknown and len(words) == 1)


def _load_checked(call: Invocation) -> None:
    """What the system checks look at: addresses with their views, error pages, template tags."""
    routes = _setting("ROOT_URLCONF", call)
    if isinstance(routes, str):
        _import(routes, call)
        for name in _ERROR_PAGES:
            _import(name, call)
    for application in ("django", *(_name(config) for config in _applications(call))):
        if _is_there(f"{application}.templatetags", call):
            _import_all(f"{application}.templatetags", call)
    for name in _CHECKED_COMMANDS if "django.core.checks.commands" in call.machine.modules else ():
        _import(f"django.core.management.commands.{name}", call)
    _run_registered(call)


def _run_registered(call: Invocation) -> None:
    """The checks that applications have registered; Django's own of its core load nothing more."""
    machine = call.machine
    module = machine.modules.get("django.core.checks.registry")
    registry = module.namespace.get("registry", UNKNOWN) if module is not None else UNKNOWN
    found = machine.items_of(_read(registry, "registered_checks", call))
    given: dict[str, Value] = {"app_configs": None, "databases": None}

    def running(check: FunctionValue) -> Callable[[], object]:
        return lambda: machine.call(check, [], given, call.frame, complete=True)

    for check in found[0] if found is not None else ():
        if isinstance(check, FunctionValue) and not check.frame.module.name.startswith("django.core."):
            perhaps(machine, call.frame, running(check))


def _load_migrations(call: Invocation) -> None:
    """What a look for migrations that have not been applied reads."""
    _import("django.db.migrations.executor", call)
    for config in _applications(call):
        if _is_there(f"{_name(config)}.migrations", call):
            _import_all(f"{_name(config)}.migrations", call)


def _import_all(package: str, call: Invocation) -> None:
    """*package* and the modules in its folder."""
    folder = _folder(_import(package, call))
    for name in listed(folder, call.machine) or () if isinstance(folder, str) else ():
        if name.endswith(".py") and not name.startswith(("_", "~")):
            _import(f"{package}.{name.removesuffix('.py')}", call)


def _check(call: Invocation, _own: Abstract) -> Value:
    """`BaseCommand.check()`."""
    _load_checked(call)
    return None


def _check_migrations(call: Invocation, _own: Abstract) -> Value:
    """`BaseCommand.check_migrations()`."""
    _load_migrations(call)
    return None


LIBRARY = Library(
    functions={"django.utils.module_loading": {"autodiscover_modules": _autodiscover}},
    methods={
        "django.apps.registry": {"Apps.populate": _populate},
        "django.db.models.base": {"ModelBase.__new__": _make_model},
        "django.core.management": {"ManagementUtility.execute": _execute},
        "django.core.management.base": {
            "BaseCommand.check": _check,
            "BaseCommand.check_migrations": _check_migrations,
        },
    },
)
