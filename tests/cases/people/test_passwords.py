"""One-time links to set a password: once, for a while, for their person alone."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backend.cases.core.errors import InvalidInput
from backend.cases.core.password_links import PasswordLinkNotValid, PasswordLinks
from backend.cases.people.invitations import PersonInactive, invite, send_password_link
from backend.cases.people.new_person import NewPerson
from backend.cases.people.passwords import holder_of, set_password
from backend.cases.people.sign_in import Authenticator
from backend.cases.people.sign_in_limits import Origin
from backend.database.engine import Database
from backend.database.tables import Delivery, Person, Session
from tests.support.web import SECRET
from tests.support.without_demo import PASSWORD, with_admin

LINKS = PasswordLinks([SECRET])
HERE = Origin("192.0.2.1", "")
NEW = "another password of ida"


def token_of(person: Person, links: PasswordLinks = LINKS) -> str:
    """The secret part of a new link."""
    return links.url(person).rpartition("/")[2]


def authenticator(database: Database) -> Authenticator:
    """Signs people in."""
    return Authenticator(database, timedelta(hours=1), timedelta(hours=1))


async def test_of_several_who_invite_the_same_person_one_does_and_one_email_leaves(own_database: Database) -> None:
    await with_admin(own_database)
    nils = NewPerson("nils", "default", "Nils Dahl", "nils@harbour.example")
    results = await asyncio.gather(*(invite(own_database, nils, by="ida") for _ in range(5)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["InvalidInput"] * 4 + ["Person"]
    async with own_database.across_tenants() as session:
        assert list(await session.scalars(select(Delivery.person_id))) == ["nils"]


async def test_a_link_sets_the_password_once(own_database: Database) -> None:
    ida = await with_admin(own_database, password=None)
    token, other = token_of(ida), token_of(ida)
    assert (await holder_of(own_database, LINKS, token)).id == "ida"
    await set_password(own_database, LINKS, token, PASSWORD)
    assert await authenticator(own_database).sign_in("ida", PASSWORD, HERE)
    for used in (token, other):
        with pytest.raises(PasswordLinkNotValid):
            await set_password(own_database, LINKS, used, NEW)
        with pytest.raises(PasswordLinkNotValid):
            await holder_of(own_database, LINKS, used)


async def test_of_two_clicks_at_once_one_counts(own_database: Database) -> None:
    token = token_of(await with_admin(own_database))
    results = await asyncio.gather(
        *(set_password(own_database, LINKS, token, f"{NEW} {number}") for number in range(4)), return_exceptions=True
    )
    names = sorted(type(each).__name__ for each in results)
    assert names == ["PasswordLinkNotValid"] * 3 + ["Person"]


async def test_setting_a_password_ends_every_session(own_database: Database) -> None:
    ida = await with_admin(own_database)
    await authenticator(own_database).sign_in("ida", PASSWORD, HERE)
    await set_password(own_database, LINKS, token_of(ida), NEW)
    async with own_database.across_tenants() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 0


async def test_a_password_that_breaks_the_rules_leaves_the_link_usable(own_database: Database) -> None:
    token = token_of(await with_admin(own_database, password=None))
    for wrong in ("", "short", "x" * 201):
        with pytest.raises(InvalidInput):
            await set_password(own_database, LINKS, token, wrong)
    await set_password(own_database, LINKS, token, PASSWORD)


async def test_a_link_that_others_signed_does_not_work(own_database: Database) -> None:
    token = token_of(await with_admin(own_database, password=None), PasswordLinks([SECRET[::-1]]))
    with pytest.raises(PasswordLinkNotValid):
        await set_password(own_database, LINKS, token, PASSWORD)


async def test_a_link_that_is_too_old_does_not_work(own_database: Database) -> None:
    token = token_of(await with_admin(own_database, password=None))
    with pytest.raises(PasswordLinkNotValid):
        await set_password(own_database, PasswordLinks([SECRET], age=timedelta(-1)), token, PASSWORD)


async def test_a_link_ends_with_the_account_and_none_is_sent_to_it(own_database: Database) -> None:
    token = token_of(await with_admin(own_database))
    async with own_database.across_tenants() as session:
        await session.execute(update(Person).values(active=False))
    with pytest.raises(PasswordLinkNotValid):
        await set_password(own_database, LINKS, token, NEW)
    with pytest.raises(PersonInactive):
        await send_password_link(own_database, "ida", by="a test")
