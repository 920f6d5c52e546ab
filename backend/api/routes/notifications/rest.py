"""REST: what you were told, and that you read it."""

from uuid import UUID

from fastapi import APIRouter

from backend.api.routes.core.dependencies import After, Db, Limit
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.api.routes.notifications.schemas import NotificationOut, NotificationPage
from backend.cases.notifications.notification_list import follow, list_notifications, unread_count

router = APIRouter(prefix="/notifications", tags=["notifications"], dependencies=[BEARER], responses=PROBLEMS)


@router.get("", name="api:notifications:list", summary="List notifications")
async def list_all(
    person: CurrentPerson,
    database: Db,
    unread: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    after: After = "",
    limit: Limit = 50,
) -> NotificationPage:
    """Newest first, with the number of unread notifications (up to 1,000)."""
    async with database.transaction(person.tenant) as session:
        page = await list_notifications(session, person, unread=unread, after=after, limit=limit)
        count = await unread_count(session, person)
    return NotificationPage(
        items=[NotificationOut(**{**vars(line), "id": str(line.id)}) for line in page.items],
        next=page.next,
        unread=count,
    )


@router.post(
    "/{notification_id}/read", name="api:notifications:read", summary="Mark a notification as read", status_code=204
)
async def read_one(notification_id: UUID, person: CurrentPerson, database: Db) -> None:
    """A repeat has no effect."""
    await follow(database, person, notification_id)
