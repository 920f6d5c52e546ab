"""What people are told, in the app and by mail, and when they want to hear it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"
TABLES = {
    "notifications": """
        id uuid PRIMARY KEY,
        tenant_id varchar NOT NULL REFERENCES tenants (id),
        person_id varchar NOT NULL REFERENCES people (id),
        case_id uuid REFERENCES cases (id),
        approval_id uuid REFERENCES approvals (id),
        key varchar NOT NULL,
        event varchar NOT NULL,
        headline varchar NOT NULL,
        note varchar NOT NULL,
        by varchar,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        read_at timestamptz,
        CONSTRAINT told_once UNIQUE (tenant_id, person_id, key)
    """,
    "deliveries": """
        id uuid PRIMARY KEY,
        tenant_id varchar NOT NULL REFERENCES tenants (id),
        person_id varchar NOT NULL REFERENCES people (id),
        case_id uuid REFERENCES cases (id),
        approval_id uuid REFERENCES approvals (id),
        digest_id uuid REFERENCES deliveries (id),
        event varchar NOT NULL,
        headline varchar NOT NULL,
        note varchar NOT NULL,
        state varchar NOT NULL,
        attempts integer NOT NULL,
        resends integer NOT NULL,
        reason varchar NOT NULL,
        provider_id varchar NOT NULL,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        sent_at timestamptz,
        link_spent_at timestamptz
    """,
    "mail_preferences": """
        person_id varchar PRIMARY KEY REFERENCES people (id),
        tenant_id varchar NOT NULL REFERENCES tenants (id),
        daily boolean NOT NULL,
        daily_at time NOT NULL,
        quiet_from time,
        quiet_until time
    """,
    "mailbox": """
        delivery_id uuid PRIMARY KEY REFERENCES deliveries (id),
        tenant_id varchar NOT NULL REFERENCES tenants (id),
        message_id varchar NOT NULL,
        address varchar NOT NULL,
        subject varchar NOT NULL,
        text varchar NOT NULL,
        html varchar NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    """,
}
INDEXES = (
    "notifications_newest ON notifications (tenant_id, person_id, at DESC, id DESC)",
    "notifications_unread ON notifications (tenant_id, person_id, at DESC, id DESC) WHERE read_at IS NULL",
    "notifications_of_approval ON notifications (approval_id)",
    "deliveries_newest ON deliveries (tenant_id, created_at DESC, id DESC)",
    "deliveries_due ON deliveries (due_at) WHERE state IN ('queued', 'retried')",
    "deliveries_collected ON deliveries (due_at) WHERE state = 'collected' AND digest_id IS NULL",
    "deliveries_of_digest ON deliveries (digest_id) WHERE digest_id IS NOT NULL",
    "deliveries_of_case ON deliveries (case_id)",
    "ix_deliveries_person_id ON deliveries (person_id)",
)


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_tenant ON {table} USING (tenant_id = {WALL} OR {WALL} = '*')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
    for index in INDEXES:
        op.execute(f"CREATE INDEX {index}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
