"""What people read about the compensation of a saga: each undone step in the journal, and what is still open."""

from backend.cases.core.journal import JournalLine
from backend.kit.case import CaseEnd
from backend.kit.i18n import N_
from backend.kit.names import join_names
from backend.kit.progress import LeftOpen, Progress
from backend.workflows.core.saga import Compensation


class CompensationReport:
    """The journal lines of one case's compensation, in order, and what could not be undone."""

    def __init__(self) -> None:
        self.lines: list[JournalLine] = []
        self._left_open: list[LeftOpen] = []

    @property
    def by_hand(self) -> str:
        """What somebody has to do now."""
        return join_names([each.what for each in self._left_open], "and")

    @property
    def attention(self) -> str | None:
        """What an operator reads; None if nothing is left open."""
        if not self._left_open:
            return None
        return N_("To be done manually, because it failed repeatedly: {text}.").format(text=self.by_hand)

    def note(self, step: Compensation, progress: Progress) -> JournalLine:
        """One undone step, as a journal line."""
        if step.failure:
            self._left_open.append(LeftOpen(what=step.name, key=step.key, why=step.failure))
            progress.left_open = list(self._left_open)
        line = JournalLine(
            key=f"undone:{len(self.lines)}",
            kind="left_open" if step.failure else "undone",
            sentence=N_("This could not be undone automatically: {text}.").format(text=step.name)
            if step.failure
            else step.sentence,
            quote=step.failure,
        )
        self.lines.append(line)
        return line

    def mentioned_in(self, end: CaseEnd) -> CaseEnd:
        """The end of the case, with what is still open."""
        if not self._left_open:
            return end
        sentence = N_("The case stopped, but this still has to be done manually: {text}.").format(text=self.by_hand)
        return end.model_copy(update={"sentence": sentence})
