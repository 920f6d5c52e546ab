"""MAINTENANCE: the processes that maintain the desk itself; administrators start them."""

from backend.activities.remind_overdue_activity import remind_overdue
from backend.activities.remove_leftovers_activity import remove_leftovers
from backend.kit.i18n import N_
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
        title=N_("Cleanup"),
        call_to_action=N_("Run a cleanup"),
        summary=N_("Remove expired sessions, old drafts, files without a case and delivered messages."),
        typical_duration=N_("Usually done within a minute."),
        submit_label=N_("Start cleanup"),
        domain="operations",
        icon="trash",
        input=RetentionCleanup,
        plan=RetentionPlan,
        workflow=RetentionCleanupWorkflow,
        activities=(remove_leftovers,),
        rights=Rights(start=frozenset({"admins"})),
        outcomes={
            "cleaned_up": Outcome(label=N_("Cleaned up"), kind="ok"),
            "counted": Outcome(label=N_("Counted"), kind="ok"),
            "recalled": Outcome(label=N_("Stopped"), kind="rest"),
        },
        title_of=lambda form: N_("Count what could be removed") if form.only_count else N_("Clean up"),
        milestones=retention_milestones,
        maintenance=True,
    ),
    Process(
        key="overdue_digest",
        prefix="OVE",
        title=N_("Overdue digest"),
        call_to_action=N_("Send the overdue digest"),
        summary=N_("One daily email to each approver with their overdue approvals."),
        typical_duration=N_("Usually done within a minute."),
        submit_label=N_("Send digest"),
        domain="operations",
        icon="mail",
        input=OverdueDigest,
        plan=DigestPlan,
        workflow=OverdueDigestWorkflow,
        activities=(remind_overdue,),
        rights=Rights(start=frozenset({"admins"})),
        outcomes={
            "told": Outcome(label=N_("Reminded"), kind="ok"),
            "nothing_overdue": Outcome(label=N_("Nothing overdue"), kind="ok"),
            "recalled": Outcome(label=N_("Stopped"), kind="rest"),
        },
        title_of=lambda _: N_("Overdue digest"),
        milestones=digest_milestones,
        maintenance=True,
    ),
)
