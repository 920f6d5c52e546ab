"""Remove what nobody needs any more, some batches at a time."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.operations import retention


@activity.defn
async def remove_leftovers(sweep: retention.Sweep) -> retention.Swept:
    """Safe to repeat and to run twice: each row is counted by the run that removed it."""
    done = next(iter(activity.info().heartbeat_details), 0)
    return await retention.sweep(services().database, services().files, sweep, done, activity.heartbeat)
