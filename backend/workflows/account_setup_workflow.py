"""Accounts: opened at once, asleep until the first day."""

from datetime import date, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.activate_account_activity import activate_account
    from backend.activities.close_account_activity import close_account
    from backend.activities.create_account_activity import create_account
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.progress import Milestone
    from backend.services.accounts import AccountRequest
    from backend.workflows.core.child_workflow import ChildWorkflow
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
    """Opened, then active."""
    return [Milestone(key="opened", label="Account opened"), Milestone(key="active", label="Active")]


@workflow.defn
class AccountSetupWorkflow(ChildWorkflow):
    """One account, from its opening to the first sign-in."""

    @workflow.init
    def __init__(self, child: AccountCase) -> None:
        super().__init__(child, account_milestones())

    @workflow.run
    async def run(self, child: AccountCase) -> ChildEnd:  # noqa: ARG002 - as `init` has it
        """Open, wait, activate; or close again."""
        return await self.conclude(self._set_up())

    async def _set_up(self) -> ChildEnd:
        self.now_at.working("opened", "The account is being opened", workflow.now())
        opened = await self.saga.do(create_account, self._request("account"), undo=close_account, config=OUTSIDE)
        self.now_at.done("opened", workflow.now(), opened.login)
        self.now_at.working("active", "Sleeps until the first day", workflow.now())
        await self.tell()
        await self.until(lambda: morning_of(self.child.input.start_date))
        await self.to_its_end(activate_account, self._request("account_activation"), OUTSIDE)
        self.now_at.done("active", workflow.now())
        self.now_at.sentence = ""
        return ChildEnd(facts={"Login": opened.login})

    def _request(self, step: str) -> AccountRequest:
        form = self.child.input
        key = self.child.effect_key(step)
        return AccountRequest(tenant=self.child.tenant, key=key, name=form.name, email=form.email)
