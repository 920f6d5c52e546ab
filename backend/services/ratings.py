"""Credit ratings of customers: over HTTP where RATINGS_URL is set, else from our own table."""

from typing import Protocol

import httpx2
from pydantic import BaseModel, Field

from backend.database.engine import Database
from backend.database.tables import CreditRating
from backend.kit.money import Money
from backend.kit.text import customer_key

ANSWER_SECONDS = 4.0


class RatingRequest(BaseModel):
    """Whose rating to look up."""

    tenant: str
    customer: str


class Rating(BaseModel):
    """The score of a customer, from 0 to 100, and their credit limit."""

    score: int = Field(ge=0, le=100)
    limit: Money


class RatingAnswer(BaseModel):
    """The rating; None if the customer is unknown."""

    rating: Rating | None = None


class Ratings(Protocol):
    """Looks up ratings. It changes nothing, so it is safe to repeat."""

    async def look_up(self, request: RatingRequest) -> RatingAnswer:
        """The rating of the customer, if there is one."""
        ...


class HttpRatings:
    """`GET {url}/ratings?customer=…`; 404 means that the customer is unknown."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._client = client

    async def look_up(self, request: RatingRequest) -> RatingAnswer:
        """Look it up; temporary failures raise httpx2's errors and are retried."""
        given = {"customer": request.customer}
        answer = await self._client.get(f"{self._url}/ratings", params=given, timeout=ANSWER_SECONDS)
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return RatingAnswer()
        answer.raise_for_status()
        return RatingAnswer(rating=Rating.model_validate(answer.json()))


class PostgresRatings:
    """Ratings in our own table, the same answer for all spellings of a name."""

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
