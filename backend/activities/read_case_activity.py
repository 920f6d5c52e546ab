"""Read what the rows of a case say that its workflow does not know yet."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.lifecycle import case_rows


@activity.defn
async def read_case(known: case_rows.KnownRows) -> case_rows.CaseRows:
    """Verdicts, versions of the form, actions and the withdrawal. Changes nothing, so it is safe to repeat."""
    return await case_rows.read_case(services().database, known)
