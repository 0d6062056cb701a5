"""Whether an answer fits its JSON Schema. Heavy: imports jsonschema, is reached through the warmup only.

Nothing is fetched: a reference to another document is an error of the schema.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import referencing

from src.structured.fit import Fit

MAX_ANSWER = 2_000_000  # characters
MAX_ERRORS = 20
MAX_SENTENCE = 300  # characters of what is wrong in one place, which repeats what is there


def check_schema(schema: str) -> str:
    """Why *schema* is none; empty when it is one."""
    value = json.loads(schema)
    try:
        jsonschema.validators.validator_for(value, jsonschema.Draft202012Validator).check_schema(value)
    except jsonschema.SchemaError as error:
        return f"The schema is wrong at {error.json_path}: {_short(error.message)}."
    except RecursionError:
        return "The schema is nested too deep."
    return ""


def _short(text: str) -> str:
    return text if len(text) <= MAX_SENTENCE else f"{text[:MAX_SENTENCE]}..."


def check(text: str, schema: str) -> Fit:
    """How the answer *text* fits *schema*."""
    if len(text) > MAX_ANSWER:
        return Fit(None, (f"The answer has more than {MAX_ANSWER:,} characters.",))
    try:
        value: Any = json.loads(_inner(text))
    except (ValueError, RecursionError) as error:
        return Fit(None, (f"The answer is no JSON: {error}.",))
    if wrong := check_schema(schema):
        return Fit(value, (wrong,))
    parsed = json.loads(schema)
    kind = jsonschema.validators.validator_for(parsed, jsonschema.Draft202012Validator)
    try:
        validator = kind(parsed, registry=referencing.Registry())
        found = [
            f"{one.json_path}: {_short(one.message)}"
            for one, _ in zip(validator.iter_errors(value), range(MAX_ERRORS), strict=False)
        ]
    except (jsonschema.SchemaError, referencing.exceptions.Unresolvable, RecursionError) as error:
        return Fit(value, (f"The schema cannot be followed: {error}.",))
    return Fit(value, tuple(found))


def _inner(text: str) -> str:
    """*text* without a fence around it, which models without a mode for JSON put there."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```"):
        return stripped.removesuffix("```").partition("\n")[2]
    return stripped
