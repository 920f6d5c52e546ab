"""End the offer of case actions."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.lifecycle import case_actions
from backend.kit.action import ActionTaken


@activity.defn
async def close_offer(closing: case_actions.CloseOffer) -> ActionTaken | None:
    """Close it; returns the action that was taken in time. Safe to repeat."""
    return await case_actions.close_offer(services().database, closing)
