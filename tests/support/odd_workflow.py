"""A workflow of other code: what it says is nothing that this code can read."""

from temporalio import workflow


@workflow.defn
class OddWorkflow:
    """Ends when it is told to."""

    def __init__(self) -> None:
        self.told = False

    @workflow.run
    async def run(self) -> list[str]:
        """Something that is no end of a case."""
        await workflow.wait_condition(lambda: self.told)
        return ["of another code"]

    @workflow.signal
    def end(self) -> None:
        """It ends."""
        self.told = True

    @workflow.query
    def waiting(self) -> list[str]:
        """Something that is no question."""
        return ["of another code"]

    @workflow.query
    def progress(self) -> list[str]:
        """Something that is no progress."""
        return ["of another code"]
