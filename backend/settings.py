"""Every setting of Countersign, read once from the environment; nothing else reads it."""

import os
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "COUNTERSIGN_"
LONGEST = timedelta(days=36_525)

Plan = TypeVar("Plan", bound=BaseModel)


class Settings(BaseSettings):
    """The configuration of one process, frozen from its first reading on."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    database_url: str = Field(default="", description="postgresql+asyncpg URL of the app's role, which owns nothing.")
    database_owner_url: str = Field(
        default="", description="URL of the role that owns the schema; only `migrate` uses it."
    )
    database_pool_size: int = Field(default=10, ge=1, description="Connections each process keeps.")
    temporal_address: str = Field(default="", description="host:port of the Temporal frontend.")
    temporal_namespace: str = Field(default="countersign", description="Namespace of the first tenant.")
    broker_url: str = Field(default="", description="nats:// URL of the broker.")
    smtp_url: str = Field(default="", description="smtp:// URL; empty: a mailbox in the database.")
    mail_from: str = Field(default="", description="Sender of mails; empty: countersign@ the host of BASE_URL.")
    erp_url: str = Field(default="", description="Base URL of the ERP; empty: tables in PostgreSQL.")
    payments_url: str = Field(default="", description="Base URL of payments; empty: PostgreSQL.")
    inventory_url: str = Field(default="", description="Base URL of the stock; empty: PostgreSQL.")
    shipping_url: str = Field(default="", description="Base URL of shipping; empty: PostgreSQL.")
    ratings_url: str = Field(default="", description="Base URL of credit ratings; empty: PostgreSQL.")
    base_url: str = Field(default="http://127.0.0.1:8000", description="Address people use; links are built from it.")
    secret_keys: str = Field(
        default="", description="Comma-separated signing keys, newest first, 32 characters or more each."
    )
    payload_keys: str = Field(
        default="", description="Comma-separated id:base64 AES-256 keys, newest (encoding) first."
    )
    data_dir: Path = Field(default=Path(".data"), description="Folder of files and embedded services.")
    demo_cases: bool = Field(default=True, description="Whether `up` opens cases for the demo.")
    demo_password: SecretStr = Field(default=SecretStr(""), description="Password of the demo people.")
    log_format: Literal["console", "json"] = Field(default="console", description="Form of the log.")
    shutdown_seconds: int = Field(default=10, ge=1, description="Grace of workers at SIGTERM.")
    worker_deployment: str = Field(
        default="", pattern=r"^[^.]*$", description="Deployment name for worker versioning; empty: unversioned."
    )
    worker_build_id: str = Field(default="", description="Build id of this code; needed with a deployment name.")
    session_idle: timedelta = Field(default=timedelta(hours=2), description="A session ends unused.")
    session_absolute: timedelta = Field(default=timedelta(hours=12), description="A session ends.")
    upload_bytes: int = Field(default=10 * 1024 * 1024, description="Largest file, in bytes.")
    body_bytes: int = Field(default=1024 * 1024, description="Largest body without files, in bytes.")

    @model_validator(mode="after")
    def versioned_in_full(self) -> Self:
        """A deployment has a name and a build, or neither."""
        if bool(self.worker_deployment) != bool(self.worker_build_id):
            raise ValueError(f"Set both {PREFIX}WORKER_DEPLOYMENT and {PREFIX}WORKER_BUILD_ID, or neither")
        return self

    def keys(self) -> tuple[str, ...]:
        """Signing keys, newest first."""
        return tuple(key.strip() for key in self.secret_keys.split(",") if key.strip())


def desk_file(data_dir: Path) -> Path:
    """Where a running `up` says at which addresses its embedded services answer; readable by its owner alone."""
    return data_dir / "environment"


@cache
def settings() -> Settings:
    """The settings of this process; what the environment leaves open comes from the `up` that runs on this machine."""
    data_dir = Path(os.environ.get(f"{PREFIX}DATA_DIR", ".data"))
    return Settings(_env_file=desk_file(data_dir))


class WrongPlan(Exception):
    """A duration or switch of a process cannot be kept; says which variable to mend."""

    def __init__(self, process: str, field: str, given: object) -> None:
        name = f"{PREFIX}{process}__{field}".upper()
        super().__init__(f"{name} cannot be {given}. Durations are ISO 8601 and not below zero, such as P2D or PT30M.")


def process_plan(process: str, plan: type[Plan]) -> Plan:
    """The durations and switches of one process, from COUNTERSIGN_{PROCESS}__{FIELD}; WrongPlan for what is neither.

    They are read when a case is opened and travel in the workflow's input from then on.
    """
    given = given_plan(process)
    try:
        found = plan.model_validate(given)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise WrongPlan(process, field, given.get(field, "")) from error
    for field, value in found:
        if isinstance(value, timedelta) and not timedelta(0) <= value <= LONGEST:
            raise WrongPlan(process, field, given.get(field, value))
    return found


@cache
def given_plan(process: str) -> dict[str, str]:
    """What the environment says of one process, by field."""
    prefix = f"{PREFIX}{process}__".upper()
    return {name[len(prefix) :].lower(): value for name, value in os.environ.items() if name.upper().startswith(prefix)}
