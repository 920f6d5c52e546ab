"""Home: what waits for me, what I have running, what I can start."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import Response

from backend.api.routes.core.dependencies import AllProcesses, Db
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.core.access import may_start
from backend.cases.inbox.filters import Due, InboxFilter
from backend.cases.inbox.lists import inbox, waiting_count
from backend.cases.lifecycle.drafts import drafts_of
from backend.cases.tracking.case_list import CaseFilter, list_cases
from backend.cases.tracking.my_tasks import TaskKind, my_tasks
from backend.kit.progress import Progress

router = APIRouter(tags=["home"], dependencies=[SIGNED_IN])
SHOWN = 5
YOURS = {TaskKind.CHANGE: "Yours: change it and send it again", TaskKind.CHOOSE: "Yours: choose how it goes on"}


@router.get("/", name="home:show")
async def show(
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    render: Render,
    turns: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The first page after signing in; `turns=all` lists whatever waits in my own cases."""
    async with database.transaction(person.tenant) as session:
        waiting = await inbox(session, person, limit=SHOWN)
        overdue = await waiting_count(session, person, InboxFilter(due=Due.OVERDUE))
        running = await list_cases(session, person, processes, CaseFilter(mine=True, running=True), limit=SHOWN)
        cases = await list_cases(session, person, processes, CaseFilter(mine=True), limit=20)
        drafts = await drafts_of(session, person)
        own = await my_tasks(session, person, processes)
    return await render(
        "home/page.html",
        active="home",
        greeting=greeting(datetime.now(UTC).astimezone(ZoneInfo(person.time_zone))),
        today=datetime.now(UTC),
        waiting=waiting.items,
        own=own,
        shown_own=own if turns == "all" else own[:SHOWN],
        yours={turn.case.id: YOURS[turn.do] for turn in own if turn.do in YOURS},
        overdue=overdue,
        running=[(case, Progress.model_validate(case.progress)) for case in running.items],
        ended=next((case for case in cases.items if case.closed_at), None),
        startable=[process for process in processes.values() if may_start(person, process)],
        drafts=drafts,
    )


def greeting(now: datetime) -> str:
    """Good morning until noon, good evening from 18:00."""
    if now.hour < 12:  # noqa: PLR2004 - noon
        return "Good morning"
    return "Good afternoon" if now.hour < 18 else "Good evening"  # noqa: PLR2004 - six in the evening
