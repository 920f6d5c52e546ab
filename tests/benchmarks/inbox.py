"""The inbox of an approver with fifty thousand of a million approvals, compared with one of a thousand."""

from tests.benchmarks.desk import Desk, expect
from tests.benchmarks.load import Connection, burst
from tests.benchmarks.many_approvals import load
from tests.benchmarks.measures import OK, Finding

FEW, MANY, EVERY = 1_000, 1_000_000, 20
VISITS = 60
FILTER = "process=purchase_approval&step=finance&requester=edda&amount_from=20000&f.cost_centre=4200"
PAGES = {
    "first page": "/approvals",
    "filter": f"/approvals?{FILTER}",
    "filter that fits little": "/approvals?f.vendor=Vendor+40",
    "by amount": "/approvals?sort=-amount",
    "by priority": "/approvals?sort=priority",
    "my groups": "/approvals?list=groups",
    "unclaimed": "/approvals?list=unclaimed&sort=-age",
    "done": "/approvals?list=done",
    "all": "/approvals?list=all&sort=-age",
    "counter": "/processes",
}
NEXT = {"next page": "/api/v1/approvals?mine=true&limit=50&sort=-amount"}


async def inbox(desk: Desk) -> list[Finding]:
    """The 95th percentile of each page with a million approvals, relative to a thousand."""
    async with desk.database() as database:
        policy = await database.fetchval("SELECT policy FROM approvals LIMIT 1")
        await load(database, 1, FEW, EVERY, policy)
        few = await _visit(desk)
        await load(database, FEW + 1, MANY, EVERY, policy)
        many = await _visit(desk)
    return [
        Finding(
            f"inbox, {name}, {MANY:,} approvals / {FEW:,}", many[name] / few[name], 3.0, at_least=False,
            detail=f"{many[name] * 1000:.0f} ms, {few[name] * 1000:.0f} ms",
        )
        for name in many
    ]  # fmt: skip


async def _visit(desk: Desk) -> dict[str, float]:
    connection = Connection(desk.running.address, desk.running.sign_in("finn"))
    found = {name: await _p95(connection, path) for name, path in PAGES.items()}
    for name, path in NEXT.items():
        answer = await connection.ask("GET", path)
        behind = answer.json()["next"]
        found[name] = await _p95(connection, f"{path}&after={behind}" if behind else path)
    connection.close()
    return found


async def _p95(connection: Connection, path: str) -> float:
    async def visit(_: int) -> None:
        expect(await connection.ask("GET", path), OK)

    await burst(10, visit, at_once=1)
    return (await burst(VISITS, visit, at_once=1)).p95
