"""Approvals of the people I cover for, within the limits of the policy, as the inbox walks them."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Numeric,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    table,
)
from sqlalchemy.orm import aliased

from backend.cases.core.actor import Actor
from backend.database.tables import Approval, Candidate, RecordedDecision

NO_AMOUNT = -1
MANDATES = table(
    "mandates",
    column("substitute_id", String),
    column("person_id", String),
    column("principal", String),
    column("processes", ARRAY(String)),
    column("up_to", Numeric(18, 2)),
)


def with_substitutions(actor: Actor) -> Subquery:
    """My own principals, and those of the people I cover for with the limits of each substitution."""
    values = bindparam("mine", actor.principals, type_=ARRAY(String))
    own = func.unnest(values).table_valued("item", name="own").render_derived()
    m = MANDATES.c
    mandates = select(m.principal, m.person_id, m.processes, m.up_to).where(m.substitute_id == actor.person_id)
    nobody = cast(null(), String).label("absent")
    mine = select(
        own.c.item, nobody, literal([], ARRAY(String)).label("processes"), cast(null(), Numeric).label("up_to")
    )
    found: Subquery = mine.union_all(mandates).subquery("mine")
    return found


def covered(mine: Subquery, k: Any) -> ColumnElement[bool]:
    """Mine anyway, or within the substitution: not decided for them, reassigned by them, or theirs to advise on."""
    absent = mine.c.absent
    in_their_seat = or_(RecordedDecision.person_id == absent, RecordedDecision.acting_for == absent)
    answered = exists().where(RecordedDecision.approval_id == k.approval_id, in_their_seat).correlate(mine, k)
    g = aliased(Candidate, name="left")
    theirs = g.principal == literal("person:").concat(absent)
    gone = exists().where(g.approval_id == k.approval_id, theirs, g.role == "gone").correlate(mine, k)
    a = aliased(Approval, name="strict")
    strict = exists().where(a.id == k.approval_id, a.policy["substitution"].as_boolean().is_(False))
    limits = func.covers(mine.c.processes, mine.c.up_to, k.process, _amount(k))
    # Four eyes: nobody decides in the name of the requester.
    others = and_(k.role == "decide", absent != k.requester, limits, ~answered, ~gone, ~strict)
    return or_(absent.is_(None), others)


def _amount(k: Any) -> ColumnElement[Any]:
    """None where there is no amount: lists sort it below every amount."""
    return cast(func.nullif(k.cents, NO_AMOUNT), Numeric) / 100
