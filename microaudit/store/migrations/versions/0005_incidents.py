"""What a schedule was last taken up for, and the incidents that people are told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("schedule", sa.Column("resumed_at", sa.String(length=20), nullable=True))
    op.add_column("schedule", sa.Column("taken_due", sa.String(length=20), nullable=True))
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(length=20), nullable=False),
        sa.Column("told_at", sa.String(length=20), nullable=True),
        sa.Column("closed_at", sa.String(length=20), nullable=True),
        sa.Column("closure_told_at", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_platform", "incident", ["platform", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("incident")
    op.drop_column("schedule", "taken_due")
    op.drop_column("schedule", "resumed_at")
