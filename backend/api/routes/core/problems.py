"""The problems that every REST call may answer with, for its documentation."""

from typing import Any

from backend.api.routes.core.problem_schema import Problem

_MEANINGS = {
    400: "The body cannot be read, or a header is missing: `bad_request`, `idempotency_key_missing`.",
    401: "No token, or one that is unknown or revoked: `not_signed_in`.",
    403: "Not yours to do: `not_allowed`, `four_eyes`, `not_a_candidate`, `csrf`.",
    404: "Nothing there, or not yours to see: `not_found`.",
    409: "Nothing was changed: `already_decided`, `stale_version`, `deadline_passed`, `case_closed`, "
    "`in_progress`, `action_not_offered`.",
    413: "The body is too large.",
    422: "The input does not fit: `validation_failed`, `idempotency_key_reused`, `comment_needed`.",
    503: "The database or Temporal does not answer: `database_away`, `temporal_away`. Nothing was accepted, "
    "unless `detail` says that this is not certain; sent again with the same `Idempotency-Key`, nothing happens twice.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": meaning,
        "model": Problem,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, meaning in _MEANINGS.items()
}
