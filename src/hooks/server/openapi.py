"""The OpenAPI document: FastAPI's, with the token and the problems that every path may answer with."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from src.hooks.values import Problem

PROBLEM = {"$ref": "#/components/schemas/Problem"}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of *app*."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document.setdefault("components", {})
    schema = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.pop("$defs", {})
    components.setdefault("schemas", {}).update(parts, Problem=schema)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    return document
