"""The OpenAPI document: authentication, the input of every process, and an example of each request body."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from backend.api.routes.core.examples import example_of
from backend.cases.core.access import Processes

BEARER_SCHEME = {"type": "http", "scheme": "bearer", "description": "A token from `countersign token create`."}
OPEN = "/api/v1/processes/{process}/cases"
METHODS = {"get", "post", "put", "patch", "delete"}


def openapi_document(app: FastAPI, processes: Processes) -> dict[str, Any]:
    """The complete document, created once."""
    schema: dict[str, Any] = app.openapi()
    if "security" not in schema:
        schema["components"].setdefault("securitySchemes", {})["bearer"] = BEARER_SCHEME
        schema["security"] = [{"bearer": []}]
        _add_inputs(schema, processes)
        for operation in _operations(schema):
            _add_examples(operation, schema["components"]["schemas"])
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in schema["paths"].values():
        yield from (operation for method, operation in methods.items() if method in METHODS)


def _add_inputs(schema: dict[str, Any], processes: Processes) -> None:
    """The body that opens a case depends on its process, so every input model is listed."""
    components = schema["components"]["schemas"]
    names = {}
    for key, process in processes.items():
        model_schema = process.input.model_json_schema(ref_template="#/components/schemas/{model}")
        components.update(model_schema.pop("$defs", {}))
        name = process.input.__name__
        components[name], names[key] = model_schema, name
    content = schema["paths"][OPEN]["post"]["requestBody"]["content"]["application/json"]
    content["schema"] = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names.values()]}
    content["examples"] = {
        key: {"summary": processes[key].call_to_action, "value": example_of(components[name], components)}
        for key, name in names.items()
    }


def _add_examples(operation: dict[str, Any], components: dict[str, Any]) -> None:
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    for body in (*bodies, *operation["responses"].values()):
        for content in body.get("content", {}).values():
            if "example" not in content and "examples" not in content and content.get("schema"):
                content["example"] = example_of(content["schema"], components)
