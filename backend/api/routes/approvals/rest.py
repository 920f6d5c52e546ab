"""REST: approvals, and deciding them."""

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
    DecisionOut,
    PolicyOut,
    QuestionOut,
    RecommendationOut,
)
from backend.api.routes.cases.rest import money_of
from backend.api.routes.core.dependencies import After, AllProcesses, Db, Limit
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.cases.approvals.assign.claim import claim, release
from backend.cases.approvals.core.locked_approval import locked_approval
from backend.cases.approvals.decide.decide import decide
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.approvals.detail.view import ApprovalView, approval_view, view_after, view_of
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
    only = _filter(query, request)
    async with database.transaction(person.tenant) as session:
        page = await inbox(session, person, only, after, limit, processes=processes)
    return ApprovalPage(items=[_listed(item) for item in page.items], next=page.next)


def _filter(query: ApprovalQuery, request: Request) -> InboxFilter:
    """Without `list`, all that may be seen; `mine` with a verdict means those I was asked that have it."""
    given = filter_of(request.query_params.multi_items())
    if query.list:
        return given
    if query.mine and query.state in {None, ApprovalState.OPEN}:
        return replace(given, tab=Tab.MINE, state=None)
    return replace(given, tab=Tab.ALL, asked_me=query.mine, any_state=query.state is None)


@router.get("/{approval_id}", name="api:approvals:show", summary="Get an approval")
async def show(approval_id: UUID, person: CurrentPerson, database: Db, processes: AllProcesses) -> ApprovalDetail:
    """With its policy, decisions, version, and who can decide."""
    async with database.transaction(person.tenant) as session:
        return detail(await approval_view(session, person, approval_id, processes, papers=False))


@router.post("/{approval_id}/decision", name="api:approvals:decide", summary="Decide an approval")
async def decide_approval(
    approval_id: UUID, body: DecisionIn, person: CurrentPerson, database: Db, processes: AllProcesses
) -> ApprovalDetail:
    """Approve, reject or request changes (`send_back`) to the version you saw. A repeat gets the same result."""
    decision = Decision(
        kind=body.decision,
        version=body.version,
        channel=Channel.API,
        comment=body.comment,
        option=body.option,
        extra=body.extra,
    )
    async with locked_approval(database, processes, approval_id, person, share_case=True) as locked:
        return detail(await view_after(await decide(locked, decision)))


@router.post("/{approval_id}/claim", name="api:approvals:claim", summary="Claim an approval")
async def claim_approval(
    approval_id: UUID, person: CurrentPerson, database: Db, processes: AllProcesses
) -> ApprovalDetail:
    """Other approvers can see the claim, and can still take over or decide."""
    async with locked_approval(database, processes, approval_id, person, share_case=True) as locked:
        await claim(locked)
        return detail(await view_of(locked))


@router.post("/{approval_id}/release", name="api:approvals:release", summary="Release an approval")
async def release_approval(
    approval_id: UUID, person: CurrentPerson, database: Db, processes: AllProcesses
) -> ApprovalDetail:
    """Releasing an unclaimed approval has no effect."""
    async with locked_approval(database, processes, approval_id, person, share_case=True) as locked:
        await release(locked)
        return detail(await view_of(locked))


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
        you_may=view.refusal is None,
        why_not=view.refusal.code if view.refusal else None,
        votes=[
            DecisionOut(**each.model_dump(exclude={"tenant_id", "approval_id", "person_id"}), by=each.person_id)
            for each in view.decisions
        ],
        overridden=approval.overridden,
        undo_until=view.undo_until,
        acting_for=view.acting_for,
        decided_by=approval.decided_by,
        decided_at=approval.decided_at,
        claimed_by=approval.claimed_by,
        claimed_at=approval.claimed_at,
        acts=[each.value for each in view.actions],
        questions=[QuestionOut(**row.model_dump(exclude={"id"}), id=str(row.id)) for row in view.questions],
        recommendations=[RecommendationOut(**row.model_dump()) for row in view.advice],
    )


def policy_out(policy: ApprovalPolicy) -> PolicyOut:
    """The policy on the wire."""
    timers = policy.timetable.timers if policy.timetable else ()
    fields = policy.model_dump(include=set(PolicyOut.model_fields))
    return PolicyOut(
        **fields,
        version=policy.version,
        reminders=[each.at for each in timers if each.kind is TimerKind.REMIND],
        escalations=[each.at for each in timers if each.kind is TimerKind.ESCALATE],
        undo_seconds=int(policy.undo_within.total_seconds()),
    )
