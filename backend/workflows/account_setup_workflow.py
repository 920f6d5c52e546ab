"""Accounts: created at once, activated on the first day."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.activate_account_activity import activate_account
    from backend.activities.close_account_activity import close_account
    from backend.activities.create_account_activity import create_account
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.i18n import N_
    from backend.kit.progress import Milestone
    from backend.services.accounts import AccountRequest
    from backend.workflows.core.child_workflow import ChildWorkflow
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.days import morning_of
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("people"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


class AccountSetup(BaseModel):
    """Whose account, and from when on."""

    name: str
    email: str
    start_date: date


AccountCase = ChildCase[AccountSetup]


def account_milestones() -> list[Milestone]:
    """Created, then active."""
    return [Milestone(key="opened", label=N_("Account created")), Milestone(key="active", label=N_("Account active"))]


@workflow.defn
class AccountSetupWorkflow(ChildWorkflow):
    """One account, from its creation to the first sign-in."""

    @workflow.init
    def __init__(self, child: AccountCase) -> None:
        super().__init__(child, account_milestones())

    @workflow.run
    @concluded
    async def run(self, child: AccountCase) -> ChildEnd:
        """Create the account and activate it on the first day; close it if the onboarding stops."""
        self.progress.begin("opened", N_("Creating the account"), workflow.now())
        account = await self.saga.do(create_account, _request(child, "account"), undo=close_account, config=OUTSIDE)
        self.progress.done("opened", workflow.now(), account.login)

        self.progress.begin("active", N_("Inactive until the first day"), workflow.now())
        await self.report()
        await self.sleep_until(self._first_morning)
        await self.do_for_good(activate_account, _request(child, "account_activation"), OUTSIDE)
        self.progress.done("active", workflow.now())
        self.progress.sentence = ""
        return ChildEnd(facts={N_("Login"): account.login})

    def _first_morning(self) -> datetime:
        return morning_of(self.child.input.start_date)


def _request(child: AccountCase, step: str) -> AccountRequest:
    form = child.input
    return AccountRequest(tenant=child.tenant, key=child.effect_key(step), name=form.name, email=form.email)
