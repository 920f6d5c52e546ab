"""UPKEEP: the processes by which the desk looks after itself; administrators start them."""

from backend.activities.remind_overdue_activity import remind_overdue
from backend.activities.remove_leftovers_activity import remove_leftovers
from backend.kit.process import Outcome, Process, Rights
from backend.workflows.overdue_digest_workflow import (
    DigestPlan,
    OverdueDigest,
    OverdueDigestWorkflow,
    digest_milestones,
)
from backend.workflows.retention_cleanup_workflow import (
    RetentionCleanup,
    RetentionCleanupWorkflow,
    RetentionPlan,
    retention_milestones,
)

MAINTENANCE = (
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
