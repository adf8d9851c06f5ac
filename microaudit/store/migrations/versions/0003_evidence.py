"""The hash of a page's evidence, which is redacted, beside that of the page as received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("page", sa.Column("evidence_sha256", sa.String(length=64), nullable=True))
    op.create_index("ix_page_crawl", "page", ["crawl_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_page_crawl", "page")
    op.drop_column("page", "evidence_sha256")
