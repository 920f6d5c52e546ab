"""A workflow of other code, whose responses this code cannot read."""

from temporalio import workflow


@workflow.defn
class OddWorkflow:
    """Ends when it gets a signal."""

    def __init__(self) -> None:
        self.told = False

    @workflow.run
    async def run(self) -> list[str]:
        """Return something that is not the end of a case."""
        await workflow.wait_condition(lambda: self.told)
        return ["of another code"]

    @workflow.signal
    def end(self) -> None:
        """End the workflow."""
        self.told = True

    @workflow.query
    def waiting(self) -> list[str]:
        """Something that is not an approval request."""
        return ["of another code"]

    @workflow.query
    def progress(self) -> list[str]:
        """Something that is not a progress report."""
        return ["of another code"]
