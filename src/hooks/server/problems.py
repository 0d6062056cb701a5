"""Errors as problem details (RFC 9457): one shape for every answer that is not a success, and never a traceback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from starlette.exceptions import HTTPException

from src import api_hooks
from src.hooks.values import Invalid, Problem
from src.privacy.redactor import redact

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20
FAILED = "Sloppy failed at this; its log says more."

DETAILS = {
    HTTPStatus.NOT_FOUND: "There is no such path; docs/openapi.json lists those that there are.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path does not take this method; the Allow header lists those it takes.",
    HTTPStatus.BAD_REQUEST: "The body is not JSON that can be read.",
}


def problem(status: int, detail: str, errors: tuple[Invalid, ...] = ()) -> Problem:
    """A problem of no further type than its status."""
    return Problem("about:blank", HTTPStatus(status).phrase, status, detail, errors)


def body_of(found: Problem) -> bytes:
    """*found* as JSON."""
    return json.dumps(asdict(found)).encode()


def install(app: FastAPI) -> None:
    """Makes *app* answer every error of its own with a problem."""
    app.add_exception_handler(api_hooks.HookError, _refuse)
    app.add_exception_handler(HTTPException, _explain)
    app.add_exception_handler(RequestValidationError, _correct)
    app.add_exception_handler(ResponseValidationError, _apologise)
    app.add_exception_handler(Exception, _apologise)


def _answer(
    status: int, detail: str, errors: tuple[Invalid, ...] = (), headers: Mapping[str, str] | None = None
) -> Response:
    return Response(body_of(problem(status, detail, errors)), status, headers, MEDIA_TYPE)


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, api_hooks.HookError)  # noqa: S101  for mypy: handlers are looked up by this type
    return _answer(error.status, redact(str(error)))  # it may repeat what was asked, or what a library said


async def _explain(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    detail = DETAILS.get(HTTPStatus(error.status_code), str(error.detail))
    return _answer(error.status_code, detail, headers=error.headers)


async def _correct(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # What was sent is not repeated: it may be long, or a secret.
    found = tuple(
        Invalid(".".join(str(step) for step in row["loc"]), str(row["msg"])) for row in error.errors()[:MAX_ERRORS]
    )
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "The request does not fit this path; see `errors`.", found)


async def _apologise(_request: Request, _error: Exception) -> Response:
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, FAILED)
