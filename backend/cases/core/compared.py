"""Two versions of a form as people compare them: files by their names, and the total that the lines come to."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.differences import NONE, Difference, differences
from backend.cases.core.edit_script import Budget
from backend.database.tables import File
from backend.kit.form_values import as_text, total_of
from backend.kit.forms import FieldShape, describe, walk
from backend.kit.i18n import N_

Content = Mapping[str, Any]
DELETED = N_("deleted file")


async def file_names(session: AsyncSession, model: type[BaseModel], *contents: Content) -> dict[str, str]:
    """The names of the files in these versions, by id; a number tells files of the same name apart."""
    held = [each for content in contents for _, one, given in walk(model, content) for each in _ids(one, given)]
    if not held:
        return {}
    rows = await session.execute(select(File.id, File.name).where(File.id.in_(map(UUID, held))))
    found, seen = {str(key): name for key, name in rows}, Counter[str]()
    names: dict[str, str] = {}
    for key in dict.fromkeys(held):
        name = found.get(key, DELETED)
        seen[name] += 1
        names[key] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def compared(
    model: type[BaseModel], before: Content, after: Content, names: Mapping[str, str], budget: Budget | None = None
) -> list[Difference]:
    """Every field that differs, and the total if it does; `names` are those of the files in both versions."""
    found = differences(model, _named(model, before, names), _named(model, after, names), budget)
    old, new = _total(model, before), _total(model, after)
    return [*found, Difference(N_("Total"), old, new)] if old != new and NONE not in {old, new} else found


def _ids(one: FieldShape, given: Any) -> list[str]:
    if one.kind != "files" or not isinstance(given, list):
        return []
    return [each for each in given if isinstance(each, str) and _is_id(each)]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _named(model: type[BaseModel], content: Content, names: Mapping[str, str]) -> dict[str, Any]:
    """The same content with names for the ids of its files."""
    found = dict(content)
    for one in describe(model).fields:
        given = found.get(one.name)
        if one.model and isinstance(given, Mapping):
            found[one.name] = _named(one.model, given, names)
        elif one.model and isinstance(given, list):
            found[one.name] = [_named(one.model, row, names) if isinstance(row, Mapping) else row for row in given]
        elif one.kind == "files" and isinstance(given, list):
            found[one.name] = [names.get(str(each), str(each)) for each in given]
    return found


def _total(model: type[BaseModel], content: Content) -> str:
    """What the whole form comes to; NONE if it has no total, or cannot be read by this release."""
    try:
        return as_text(total_of(model.model_validate(content), ""))
    except ValidationError:
        return NONE
