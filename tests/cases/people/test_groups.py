"""Groups: added, renamed and removed, and kept while anybody or anything needs them."""

import asyncio

import pytest

from backend.cases.core.errors import InvalidInput, NotFound
from backend.cases.people.groups import GroupInUse, add_group, list_groups, remove_group, rename_group
from backend.database.engine import Database
from tests.support.without_demo import with_admin

HERE = {"tenant": "default", "by": "ida"}


async def names(database: Database) -> dict[str, str]:
    """The groups by key."""
    async with database.transaction("default") as session:
        return {each.id: each.name for each in await list_groups(session)}


async def test_a_group_is_added_renamed_and_removed(own_database: Database) -> None:
    await with_admin(own_database)
    await add_group(own_database, "legal", " Legal department ", **HERE)
    assert (await names(own_database))["legal"] == "Legal department"
    await rename_group(own_database, "legal", "Lawyers", **HERE)
    assert (await names(own_database))["legal"] == "Lawyers"
    await remove_group(own_database, "legal", [], **HERE)
    assert "legal" not in await names(own_database)


async def test_of_several_who_add_the_same_group_one_does(own_database: Database) -> None:
    await with_admin(own_database)
    added = (add_group(own_database, "legal", "Legal", **HERE) for _ in range(6))
    results = await asyncio.gather(*added, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["InvalidInput"] * 5 + ["NoneType"]


async def test_bad_keys_and_names_are_refused(own_database: Database) -> None:
    await with_admin(own_database)
    for key, name, field in (("Legal", "Legal", "key"), ("legal", " ", "name"), ("finance", "Finance", "key")):
        with pytest.raises(InvalidInput) as refused:
            await add_group(own_database, key, name, **HERE)
        assert refused.value.problems.keys() == {field}, key
    with pytest.raises(NotFound):
        await rename_group(own_database, "legal", "Legal", **HERE)


async def test_a_group_that_is_needed_stays(own_database: Database) -> None:
    await with_admin(own_database)
    await add_group(own_database, "legal", "Legal", **HERE)
    for key, named in (("finance", []), ("legal", ["legal"])):
        with pytest.raises(GroupInUse):
            await remove_group(own_database, key, named, **HERE)
    assert {"finance", "legal"} <= (await names(own_database)).keys()
