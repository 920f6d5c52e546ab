"""Whether an effect is what people approved: asked of the arbiter's rows before anything happens outside."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ARRAY, Boolean, String, text
from sqlalchemy.dialects.postgresql import JSONB

from backend.cases.core.access import Processes
from backend.cases.core.envelope import digest_of
from backend.database.engine import Database
from backend.kit.approval import ApprovalState, Approved
from backend.kit.i18n import N_
from backend.kit.process import Process

# The form in the version that was approved, and the state of every approval of the last round.
_ROWS = text("""
    SELECT c.process, coalesce(v.input, c.input) AS input, v.input IS NOT NULL AS known, (
        SELECT array_agg(a.state) FROM approvals a
        WHERE a.case_id = c.id AND a.round = (SELECT max(round) FROM approvals WHERE case_id = c.id)
    ) AS states
    FROM cases c LEFT JOIN case_versions v ON v.case_id = c.id AND v.version = :version
    WHERE c.reference = :reference
""").columns(process=String, input=JSONB, known=Boolean, states=ARRAY(String))
_PROCEEDS = {ApprovalState.APPROVED, ApprovalState.NOT_NEEDED}
Fits = Callable[[Any, Any], bool]


async def refusal_of_effect(
    database: Database,
    processes: Processes,
    activity: str,
    argument: Any,
    *,
    tenant: str,
    reference: str,
    approved: Approved | None,
) -> str:
    """Why this effect must not happen, in words for people; empty if it may."""
    async with database.transaction(tenant) as session:
        given = {"reference": reference, "version": approved.version if approved else None}
        row = (await session.execute(_ROWS, given)).mappings().first()
    if row is None:
        return N_("It belongs to no case, so it was refused.")
    process = processes.get(row["process"])
    if process is None or activity not in {each.__name__ for each in process.activities}:
        return N_("It belongs to a case of another process, so it was refused.")
    fits = _fits(process, activity)
    if fits is None:
        return ""
    return _refusal(process, row, approved) or _misfit(fits, process, row["input"], argument)


def _fits(process: Process, activity: str) -> Fits | None:
    return next((each.fits for each in process.approved_effects if each.activity.__name__ == activity), None)


def _refusal(process: Process, row: Mapping[str, Any], approved: Approved | None) -> str:
    states = row["states"] or []
    if not _PROCEEDS.issuperset(states) or (process.steps is not None and not states):
        return N_("It was not approved, so it was refused.")
    # Without a digest a release before ordered it; the form of the case is compared all the same.
    if approved is not None and not (row["known"] and digest_of(row["input"]) == approved.digest):
        return N_("The form is not the one that was approved, so it was refused.")
    return ""


def _misfit(fits: Fits, process: Process, form: dict[str, Any], argument: Any) -> str:
    if fits(process.input.model_validate(form), argument):
        return ""
    return N_("It differs from what was approved, so it was refused.")
