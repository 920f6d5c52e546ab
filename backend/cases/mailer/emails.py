"""The content of emails. It is written when they are sent, so that none asks for a decision that was made meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from pydantic import ValidationError
from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.decide.decision_links import DecisionLinks
from backend.cases.core.access import Processes
from backend.cases.core.actor import names_of
from backend.cases.core.password_links import PasswordLinks
from backend.cases.mailer.templates import as_mailed, email_templates
from backend.cases.notifications import links
from backend.database.tables import Approval, Case, Delivery, Person, RecordedDecision, Tenant
from backend.i18n.formats import in_full, money
from backend.i18n.language import Language, chosen_language, current_language, speaking
from backend.kit.addresses import unlinked
from backend.kit.approval import ApprovalState
from backend.kit.email import Email
from backend.kit.form_values import ShownForm, ShownValue, shown
from backend.kit.i18n import N_
from backend.kit.notification import PASSWORD_EVENTS, REQUEST_EVENTS, NotificationEvent

# However many they are, each is one statement that PostgreSQL knows already.
_PEOPLE, _TENANTS = (
    select(table).where(table.id == any_(bindparam("ids", type_=ARRAY(String)))) for table in (Person, Tenant)
)
_CASES, _APPROVALS = (
    select(table).where(table.id == any_(bindparam("ids", type_=ARRAY(Uuid)))) for table in (Case, Approval)
)


class NotNeeded(Exception):
    """There is no need for this email any more."""


@dataclass(frozen=True)
class EmailContent:
    """One notification in an email: its headline, facts, note, and where it leads.

    `form` is what was requested, for those who are asked to decide; `names` are those of the people in it.
    """

    headline: str
    facts: list[tuple[str, str]]
    note: str
    link: str
    action: str
    answer: str = ""
    form: ShownForm = field(default_factory=ShownForm)
    names: dict[str, str] = field(default_factory=dict)


class EmailWriter:
    """Writes emails in text and HTML: plain links, no pictures, nothing that reports who read them."""

    def __init__(
        self,
        base_url: str,
        processes: Processes,
        links: DecisionLinks | None = None,
        password_links: PasswordLinks | None = None,
    ) -> None:
        self._processes = processes
        self._links = links
        self._password_links = password_links
        self._base = base_url.rstrip("/")
        self._host = urlsplit(base_url).hostname or "localhost"
        self._templates = email_templates()

    async def write(self, session: AsyncSession, delivery: Delivery) -> Email:
        """The email of this delivery. NotNeeded if the approval is closed or decided, or the person is inactive."""
        person = await session.get_one(Person, delivery.person_id)
        if not person.active:
            raise NotNeeded(N_("The recipient’s account is no longer active."))
        tenant = await session.get_one(Tenant, delivery.tenant_id)
        with speaking(chosen_language(person.language) or chosen_language(tenant.language) or Language.ENGLISH):
            return await self._written(session, delivery, person, tenant)

    async def _written(self, session: AsyncSession, delivery: Delivery, person: Person, tenant: Tenant) -> Email:
        """The email in the language in hand."""
        if delivery.event in PASSWORD_EVENTS:
            contents = [self._to_set_password(delivery, person)]
        else:
            contents = await self._contents(session, delivery, tenant)
        context = {
            "subject": (subject := as_mailed(delivery.headline, tenant.time_zone)),
            "language": current_language(),
            "time_zone": tenant.time_zone,
            "name": unlinked(person.name),
            "tenant": unlinked(tenant.name),
            "contents": contents,
            "note": delivery.note if delivery.case_id is None else "",
            "inbox": self._base + links.NOTIFICATIONS,
            "preferences": self._base + links.PREFERENCES,
        }
        number = f".{delivery.resends}" if delivery.resends else ""
        return Email(
            tenant=delivery.tenant_id,
            delivery_id=delivery.id,
            message_id=f"<{delivery.id}{number}@{self._host}>",
            name=person.name,
            address=person.email,
            subject=subject,
            text=self._templates.get_template("email.txt").render(context),
            html=self._templates.get_template("email.html").render(context),
        )

    def _to_set_password(self, row: Delivery, person: Person) -> EmailContent:
        """The one-time link; NotNeeded if an invited person has a password already."""
        if self._password_links is None or (row.event == NotificationEvent.INVITED and person.password_hash):
            raise NotNeeded(N_("The recipient has set a password already."))
        facts = [(N_("Username"), person.id)]
        return EmailContent(row.headline, facts, row.note, self._password_links.url(person), N_("Set your password"))

    async def _contents(self, session: AsyncSession, delivery: Delivery, tenant: Tenant) -> list[EmailContent]:
        if delivery.event == NotificationEvent.DIGEST:
            collected = Delivery.digest_id == delivery.id
            rows = list(await session.scalars(select(Delivery).where(collected).order_by(Delivery.created_at)))
        else:
            rows = [delivery]
        contents = [await self._content(session, row, tenant) for row in rows if await _still_needed(session, row)]
        if not contents and not (delivery.event == NotificationEvent.DIGEST and delivery.note):
            raise NotNeeded(N_("A decision was no longer needed when the email was due."))
        return contents

    async def _content(self, session: AsyncSession, row: Delivery, tenant: Tenant) -> EmailContent:
        case = await session.get(Case, row.case_id) if row.case_id else None
        approval = await session.get(Approval, row.approval_id) if row.approval_id else None
        form, people = ShownForm(), set[str]()
        if case is not None and row.event in REQUEST_EVENTS and row.digest_id is None:
            form, people = self._form_of(case)
        names = await names_of(session, people | ({case.opened_by} if case else set()))
        requester = case is not None and case.opened_by == row.person_id
        link = links.leads_to(row.event, case.reference if case else None, row.approval_id, requester=requester)
        return EmailContent(
            row.headline,
            _facts(case, approval, names, tenant.time_zone),
            row.note,
            self._base + link,
            _action(case, link),
            self._answer(row, tenant),
            form,
            names,
        )

    def _form_of(self, case: Case) -> tuple[ShownForm, set[str]]:
        """What was requested, as the approval page shows it, and the people in it."""
        process = self._processes.get(case.process)
        try:
            form = process.input.model_validate(case.input) if process else None
        except ValidationError:  # of another release: the email still leaves, and its link leads to the case
            form = None
        if process is None or form is None:
            return ShownForm(), set()
        facts = process.facts_of(form)
        content = shown(form, case.currency or "").without(facts)
        first = [ShownValue(fact.label, fact.value) for fact in facts]
        return replace(content, values=[*first, *content.values]), process.people_in(form)

    def _answer(self, row: Delivery, tenant: Tenant) -> str:
        """The personal link, for a request to decide and where the tenant allows it."""
        if (
            self._links is None
            or not tenant.decision_links
            or row.approval_id is None
            or row.event not in REQUEST_EVENTS
        ):
            return ""
        return self._base + links.answer_page(self._links.token(row.id))


def _facts(case: Case | None, approval: Approval | None, names: dict[str, str], zone: str) -> list[tuple[str, str]]:
    facts = []
    if case is not None:
        facts += [(N_("Reference"), case.reference), (N_("Requested by"), unlinked(names[case.opened_by]))]
        if case.amount is not None:
            facts.append((N_("Amount"), money(case.amount, case.currency)))
    if approval is not None and approval.state == ApprovalState.OPEN:
        facts.append((N_("Due"), in_full(approval.due_at, zone)))
    return facts


def _action(case: Case | None, link: str) -> str:
    """What the link of a notification does."""
    if link.startswith("/approvals"):
        return N_("Open the approval")
    return N_("Open the case") if case else N_("Open notifications")


async def read_ahead(session: AsyncSession, rows: Sequence[Delivery]) -> list[object]:
    """The people, tenants, cases and approvals of these emails; the session knows them as long as they are held."""
    found: list[object] = []
    for reading, ids in (
        (_PEOPLE, [row.person_id for row in rows]),
        (_TENANTS, [row.tenant_id for row in rows]),
        (_CASES, [row.case_id for row in rows if row.case_id]),
        (_APPROVALS, [row.approval_id for row in rows if row.approval_id]),
    ):
        found += await session.scalars(reading, {"ids": ids}) if ids else []
    return found


async def _still_needed(session: AsyncSession, row: Delivery) -> bool:
    """Whether the decision is still needed, if it asks for one."""
    if row.approval_id is None or NotificationEvent(row.event) not in REQUEST_EVENTS:
        return True
    approval = await session.get(Approval, row.approval_id)
    if approval is None or approval.state != ApprovalState.OPEN:
        return False
    return await session.get(RecordedDecision, (row.approval_id, row.person_id)) is None
