"""How far a case is: what its workflow answers, or what was last recorded and how old that is."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.cases.tracking.live_status import LiveAnswer
from backend.database.tables import Case
from backend.kit.progress import Progress


@dataclass(frozen=True)
class CaseStatus:
    """Progress with its age, and the version of the rows that its page shows.

    `stale` says that the workflow did not answer, `asked` whether it was queried at all.
    """

    progress: Progress
    as_of: datetime
    stale: bool
    over: bool
    asked: bool = True
    version: str = ""

    @property
    def overdue(self) -> bool:
        """Whether the person it waits on should have acted by now."""
        until = self.progress.turn.until if self.progress.turn and not self.over else None
        return until is not None and until < datetime.now(UTC)

    @property
    def tag(self) -> str:
        """The ETag: equal for equal content, whatever its age; of a stale status it changes every minute."""
        minute = "" if not self.stale else datetime.now(UTC).strftime("%H:%M")
        content = f"{self.progress.model_dump_json()}{self.stale}{self.over}{self.overdue}{minute}"
        return f'W/"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'

    def page_tag(self, *others: object) -> str:
        """The ETag of the whole page, which shows these other things too."""
        content = f"{self.tag}{self.version}{others}"
        return f'W/"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


def status_of(case: Case, reported: Progress, answer: LiveAnswer | None) -> CaseStatus:
    """The workflow's answer if there is one, else what it last reported."""
    over = case.closed_at is not None
    if answer is not None and not over:
        return CaseStatus(answer.progress, answer.at, stale=False, over=False)
    return CaseStatus(reported, case.closed_at or case.progress_at, stale=not over, over=over)
