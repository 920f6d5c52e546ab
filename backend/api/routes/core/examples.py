"""Examples for the API reference, generated from JSON Schema."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

Schema = Mapping[str, Any]

# Example values by field name, for fields whose schema has no example.
KNOWN = {
    "reference": "PUR-000123",
    "workflow_id": "default.purchase_approval.PUR-000123",
    "run_id": "01996c2e-7d41-7a3b-8c22-6ec659a6e13c",
    "process": "purchase_approval",
    "title": "Standing desks for the dispatch office",
    "opened_by": "ann",
    "requester": "Ann Berger",
    "by": "mona",
    "decided_by": "mona",
    "may_answer": ["mona"],
    "amount": "4860.00",
    "currency": "EUR",
    "step": "manager",
    "label": "Manager",
    "question": "Buy standing desks for the dispatch office from Nordwerk Möbel GmbH?",
    "rule": "Mona Lind must answer.",
    "who": "Mona Lind",
    "comment": "Fits the plan of this quarter.",
    "reason": "The offer was withdrawn.",
    "text": "The new offer is attached.",
    "sentence": "Mona Lind has to approve Standing desks for EUR 4,860.00",
    "cost_centre": "4200",
    "email": "ann@example.com",
    "next": None,
    "publish_at": None,  # as soon as it is reviewed
    "state": "open",
    "status": "running",
}
MAX_DEPTH = 6


def example_of(schema: Schema, components: Schema, name: str = "", depth: int = 0) -> Any:
    """A value for this schema: its own example or default, a known value of its name, or one of its type."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rsplit("/", 1)[1]], components, name, depth)
    if schema.get("examples"):
        return _as_sent(schema, schema["examples"][0])
    for key in ("example", "const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return KNOWN[name] if KNOWN.get(name) in schema["enum"] else schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return _of_alternatives(schema[key], components, name, depth)
    return _of_type(schema, components, name, depth)


def _as_sent(schema: Schema, example: Any) -> Any:
    """A form takes some lists in one field, separated by commas; REST sends a list."""
    is_list = schema.get("type") == "array" and isinstance(example, str)
    return example.split(", ") if is_list else example


def _of_alternatives(alternatives: list[Schema], components: Schema, name: str, depth: int) -> Any:
    if name in KNOWN and KNOWN[name] is None:
        return None
    kinds = [each for each in alternatives if each.get("type") != "null"]
    if {each.get("type") for each in kinds} == {"number", "string"}:
        return KNOWN["amount"]  # exact decimals are strings
    return example_of((kinds or alternatives)[0], components, name, depth)


def _of_type(schema: Schema, components: Schema, name: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _of_object(schema, components, depth)
    if kind == "array":
        return _of_array(schema, components, name, depth)
    if kind == "string":
        return _of_string(schema, name)
    numbers = {"integer": max(1, int(schema.get("minimum", 1))), "number": 1.0, "boolean": False}
    return numbers.get(str(kind))


def _of_object(schema: Schema, components: Schema, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        return {}
    parts: Schema = schema.get("properties", {})
    return {name: example_of(part, components, name, depth + 1) for name, part in parts.items()}


def _of_array(schema: Schema, components: Schema, name: str, depth: int) -> list[Any]:
    if isinstance(KNOWN.get(name), list):
        return list(KNOWN[name] or ())
    length = schema.get("minItems", 1 if "$ref" in schema.get("items", {}) else 0)
    return [example_of(schema["items"], components, name, depth + 1)] * length if depth <= MAX_DEPTH else []


def _of_string(schema: Schema, name: str) -> str:
    now = datetime(datetime.now(UTC).year, 9, 21, 9, 12, tzinfo=UTC)
    formats = {
        "date-time": now.isoformat().replace("+00:00", "Z"),
        "date": (date.today() + timedelta(days=30)).isoformat(),  # noqa: DTZ011 - any later day will do
        "uuid": "01996c2e-7d41-7a3b-8c22-6ec659a6e13c",
        "email": "ann@example.com",
        "duration": "P2D",
    }
    known = KNOWN.get(name)
    return formats.get(schema.get("format", "")) or (known if isinstance(known, str) else name.replace("_", " "))
