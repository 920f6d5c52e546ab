"""REST: the email log, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from backend.api.routes.core.dependencies import After, Db, Limit
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.api.routes.notifications.schemas import DeliveryOut, DeliveryPage
from backend.cases.mailer.deliveries import DeliveryFilter, DeliveryLine, DeliveryState, list_deliveries, resend

router = APIRouter(prefix="/deliveries", tags=["deliveries"], dependencies=[ADMIN], responses=PROBLEMS)


def _listed(line: DeliveryLine) -> DeliveryOut:
    return DeliveryOut(**{**vars(line), "id": str(line.id), "to": line.person_id})


@router.get("", name="api:deliveries:list", summary="List emails and their delivery status")
async def list_all(
    person: CurrentPerson,
    database: Db,
    state: DeliveryState | None = None,
    to: Annotated[str, Query(max_length=60)] = "",
    case: Annotated[str, Query(max_length=40)] = "",
    after: After = "",
    limit: Limit = 50,
) -> DeliveryPage:
    """Newest first."""
    async with database.transaction(person.tenant) as session:
        page = await list_deliveries(session, person, DeliveryFilter(state, to, case), after, limit)
    return DeliveryPage(items=[_listed(line) for line in page.items], next=page.next)


@router.post("/{delivery_id}/resend", name="api:deliveries:resend", summary="Resend an email")
async def send_again(delivery_id: UUID, person: CurrentPerson, database: Db) -> DeliveryOut:
    """Queues the email again; 409 `still_under_way` if it is still being sent."""
    return _listed(await resend(database, delivery_id, by=person))
