"""A JSON Schema as text, and as each provider takes it. Pure; `validation`, which is heavy, says what fits one."""

from __future__ import annotations

import json
from typing import Any

MAX_SCHEMA = 100_000  # characters
DEEPEST = 60  # levels of a schema that are changed for a provider


class SchemaError(ValueError):
    """A text that cannot be the schema of an answer; one sentence."""


def read(text: str) -> str:
    """The schema in *text* as it is sent, on one line. Raises SchemaError."""
    if len(text) > MAX_SCHEMA:
        raise SchemaError(f"A schema has at most {MAX_SCHEMA:,} characters.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"The schema is no JSON: {error}.") from error
    if not isinstance(value, dict) or value.get("type", "object") != "object":
        raise SchemaError('The schema of an answer is an object with "type": "object"; providers take no other.')
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def title_of(schema: str) -> str:
    """What the schema is called; "answer" when it says nothing."""
    value = json.loads(schema).get("title")
    return value if isinstance(value, str) and value else "answer"


def closed(schema: Any, deep: int = 0) -> Any:
    """*schema* with objects that take no other properties, which Anthropic and OpenAI insist on."""
    if deep > DEEPEST:
        return schema
    if isinstance(schema, list):
        return [closed(one, deep + 1) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(one, deep + 1) for name, one in schema.items()}
    if made.get("type") == "object" and isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


def is_strict(schema: Any, deep: int = 0) -> bool:
    """OpenAI can hold a model to the closed *schema*: each object requires all of its properties."""
    if deep > DEEPEST:
        return False
    if isinstance(schema, list):
        return all(is_strict(one, deep + 1) for one in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object":
        named = schema.get("properties")
        if not isinstance(named, dict) or set(schema.get("required", ())) != set(named):
            return False
        if schema.get("additionalProperties") is not False:
            return False
    return all(is_strict(one, deep + 1) for one in schema.values())
