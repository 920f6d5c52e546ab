"""What a workflow is given of its case, and the digest that proves a form."""

import hashlib
import json
from typing import Any

from backend.database.tables import Case
from backend.kit import case as kit
from backend.kit.process import Process


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of a form, keys sorted, in hex: tells a retry from another request, and proves what was shown."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def envelope_of(case: Case, process: Process, opened_by_name: str) -> kit.Case[Any, Any]:
    """What the workflow is given."""
    shape = kit.Case[process.input, process.plan]  # type: ignore[name-defined]
    return shape(
        tenant=case.tenant_id,
        case_id=case.id,
        reference=case.reference,
        process=case.process,
        version=case.version,
        opened_by=case.opened_by,
        opened_by_name=opened_by_name,
        opened_at=case.opened_at,
        input=case.input,
        plan=case.plan,
        edition=kit.EDITION,
    )
