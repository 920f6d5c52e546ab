"""The version of all that the page of a case shows: it differs as soon as any of its rows does.

PostgreSQL keeps with every row the transaction that wrote it, so no writer has to remember to count.
"""

from sqlalchemy import Label, String, literal_column

_BY_CASE = ("approvals", "case_versions", "comments", "deliveries", "failing_steps", "files", "journal", "questions")
_BY_APPROVAL = ("votes", "delegations", "candidates")
_ROWS = "(SELECT concat(count(*), '.', sum(hashint8(r.xmin::text::bigint))) FROM {table} r WHERE {condition})"


def _rows_of(table: str, condition: str) -> str:
    return _ROWS.format(table=table, condition=condition)


_PARTS = [
    "cases.xmin",
    *(_rows_of(table, "r.case_id = cases.id") for table in _BY_CASE),
    *(
        _rows_of(table, "r.approval_id IN (SELECT a.id FROM approvals a WHERE a.case_id = cases.id)")
        for table in _BY_APPROVAL
    ),
]
CASE_VERSION: Label[str] = literal_column(f"concat_ws(' ', {', '.join(_PARTS)})", String).label("version")
