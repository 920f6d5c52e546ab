"""Home: what needs my attention, my cases in progress, what I can start."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import Response

from backend.api.routes.core.dependencies import AllProcesses, Db
from backend.api.routes.core.live import Live
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.attention.attention import attention_of
from backend.cases.core.access import startable
from backend.cases.inbox.filters import Due, InboxFilter
from backend.cases.inbox.lists import inbox, waiting_count
from backend.cases.lifecycle.drafts import drafts_of
from backend.cases.tracking.approval_now import progress_now
from backend.cases.tracking.case_list import CaseFilter, list_cases
from backend.cases.tracking.my_tasks import TaskKind
from backend.database.tables import Case
from backend.kit.i18n import N_
from backend.kit.progress import MilestoneState, Progress

router = APIRouter(tags=["home"], dependencies=[SIGNED_IN])
SHOWN = 5
LIVE = Live(every=5)
MY_TASKS = {
    TaskKind.CHANGE: N_("You: edit and resubmit"),
    TaskKind.CHOOSE: N_("You: choose how to continue"),
    TaskKind.RESOLVE: N_("Needs attention"),
}


@dataclass(frozen=True)
class RunningCase:
    """One of my cases in progress: its milestones, and my task in it if there is one."""

    case: Case
    progress: Progress
    task: TaskKind | None = None

    @property
    def steps(self) -> int:
        """How many milestones it has."""
        return len(self.progress.milestones)

    @property
    def step(self) -> int:
        """The number of the milestone it has reached."""
        done = sum(milestone.state is MilestoneState.DONE for milestone in self.progress.milestones)
        return min(done + 1, self.steps)

    @property
    def label(self) -> str:
        """The current milestone, or the one where changes were requested."""
        for state in (MilestoneState.NOW, MilestoneState.BACK):
            for milestone in self.progress.milestones:
                if milestone.state is state:
                    return milestone.label
        done = all(milestone.state is MilestoneState.DONE for milestone in self.progress.milestones)
        return N_("all steps done") if done else N_("in progress")

    @property
    def waiting_on(self) -> str:
        """Who has to do something for the case to proceed."""
        if self.task in MY_TASKS:
            return MY_TASKS[self.task]
        return self.progress.turn.who if self.progress.turn else N_("No action needed")


@router.get("/", name="home:show")
async def show(
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    render: Render,
    tasks: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The first page after signing in; `tasks=all` lists all of my tasks."""
    async with database.transaction(person.tenant) as session:
        waiting = await inbox(session, person, limit=SHOWN)
        overdue = await waiting_count(session, person, InboxFilter(due=Due.OVERDUE))
        running = await list_cases(session, person, processes, CaseFilter(mine=True, running=True), limit=SHOWN)
        cases = await list_cases(session, person, processes, CaseFilter(mine=True), limit=20)
        drafts = await drafts_of(session, person)
        attention = await attention_of(session, person, processes)
        now = await progress_now(session, [Progress.model_validate(case.progress) for case in running.items])
        own = attention.tasks
    task_of = {task.case.id: task.do for task in own}
    return await render(
        "home/page.html",
        active="home",
        attention=attention,
        live=LIVE,
        approvals=attention.approvals,
        greeting=greeting(datetime.now(UTC).astimezone(ZoneInfo(person.time_zone)), person.first_name),
        today=datetime.now(UTC),
        waiting=waiting.items,
        own=own,
        shown_own=own if tasks == "all" else own[:SHOWN],
        overdue=overdue,
        running=[RunningCase(*each, task_of.get(each[0].id)) for each in zip(running.items, now, strict=True)],
        ended=next((case for case in cases.items if case.closed_at), None),
        startable=startable(person, processes),
        drafts=drafts,
    )


def greeting(now: datetime, name: str) -> str:
    """Good morning until noon, good evening from 18:00."""
    if now.hour < 12:  # noqa: PLR2004 - noon
        return N_("Good morning, {name}.").format(name=name)
    if now.hour < 18:  # noqa: PLR2004 - six in the evening
        return N_("Good afternoon, {name}.").format(name=name)
    return N_("Good evening, {name}.").format(name=name)
