"""How much a worker does at once, and which version of the code it reports."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import PollerBehaviorAutoscaling, WorkerDeploymentConfig

from backend.settings import Settings

# Workflows of a domain kept in memory between their tasks; one that is not kept is replayed from its history. A
# purchase that waits takes about a seventh of a megabyte, so a full cache takes less than 30 MB.
CACHED_WORKFLOWS = 200
# Workflow code is pure Python under one interpreter lock: more tasks at once make each of them slower, and none sooner.
WORKFLOW_TASKS = 40
# Workflow writes wait for nothing but a connection; twice as many as there are keep every connection busy.
WORKFLOW_WRITES_PER_CONNECTION = 2
# External effects wait for other systems most of the time, so more of them fit than there are connections; not so many
# that they queue for one longer than the pool lets them.
EFFECTS_PER_CONNECTION = 5
# An idle queue costs two polls; a busy one gets as many as the server asks for.
POLLERS = PollerBehaviorAutoscaling(minimum=2, initial=2, maximum=20)


@dataclass(frozen=True)
class Tuning:
    """What all workers of one process have in common."""

    grace: timedelta
    workflow_writes: int = 20
    effects: int = 50
    deployment: WorkerDeploymentConfig | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Tuning":
        """As configured."""
        return cls(
            grace=timedelta(seconds=settings.shutdown_seconds),
            workflow_writes=settings.database_pool_size * WORKFLOW_WRITES_PER_CONNECTION,
            effects=settings.database_pool_size * EFFECTS_PER_CONNECTION,
            deployment=deployment_of(settings),
        )


def deployment_of(settings: Settings) -> WorkerDeploymentConfig | None:
    """The version of the code for Temporal's worker versioning; None if the environment names none.

    Approvals wait for days, so a running case moves on to the newest version (auto-upgrade) and patches keep it going;
    pinned cases would keep old workers for weeks.
    """
    if not settings.worker_deployment:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.worker_deployment, settings.worker_build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
