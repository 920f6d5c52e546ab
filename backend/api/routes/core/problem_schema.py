"""Problem details, the same for all REST calls."""

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """RFC 9457 problem details with a stable code."""

    type: str = Field(examples=["urn:countersign:already_decided"])
    title: str = Field(examples=["Nothing was changed"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["Already decided: Fay Nowak approved this. Nothing was changed."])
    code: str = Field(examples=["already_decided"])
    instance: str = Field(examples=["/api/v1/approvals/0199…/decision"])
    request_id: str = Field(examples=["req-7f3a91c2d4e5"])
