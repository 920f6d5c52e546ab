"""The API reference is complete: every body has a valid example, and every operation lists its errors."""

from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from backend.api.routes.core.openapi import OPEN, openapi_document
from backend.kit.process import Process
from backend.processes import PROCESSES, by_key


@pytest.fixture
def schema(app: FastAPI) -> dict[str, Any]:
    return openapi_document(app, by_key())


def contents(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every body in the reference, with a name for messages."""
    found = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for part, body in bodies.items():
                found += [(f"{method} {path} {part}", content) for content in body.get("content", {}).values()]
    return found


def test_every_body_has_an_example_that_fits_its_schema(schema: dict[str, Any]) -> None:
    assert len(contents(schema)) > 50
    for name, content in contents(schema):
        examples = [one["value"] for one in content.get("examples", {}).values()] or [content["example"]]
        whole = {**content["schema"], "components": schema["components"]}
        for example in examples:
            problems = [error.message for error in Draft202012Validator(whole).iter_errors(example)]
            assert not problems, (name, problems, example)


def test_every_call_says_which_problems_it_answers_with(schema: dict[str, Any]) -> None:
    assert len(schema["paths"]) > 40
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403", "404", "422", "503"} <= set(operation["responses"]), (method, path)
            assert operation["summary"], (method, path)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.key)
def test_the_example_of_every_process_can_be_sent_as_it_stands(schema: dict[str, Any], process: Process) -> None:
    content = schema["paths"][OPEN]["post"]["requestBody"]["content"]["application/json"]
    example = content["examples"][process.key]["value"]
    assert process.input.model_validate(example)
    with pytest.raises(ValidationError):
        process.input.model_validate({**example, "no such field": 1})
