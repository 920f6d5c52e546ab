"""Replay histories against the workflows of this code before it is deployed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from google.protobuf.json_format import ParseError
from pydantic import BaseModel
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from backend.processes import PROCESSES
from backend.settings import Settings
from backend.temporal.client import connect, data_converter, of_worker
from backend.workers.run import workflows_of
from backend.workers.sandbox import sandbox

WORKFLOWS = tuple(workflows_of(PROCESSES))
RUNNING = "ExecutionStatus = 'Running'"


class NothingToReplay(Exception):
    """There is no history in this folder, or a file in it is none."""


class Replayed(BaseModel):
    """How many histories were replayed, and the reason of each failure by workflow id."""

    replayed: int = 0
    broken: dict[str, str] = {}


async def replay_running(settings: Settings, limit: int) -> Replayed:
    """Replay the histories of at most `limit` running cases."""
    client = await connect(settings)
    listed = client.list_workflows(RUNNING, limit=limit)
    return await replay(settings, listed.map_histories())


async def replay_folder(settings: Settings, folder: Path, workflows: Sequence[type] = WORKFLOWS) -> Replayed:
    """Replay a `*.json` file or every such file below a folder; the name of the file is used as the workflow id.

    NothingToReplay without one.
    """
    files = await asyncio.to_thread(lambda: [folder] if folder.is_file() else sorted(folder.rglob("*.json")))
    if not files:
        raise NothingToReplay(f"{folder} contains no histories (*.json).")
    read = await asyncio.to_thread(lambda: [_history_in(file) for file in files])

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in read:
            yield history

    return await replay(settings, each(), workflows)


def _history_in(file: Path) -> WorkflowHistory:
    try:
        return WorkflowHistory.from_json(file.stem, file.read_text())
    except (ValueError, KeyError, TypeError, ParseError) as error:
        raise NothingToReplay(f"{file} is not an exported history.") from error


async def replay(
    settings: Settings, histories: AsyncIterator[WorkflowHistory], workflows: Sequence[type] = WORKFLOWS
) -> Replayed:
    """Replay them all; a failure does not stop the others."""
    replayer = Replayer(
        workflows=workflows,
        data_converter=of_worker(data_converter(settings.payload_keys, settings.temporal_namespace)),
        workflow_runner=sandbox(),
    )
    found = Replayed()
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            found.replayed += 1
            if result.replay_failure is not None:
                found.broken[result.history.workflow_id] = str(result.replay_failure)
    return found
