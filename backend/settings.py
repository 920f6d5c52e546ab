"""All settings of Countersign, read once from the environment, and only here."""

import os
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "COUNTERSIGN_"
MAX_DURATION = timedelta(days=36_525)

Plan = TypeVar("Plan", bound=BaseModel)


class Settings(BaseSettings):
    """The configuration of one process; it never changes while the process runs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    database_url: str = Field(default="", description="postgresql+asyncpg URL of the app's role, which owns no tables.")
    database_owner_url: str = Field(
        default="", description="URL of the role that owns the schema; only `migrate` uses it."
    )
    database_pool_size: int = Field(default=10, ge=1, description="Size of each process's connection pool.")
    temporal_address: str = Field(default="", description="host:port of the Temporal frontend.")
    temporal_namespace: str = Field(default="countersign", description="Namespace of the first tenant.")
    broker_url: str = Field(default="", description="nats:// URL of the broker.")
    smtp_url: str = Field(
        default="", description="smtp:// URL of the mail server; empty: emails are stored in the database."
    )
    mail_from: str = Field(default="", description="Sender of emails; empty: countersign@ the host of BASE_URL.")
    erp_url: str = Field(default="", description="Base URL of the ERP; empty: tables in PostgreSQL.")
    payments_url: str = Field(default="", description="Base URL of the payment service; empty: tables in PostgreSQL.")
    inventory_url: str = Field(default="", description="Base URL of the inventory; empty: tables in PostgreSQL.")
    shipping_url: str = Field(default="", description="Base URL of the shipping service; empty: tables in PostgreSQL.")
    ratings_url: str = Field(
        default="", description="Base URL of the credit rating service; empty: tables in PostgreSQL."
    )
    base_url: str = Field(default="http://127.0.0.1:8000", description="URL that people use; links are built from it.")
    allowed_hosts: str = Field(
        default="", description="Comma-separated host names that are served in addition to that of BASE_URL; * for any."
    )
    trusted_proxies: str = Field(
        default="", description="Comma-separated addresses or networks of proxies whose X-Forwarded-For is believed."
    )
    max_connections: int = Field(default=2000, ge=8, description="Connections that a web process keeps open at once.")
    secret_keys: str = Field(
        default="", description="Comma-separated signing keys, newest first, 32 characters or more each."
    )
    payload_keys: str = Field(default="", description="Comma-separated id:base64 AES-256 keys; the first encodes.")
    data_dir: Path = Field(default=Path(".data"), description="Folder for files and embedded services.")
    demo_cases: bool = Field(default=True, description="Whether `up` opens demo cases.")
    demo_password: SecretStr = Field(default=SecretStr(""), description="Password of the demo people.")
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="Bearer token for the metrics of all tenants; operators see their tenant's."
    )
    log_format: Literal["console", "json"] = Field(default="console", description="Format of the log.")
    web_processes: int = Field(
        default=2, ge=1, le=16, description="Web processes of `up`; while one is replaced, the others respond."
    )
    shutdown_seconds: int = Field(default=10, ge=1, description="Seconds that workers have to finish after SIGTERM.")
    worker_deployment: str = Field(
        default="", pattern=r"^[^.]*$", description="Deployment name for worker versioning; empty: unversioned."
    )
    worker_build_id: str = Field(default="", description="Build id of this code; required with a deployment name.")
    pseudo_locale: bool = Field(
        default=False, description="Whether Accept-Language en-XA selects the pseudo-locale; for tests."
    )
    waiting_limit: int = Field(
        default=1000,
        ge=1,
        description="Cases of one person and process that may wait to start; further ones are refused with 429.",
    )
    session_idle: timedelta = Field(default=timedelta(hours=2), description="Idle time after which a session ends.")
    session_absolute: timedelta = Field(default=timedelta(hours=12), description="Age at which a session ends.")
    undo_on_pages: timedelta = Field(
        default=timedelta(seconds=10), description="Time to undo a decision that was made on a page; zero turns it off."
    )
    upload_bytes: int = Field(default=10 * 1024 * 1024, description="Maximum size of a file, in bytes.")
    body_bytes: int = Field(default=1024 * 1024, description="Maximum size of a JSON body, in bytes.")
    form_bytes: int = Field(
        default=8 * 1024 * 1024, description="Maximum size of the text of a form, encoded, in bytes."
    )

    @model_validator(mode="after")
    def has_deployment_and_build(self) -> Self:
        """A deployment needs both a name and a build id."""
        if bool(self.worker_deployment) != bool(self.worker_build_id):
            raise ValueError(f"Set both {PREFIX}WORKER_DEPLOYMENT and {PREFIX}WORKER_BUILD_ID, or neither")
        return self

    def keys(self) -> tuple[str, ...]:
        """Signing keys, newest first."""
        return tuple(key.strip() for key in self.secret_keys.split(",") if key.strip())


def environment_file(data_dir: Path) -> Path:
    """The file in which a running `up` stores the addresses of its embedded services; only its owner can read it."""
    return data_dir / "environment"


def owner_file(data_dir: Path) -> Path:
    """The file in which a running `up` stores the URL of the role that owns the schema, apart from all else."""
    return data_dir / "environment-owner"


def owner_settings() -> Settings:
    """The settings of `migrate`, which alone may know the owner of the schema."""
    data_dir = Path(os.environ.get(f"{PREFIX}DATA_DIR", ".data"))
    return Settings(_env_file=(environment_file(data_dir), owner_file(data_dir)))


@cache
def settings() -> Settings:
    """The settings of this process; what the environment does not set comes from a running `up` on this machine."""
    data_dir = Path(os.environ.get(f"{PREFIX}DATA_DIR", ".data"))
    return Settings(_env_file=environment_file(data_dir))


class InvalidPlan(Exception):
    """A duration or switch of a process is invalid; names the variable to fix."""

    def __init__(self, process: str, field: str, value: object) -> None:
        name = f"{PREFIX}{process}__{field}".upper()
        super().__init__(
            f"{name} cannot be “{value}”. Durations are in ISO 8601 and not negative, such as P2D or PT30M."
        )


def process_plan(process: str, plan: type[Plan]) -> Plan:
    """The durations and switches of one process, from COUNTERSIGN_{PROCESS}__{FIELD}; InvalidPlan if one is invalid.

    They are read when a case is opened and are then part of the workflow's input.
    """
    configured = configured_plan(process)
    try:
        found = plan.model_validate(configured)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise InvalidPlan(process, field, configured.get(field, "")) from error
    for field, value in found:
        if isinstance(value, timedelta) and not timedelta(0) <= value <= MAX_DURATION:
            raise InvalidPlan(process, field, configured.get(field, value))
    return found


@cache
def configured_plan(process: str) -> dict[str, str]:
    """What the environment sets for one process, by field."""
    prefix = f"{PREFIX}{process}__".upper()
    return {name[len(prefix) :].lower(): value for name, value in os.environ.items() if name.upper().startswith(prefix)}
