"""REST: approvals, and answering them."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from backend.api.routes.approvals.query import ApprovalQuery
from backend.api.routes.approvals.schemas import (
    ApprovalDetail,
    ApprovalOut,
    ApprovalPage,
    DecisionIn,
    PolicyOut,
    QuestionOut,
    RecommendationOut,
    VoteOut,
)
from backend.api.routes.cases.rest import money_of
from backend.api.routes.core.dependencies import After, AllProcesses, Db, Limit
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.cases.approvals.assign.claim import claim, release
from backend.cases.approvals.decide.decide import Channel, Decision, decide_within
from backend.cases.approvals.detail.view import ApprovalView, approval_view, view_after
from backend.cases.inbox.filters import InboxFilter, Tab, filter_of
from backend.cases.inbox.lists import InboxItem, inbox
from backend.kit.approval import ApprovalPolicy, ApprovalState
from backend.kit.money import Money
from backend.kit.policy import TimerKind
from backend.kit.priority import Priority

router = APIRouter(prefix="/approvals", tags=["approvals"], dependencies=[BEARER], responses=PROBLEMS)


def _listed(item: InboxItem) -> ApprovalOut:
    amount = Money(amount=item.amount, currency=item.currency) if item.amount is not None and item.currency else None
    changed = {"id": str(item.id), "amount": amount, "priority": Priority(item.priority).word, "fields": item.values}
    return ApprovalOut(**{**vars(item), **changed})


@router.get("", name="api:approvals:list", summary="List approvals")
async def list_all(
    request: Request,
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    query: Annotated[ApprovalQuery, Query()],
    after: After = "",
    limit: Limit = 50,
) -> ApprovalPage:
    """Your inbox with `mine=true`, or all you can see. Filter by a business field of the form: `f.vendor=Nordwerk`."""
    only = _wanted(query, request)
    async with database.transaction(person.tenant) as session:
        page = await inbox(session, person, only, after, limit, processes=processes)
    return ApprovalPage(items=[_listed(item) for item in page.items], next=page.next)


def _wanted(query: ApprovalQuery, request: Request) -> InboxFilter:
    """Without `list`, all that may be seen; `mine` with a verdict means asked of me and closed so."""
    told = filter_of(request.query_params.multi_items())
    if query.list:
        return told
    if query.mine and query.state in {None, ApprovalState.OPEN}:
        return replace(told, tab=Tab.MINE, state=None)
    return replace(told, tab=Tab.ALL, asked_me=query.mine, any_state=query.state is None)


@router.get("/{approval_id}", name="api:approvals:show", summary="Get an approval")
async def show(approval_id: UUID, person: CurrentPerson, database: Db, processes: AllProcesses) -> ApprovalDetail:
    """With its policy, decisions, version, and who can decide."""
    async with database.transaction(person.tenant) as session:
        return detail(await approval_view(session, person, approval_id, processes, papers=False))


@router.post("/{approval_id}/decision", name="api:approvals:decide", summary="Decide an approval")
async def answer(
    approval_id: UUID, body: DecisionIn, person: CurrentPerson, database: Db, processes: AllProcesses
) -> ApprovalDetail:
    """Approve, reject or request changes (`send_back`) to the version you saw. A repeat gets the same result."""
    given = Decision(body.decision, body.version, body.comment, body.option, body.extra)
    async with database.transaction(person.tenant) as session:
        decided = await decide_within(session, processes, approval_id, given, by=person, channel=Channel.API)
        return detail(await view_after(session, person, decided, processes))


@router.post("/{approval_id}/claim", name="api:approvals:claim", summary="Claim an approval")
async def take(approval_id: UUID, person: CurrentPerson, database: Db, processes: AllProcesses) -> ApprovalDetail:
    """Other approvers can see the claim, and can still take over or decide."""
    await claim(database, processes, approval_id, by=person)
    async with database.transaction(person.tenant) as session:
        return detail(await approval_view(session, person, approval_id, processes, papers=False))


@router.post("/{approval_id}/release", name="api:approvals:release", summary="Release an approval")
async def give_back(approval_id: UUID, person: CurrentPerson, database: Db, processes: AllProcesses) -> ApprovalDetail:
    """Releasing an unclaimed approval has no effect."""
    await release(database, processes, approval_id, by=person)
    async with database.transaction(person.tenant) as session:
        return detail(await approval_view(session, person, approval_id, processes, papers=False))


def detail(view: ApprovalView) -> ApprovalDetail:
    """An approval on the wire, as this person sees it."""
    approval, case = view.approval, view.case
    fields: dict[str, Any] = approval.model_dump(
        include={"step", "label", "question", "asked_at", "due_at", "expires_at"}
    )
    return ApprovalDetail(
        **fields,
        id=str(approval.id),
        reference=case.reference,
        process=case.process,
        state=approval.state,
        title=case.title,
        amount=money_of(case),
        requester=view.names[case.opened_by],
        version=case.version,
        priority=Priority(case.priority).word,
        fields=approval.fields or {},
        rule=view.policy.rule,
        needed=view.policy.needed,
        policy=policy_out(view.policy),
        options=list(view.policy.options),
        extra_schema=view.extra.model_json_schema() if view.extra else None,
        impossible=approval.impossible or None,
        may_answer=sorted(view.able),
        you_may=view.why_not is None,
        why_not=view.why_not.code if view.why_not else None,
        votes=[
            VoteOut(**vote.model_dump(exclude={"tenant_id", "approval_id", "person_id"}), by=vote.person_id)
            for vote in view.votes
        ],
        overridden=approval.overridden,
        undo_until=view.undo_until,
        acting_for=view.acting_for,
        decided_by=approval.decided_by,
        decided_at=approval.decided_at,
        claimed_by=approval.claimed_by,
        claimed_at=approval.claimed_at,
        acts=[act.value for act in view.acts],
        questions=[QuestionOut(**row.model_dump(exclude={"id"}), id=str(row.id)) for row in view.questions],
        recommendations=[RecommendationOut(**row.model_dump()) for row in view.advice],
    )


def policy_out(policy: ApprovalPolicy) -> PolicyOut:
    """The policy on the wire."""
    timers = policy.timetable.timers if policy.timetable else ()
    same = policy.model_dump(include=set(PolicyOut.model_fields))
    return PolicyOut(
        **same,
        version=policy.version,
        reminders=[each.at for each in timers if each.kind is TimerKind.REMIND],
        escalations=[each.at for each in timers if each.kind is TimerKind.ESCALATE],
        undo_seconds=int(policy.undo_within.total_seconds()),
    )
