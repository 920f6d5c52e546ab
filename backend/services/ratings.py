"""Credit ratings of customers: over HTTP where RATINGS_URL is set, else from our own table."""

from typing import Protocol

import httpx2
from pydantic import BaseModel, Field

from backend.database.engine import Database
from backend.database.tables import CreditRating
from backend.kit.money import Money

ANSWER_SECONDS = 4.0


class RatingRequest(BaseModel):
    """Whose rating is asked for."""

    tenant: str
    customer: str


class Rating(BaseModel):
    """How good a customer is, from 0 to 100, and up to which amount they have credit."""

    score: int = Field(ge=0, le=100)
    limit: Money


class RatingAnswer(BaseModel):
    """The rating; none if nobody knows the customer."""

    rating: Rating | None = None


class Ratings(Protocol):
    """Looks ratings up. It changes nothing, so asking twice is harmless."""

    async def look_up(self, request: RatingRequest) -> RatingAnswer:
        """What is known of the customer."""
        ...


class HttpRatings:
    """`GET {url}/ratings?customer=…`; 404 means that the customer is unknown."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._client = client

    async def look_up(self, request: RatingRequest) -> RatingAnswer:
        """Ask; whatever may pass by itself raises httpx2's errors and is tried again."""
        given = {"customer": request.customer}
        answer = await self._client.get(f"{self._url}/ratings", params=given, timeout=ANSWER_SECONDS)
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return RatingAnswer()
        answer.raise_for_status()
        return RatingAnswer(rating=Rating.model_validate(answer.json()))


class PostgresRatings:
    """Ratings in our own table, the same answer for the same name however it is written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look_up(self, request: RatingRequest) -> RatingAnswer:
        """Read one row."""
        async with self._database.transaction(request.tenant) as session:
            row = await session.get(CreditRating, (request.tenant, customer_key(request.customer)))
        if row is None:
            return RatingAnswer()
        limit = Money(amount=row.credit, currency=row.currency)
        return RatingAnswer(rating=Rating(score=row.score, limit=limit))


def customer_key(name: str) -> str:
    """One key for «Nordwerk  Möbel GmbH» and «nordwerk möbel gmbh»."""
    return " ".join(name.casefold().split())
