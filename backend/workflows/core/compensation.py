"""What is told of the way back of a saga: each step in the story, and what stands open in the sight of all."""

from backend.cases.core.journal import JournalLine
from backend.kit.case import CaseEnd
from backend.kit.progress import LeftOpen, Progress
from backend.workflows.core.saga import Undone


class CompensationReport:
    """The lines of one case's way back, in order, and what could not be undone."""

    def __init__(self) -> None:
        self.lines: list[JournalLine] = []
        self._left_open: list[LeftOpen] = []

    @property
    def by_hand(self) -> str:
        """What somebody has to do now."""
        return " and ".join(each.what for each in self._left_open)

    @property
    def attention(self) -> str | None:
        """What an operator is told; None if nothing stands open."""
        return f"Somebody has to {self.by_hand} by hand; it failed again and again." if self._left_open else None

    def note(self, undone: Undone, progress: Progress) -> JournalLine:
        """One step back, as the story tells it."""
        if undone.why_not:
            self._left_open.append(LeftOpen(what=undone.name, key=undone.key, why=undone.why_not))
            progress.left_open = list(self._left_open)
        line = JournalLine(
            key=f"undone:{len(self.lines)}",
            kind="left_open" if undone.why_not else "undone",
            sentence=f"This could not be done: {undone.name}." if undone.why_not else undone.told,
            quote=undone.why_not,
        )
        self.lines.append(line)
        return line

    def with_what_is_left(self, end: CaseEnd) -> CaseEnd:
        """An end that does not gloss over what stands open."""
        if not self._left_open:
            return end
        sentence = f"The case stopped, but this still has to be done by hand: {self.by_hand}."
        return end.model_copy(update={"sentence": sentence})
