"""Schemathesis: operations of the OpenAPI document, with what fits each and what does not: of those
that every noun has some every day, and all under torture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import BaseSchema
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cerebro_server.app import create_app
from tests.fixtures.everyday import is_due
from tests.fixtures.stores import Installation
from tests.fuzz.conftest import OPERATION_EXAMPLES, fuzzing

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
OPERATIONS = [
    (path, method, operation["operationId"], mode)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or path.startswith("/v1/")  # probes take nothing
    if is_due(operation["operationId"])
]


@pytest.fixture(scope="module")
def schema(fuzzed: Installation) -> BaseSchema:
    chosen = fuzzed.settings.model_copy(update={"log_level": "error"})
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(chosen))


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # schemathesis does
@pytest.mark.parametrize(("path", "method", "name", "mode"), OPERATIONS, ids=str)
def test_answers_as_the_document_says(
    schema: BaseSchema, fuzzed: Installation, path: str, method: str, name: str, mode: Any
) -> None:
    operation = schema[path][method]
    assert operation.definition.raw["operationId"] == name
    headers = {"Authorization": f"Bearer {fuzzed.api_key}"}

    @settings(fuzzing, max_examples=OPERATION_EXAMPLES)
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    answers()
