"""The problems that a REST call can return, for the API reference."""

from typing import Any

from backend.api.routes.core.problem_schema import Problem

_MEANINGS = {
    400: "The body is invalid, or a header is missing: `bad_request`, `idempotency_key_missing`.",
    401: "The token is missing, unknown or revoked: `not_signed_in`.",
    403: "No permission: `not_allowed`, `four_eyes`, `not_a_candidate`, `csrf`.",
    404: "Does not exist, or no access: `not_found`.",
    409: "Nothing was changed: `already_decided`, `stale_version`, `deadline_passed`, `case_closed`, "
    "`in_progress`, `action_not_offered`.",
    413: "The body is too large.",
    422: "The input is invalid: `validation_failed`, `idempotency_key_reused`, `comment_needed`.",
    503: "The database or Temporal is not responding: `database_away`, `temporal_away`. Nothing was saved, "
    "unless `detail` says that this is not certain. A retry with the same `Idempotency-Key` is safe.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": meaning,
        "model": Problem,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, meaning in _MEANINGS.items()
}
