"""Personal links of emails: how a person gets one, and its button."""

import re
from typing import Any

import httpx2
from sqlalchemy import select

from backend.cases.approvals.decide.decision_links import DecisionLinks
from backend.cases.approvals.request.open_approval import OpenedApproval
from backend.cases.core.password_links import PasswordLinks
from backend.cases.mailer.emails import EmailWriter
from backend.cases.mailer.mailer import Mailer
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Delivery, MailboxEmail, RecordedDecision
from backend.processes import by_key
from backend.services.email import MailboxSender
from tests.support.approvals import asked_about
from tests.support.html import page_of
from tests.support.web import ORIGIN, SECRET

LINKS = DecisionLinks([SECRET])
PASSWORD_LINKS = PasswordLinks([SECRET], ORIGIN)


async def post(database: Database) -> None:
    """Send all due emails once."""
    postman = Mailer(database, EmailWriter(ORIGIN, by_key(), LINKS, PASSWORD_LINKS).write, MailboxSender(database))
    await postman.deliver(await postman.claim())


async def mails(database: Database, person: str) -> list[MailboxEmail]:
    """The emails to this person so far."""
    await post(database)
    async with database.across_tenants() as session:
        mine = (
            select(MailboxEmail)
            .join(Delivery, Delivery.id == MailboxEmail.delivery_id)
            .where(Delivery.person_id == person)
        )
        return list(await session.scalars(mine))


async def link_for(database: Database, person: str = "finn", **step: Any) -> tuple[Case, OpenedApproval, str]:
    """A case with an approval, and the personal link in this person's email."""
    case, approval = await asked_about(database, **step)
    (mail,) = await mails(database, person)
    (link,) = set(re.findall(rf"{ORIGIN}(/answer/\S+)", mail.text))
    assert f"{ORIGIN}{link}" in page_of(mail.html).links
    return case, approval, link


async def verdict(database: Database, approval: OpenedApproval) -> tuple[str, list[tuple[str, str]]]:
    """The state of the approval, and who decided through which channel."""
    async with database.across_tenants() as session:
        votes = await session.execute(select(RecordedDecision.person_id, RecordedDecision.channel))
        row = await session.get_one(Approval, approval.approval_id)
        return row.state, [(person, channel) for person, channel in votes]


async def press(client: httpx2.AsyncClient, link: str, decision: str = "approve", **more: str) -> httpx2.Response:
    """Submit a decision on the page of the link."""
    return await client.post(f"{link}/decision", data={"decision": decision, "version": "1", **more})
