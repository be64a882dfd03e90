"""The OpenAPI document: FastAPI's paths, and the wire schemas that our routes name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from cerebro_sdk.schemas.base import Page
from cerebro_sdk.schemas.query import Search
from cerebro_sdk.schemas.workspace.batches import BatchReport, BatchWrite
from cerebro_sdk.schemas.workspace.changes import Change
from cerebro_sdk.schemas.workspace.imports import ImportReport
from cerebro_sdk.schemas.workspace.timeline import RecordDiff, TimelineEntry
from cerebro_server.kernel.fields import RecordType

_REF = "#/components/schemas/{model}"


class ProblemError(BaseModel):
    """One thing that is wrong."""

    pointer: str | None = Field(default=None, description="JSON pointer to the field.")
    parameter: str | None = Field(default=None, description="The parameter.")
    line: int | None = Field(default=None, description="Line of the file.")
    column: int | None = Field(default=None, description="Column of that line.")
    label: str | None = Field(
        default=None, description="What the record that it is about is called."
    )
    code: str = Field(description="What is wrong, as a word that never changes.")
    detail: str = Field(description="What is wrong, for people.")


class ProblemReply(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="`urn:cerebro:problem:<code>`.")
    title: str = Field(description="The kind of problem.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, where, and what to do.")
    instance: str = Field(description="The path that was asked for.")
    code: str = Field(description="The kind of problem as a word that never changes.")
    request_id: str = Field(description="Finds the request in the logs.")
    errors: list[ProblemError] = Field(default=[], description="Each thing that is wrong.")


def install(
    app: FastAPI,
    record_types: Sequence[RecordType],
    *,
    replies: Sequence[type[BaseModel]],
    paged: Sequence[type[BaseModel]],
    payloads: Sequence[type[BaseModel]],
) -> None:
    """Make `app.openapi()` return the whole document.

    `replies` and `payloads` are the wire schemas of routes that are no noun's own; `paged` are the
    replies that are listed.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, record_types, replies, paged, payloads)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(
    app: FastAPI,
    record_types: Sequence[RecordType],
    other_replies: Sequence[type[BaseModel]],
    paged: Sequence[type[BaseModel]],
    other_payloads: Sequence[type[BaseModel]],
) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    replies: list[type[BaseModel]] = [ImportReport, BatchReport, Change, TimelineEntry, RecordDiff]
    replies += other_replies
    payloads: list[type[BaseModel]] = [Search, BatchWrite, *other_payloads]
    for record_type in record_types:
        replies.append(record_type.wire)
        payloads += [schema for schema in (record_type.create, record_type.update) if schema]
    _, definitions = models_json_schema(
        [(model, "serialization") for model in replies]
        + [(model, "validation") for model in payloads],
        ref_template=_REF,
    )
    schemas = definitions["$defs"]
    pages = [schema.__name__ for schema in replies if hasattr(schema, "noun")]
    listed: list[type[BaseModel]] = [TimelineEntry, *paged]
    for name in (*pages, *(model.__name__ for model in listed)):
        schemas[f"{name}Page"] = _page(name)
    schemas |= ProblemReply.model_json_schema(ref_template=_REF).pop("$defs")
    problem = ProblemReply.model_json_schema(ref_template=_REF)
    problem.pop("$defs")
    schemas["Problem"] = problem
    components = document.setdefault("components", {})
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = {
        "API key": {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer cbr_…`",
        },
        "Access token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "`Authorization: Bearer …`, with what `auth.login` returned.",
        },
    }
    _without_defaults(document)
    return document


def _page(record: str) -> dict[str, Any]:
    schema = Page.model_json_schema(ref_template=_REF)
    schema["title"] = f"{record}Page"
    schema["properties"]["items"]["items"] = {"$ref": _REF.format(model=record)}
    schema["required"] = ["items", "next_cursor"]
    return schema


def _without_defaults(document: dict[str, Any]) -> None:
    """Drop FastAPI's own replies to wrong parameters: ours are problems."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, reply in list(operation["responses"].items()):
                if "HTTPValidationError" in str(reply):
                    del operation["responses"][status]
