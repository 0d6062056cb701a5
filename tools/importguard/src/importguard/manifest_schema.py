"""The JSON Schema of the manifest's file, generated from the types that the runtime reads it into. Pure.

`warmup_manifest.schema.json` beside this file is its committed text; a test holds the two together.
"""

from __future__ import annotations

import json
from inspect import cleandoc
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from importguard.warmup import SCHEMA, WARM_CALLS, WarmupJob, WarmupManifest

FILE = "warmup_manifest.schema.json"
_REQUIRED = {"schema", "jobs", "module"}
_LIMITS: dict[str, dict[str, Any]] = {
    "schema": {"ge": 1, "le": SCHEMA},
    "module": {"pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)*$"},
    "factory": {"pattern": r"^[^:]+:[^:]+$"},
    "cost_us": {"ge": 0},
    "group": {"ge": 0},
}
_TEXTS = {
    "schema": "The version of this format.",
    "entry": "The script, relative to the project, or the module that the analysis started from.",
    "jobs": "What to import, in this order.",
    "fingerprint": "A digest of what the sources ask for; it tells the running program that the manifest is stale.",
    "sources": "The project's files and package folders, relative to the manifest's folder.",
    "warm_calls": f"Functions whose literal argument is a module to warm; {', '.join(WARM_CALLS)} by default.",
    "module": "The dotted name to import.",
    "factory": "package.module:callable, called after the import: building a client is part of being ready.",
    "priority": "Higher goes first: what the user needs first.",
    "reason": "The places in the code that need the module.",
    "cost_us": "Microseconds that the import adds, where `importguard measure` was run and its file committed.",
    "group": "Jobs of one group load together: one after another, never beside each other.",
}


def manifest_schema() -> str:
    """The schema's text."""
    job = _struct(WarmupJob, {})
    schema = msgspec.json.schema(_struct(WarmupManifest, {"jobs": tuple[job, ...]}))  # type: ignore[valid-type]
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Warmup manifest of importguard",
        **schema,
    }
    return json.dumps(schema, indent=2) + "\n"


def _struct(kind: Any, replaced: dict[str, Any]) -> type[msgspec.Struct]:
    """The NamedTuple *kind* as a struct: that is what its JSON is, an object."""
    hints = get_type_hints(kind) | replaced
    fields: list[Any] = []
    for name in kind._fields:
        annotated = Annotated[_limited(hints[name], _LIMITS.get(name, {})), msgspec.Meta(description=_TEXTS[name])]  # type: ignore[valid-type]
        default = () if name in _REQUIRED else (kind._field_defaults.get(name, ""),)
        fields.append((name, annotated, *default))
    return msgspec.defstruct(
        kind.__name__, fields, frozen=True, namespace={"__doc__": cleandoc(kind.__doc__)}, kw_only=True
    )


def _limited(hint: Any, limits: dict[str, Any]) -> Any:
    """*hint* within *limits*; they hold for the value of an optional one."""
    if not limits:
        return hint
    if get_origin(hint) is UnionType:
        limited: Any = _limited(get_args(hint)[0], limits)
        return limited | None
    return Annotated[hint, msgspec.Meta(**limits)]
