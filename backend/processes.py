"""PROCESSES: the one list of business processes. Everything else follows from it."""

from typing import Literal

from backend.activities.cancel_purchase_order_activity import cancel_purchase_order
from backend.activities.issue_purchase_order_activity import issue_purchase_order
from backend.activities.look_up_rating_activity import look_up_rating
from backend.activities.release_budget_activity import release_budget
from backend.activities.remind_overdue_activity import remind_overdue
from backend.activities.remove_leftovers_activity import remove_leftovers
from backend.activities.reserve_budget_activity import reserve_budget
from backend.kit.process import Outcome, Process, Rights
from backend.workflows.credit_check_workflow import (
    CreditCheck,
    CreditCheckWorkflow,
    CreditPlan,
    credit_facts,
    credit_milestones,
)
from backend.workflows.overdue_digest_workflow import (
    DigestPlan,
    OverdueDigest,
    OverdueDigestWorkflow,
    digest_milestones,
)
from backend.workflows.purchase_approval_workflow import (
    PurchaseApproval,
    PurchaseApprovalWorkflow,
    PurchasePlan,
    approval_steps,
    purchase_facts,
    purchase_milestones,
    purchase_priority,
)
from backend.workflows.retention_cleanup_workflow import (
    RetentionCleanup,
    RetentionCleanupWorkflow,
    RetentionPlan,
    retention_milestones,
)

PROCESSES = (
    Process(
        key="purchase_approval",
        prefix="PUR",
        title="Purchase",
        call_to_action="Ask for a purchase",
        summary="Ask to buy goods or services.",
        usual="Usually ordered within 2 days.",
        send_label="Send for approval",
        domain="purchasing",
        icon="shopping-cart",
        input=PurchaseApproval,
        plan=PurchasePlan,
        workflow=PurchaseApprovalWorkflow,
        activities=(reserve_budget, release_budget, issue_purchase_order, cancel_purchase_order),
        rights=Rights(start=frozenset({"employees"}), see=frozenset({"finance"})),
        outcomes={
            "ordered": Outcome(label="Ordered", kind="ok"),
            "rejected": Outcome(label="Rejected", kind="bad"),
            "over_budget": Outcome(label="Over budget", kind="warn"),
            "expired": Outcome(label="Expired", kind="warn"),
            "recalled": Outcome(label="Recalled", kind="rest"),
            "order_failed": Outcome(label="Order failed", kind="bad"),
        },
        title_of=lambda form: form.title,
        amount_of=lambda form: form.total,
        facts_of=purchase_facts,
        columns=("vendor", "cost_centre", "needed_by"),
        priority_of=purchase_priority,
        milestones=purchase_milestones,
        steps=approval_steps,
        form_notes=(
            "From EUR 10,000.00 both of finance must agree.",
            "You may not approve your own request.",
        ),
    ),
    Process(
        key="credit_check",
        prefix="CRE",
        title="Credit check",
        call_to_action="Check a customer's credit",
        summary="Ask whether a customer has credit for an amount.",
        usual="Usually answered within a second.",
        send_label="Check credit",
        domain="finance",
        icon="gauge",
        input=CreditCheck,
        plan=CreditPlan,
        workflow=CreditCheckWorkflow,
        activities=(look_up_rating,),
        rights=Rights(start=frozenset({"finance", "orders"}), see=frozenset({"finance"})),
        outcomes={
            "granted": Outcome(label="Granted", kind="ok"),
            "refused": Outcome(label="Refused", kind="bad"),
            "needs_review": Outcome(label="Needs review", kind="warn"),
        },
        title_of=lambda form: f"Credit for {form.customer}",
        amount_of=lambda form: form.total,
        facts_of=credit_facts,
        milestones=credit_milestones,
        time_limit_of=lambda plan: plan.time_limit,
    ),
    Process(
        key="retention_cleanup",
        prefix="RET",
        title="Clean-up",
        call_to_action="Clean up",
        summary="Remove ended sessions, old drafts, files of no case and messages that were passed on.",
        usual="Usually done within a minute.",
        send_label="Start the clean-up",
        domain="operations",
        icon="trash",
        input=RetentionCleanup,
        plan=RetentionPlan,
        workflow=RetentionCleanupWorkflow,
        activities=(remove_leftovers,),
        rights=Rights(start=frozenset({"admins"})),
        outcomes={
            "cleaned_up": Outcome(label="Cleaned up", kind="ok"),
            "counted": Outcome(label="Counted", kind="ok"),
            "recalled": Outcome(label="Stopped", kind="rest"),
        },
        title_of=lambda form: "Count what could be removed" if form.only_count else "Clean up",
        milestones=retention_milestones,
    ),
    Process(
        key="overdue_digest",
        prefix="OVE",
        title="Overdue digest",
        call_to_action="Tell approvers what is overdue",
        summary="One mail a day to each approver with what they have let lie.",
        usual="Usually done within a minute.",
        send_label="Tell them",
        domain="operations",
        icon="mail",
        input=OverdueDigest,
        plan=DigestPlan,
        workflow=OverdueDigestWorkflow,
        activities=(remind_overdue,),
        rights=Rights(start=frozenset({"admins"})),
        outcomes={
            "told": Outcome(label="Told", kind="ok"),
            "nothing_overdue": Outcome(label="Nothing overdue", kind="ok"),
            "recalled": Outcome(label="Stopped", kind="rest"),
        },
        title_of=lambda _: "Overdue digest",
        milestones=digest_milestones,
    ),
)


def domains(kind: Literal["workflow", "activity"]) -> list[str]:
    """Whose workers of this kind have something to do; a domain may do without activities of its own."""
    return sorted({process.domain for process in PROCESSES if kind == "workflow" or process.activities})


def by_key() -> dict[str, Process]:
    """The processes by their key."""
    return {process.key: process for process in PROCESSES}
