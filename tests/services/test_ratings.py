"""Ratings, from our own table and over HTTP."""

import httpx2
import pytest

from backend.database.engine import Database
from backend.services.ratings import HttpRatings, PostgresRatings, RatingRequest, Ratings

BODY = {"score": 86, "limit": {"amount": "25000.00", "currency": "EUR"}}


def bureau(request: httpx2.Request) -> httpx2.Response:
    """A rating agency that knows one customer."""
    known = request.url.path == "/v1/ratings" and request.url.params["customer"] == "Nordwerk Möbel GmbH"
    return httpx2.Response(200, json=BODY) if known else httpx2.Response(404)


@pytest.fixture(params=["postgres", "http"])
def ratings(request: pytest.FixtureRequest, database: Database) -> Ratings:
    if request.param == "postgres":
        return PostgresRatings(database)
    return HttpRatings("http://bureau/v1/", httpx2.AsyncClient(transport=httpx2.MockTransport(bureau)))


async def test_a_known_customer_has_score_and_limit(ratings: Ratings) -> None:
    answer = await ratings.look_up(RatingRequest(tenant="default", customer="Nordwerk Möbel GmbH"))
    assert answer.model_dump(mode="json") == {"rating": BODY}


async def test_an_unknown_customer_has_none(ratings: Ratings) -> None:
    answer = await ratings.look_up(RatingRequest(tenant="default", customer="Nobody"))
    assert answer.rating is None


async def test_another_tenants_ratings_are_not_ours(database: Database) -> None:
    answer = await PostgresRatings(database).look_up(RatingRequest(tenant="nobody", customer="Nordwerk Möbel GmbH"))
    assert answer.rating is None


async def test_a_bureau_that_fails_is_an_error_and_no_unknown_customer() -> None:
    broken = httpx2.MockTransport(lambda _: httpx2.Response(500))
    request = RatingRequest(tenant="default", customer="Nordwerk")
    with pytest.raises(httpx2.HTTPStatusError):
        await HttpRatings("http://bureau", httpx2.AsyncClient(transport=broken)).look_up(request)
