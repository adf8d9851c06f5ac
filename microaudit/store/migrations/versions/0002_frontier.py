"""The frontier: what a crawl has found and not asked yet, so that a killed crawl can go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "frontier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("crawl_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("found_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["crawl_id"], ["crawl.id"], name="fk_frontier_crawl_id_crawl"),
        sa.PrimaryKeyConstraint("id", name="pk_frontier"),
        sa.UniqueConstraint("crawl_id", "url", name="uq_frontier_crawl_id"),
    )
    op.create_index("ix_frontier_next", "frontier", ["crawl_id", "state", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("frontier")
