"""The store as first released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "coding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.String(length=255), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("sample", sa.String(length=64), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("coder", sa.String(length=64), nullable=False),
        sa.Column("codable", sa.Boolean(), nullable=False),
        sa.Column("uncodable_reason", sa.String(length=16), nullable=True),
        sa.Column("label", sa.String(length=16), nullable=True),
        sa.Column("subtype", sa.String(length=4), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("concern", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("imported_at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_coding"),
        sa.UniqueConstraint("sample", "platform", "task_id", "coder", name="uq_coding_sample"),
    )
    op.create_table(
        "crawl",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("conduct", sa.JSON(), nullable=False),
        sa.Column("software", sa.String(length=64), nullable=False),
        sa.Column("classifier", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_crawl"),
    )
    op.create_index("ix_crawl_platform_started", "crawl", ["platform", "started_at"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("cron", sa.String(length=64), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(length=20), nullable=False),
        sa.Column("paused_at", sa.String(length=20), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
    )
    op.create_table(
        "text",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("buyer_country_text", sa.Text(), nullable=False),
        sa.Column("worker_country_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_text"),
    )
    op.create_table(
        "judgement",
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=96), nullable=False),
        sa.Column("classifier", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=True),
        sa.Column("subtype", sa.String(length=4), nullable=True),
        sa.Column("secondary", sa.JSON(), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=True),
        sa.Column("codable", sa.Boolean(), nullable=False),
        sa.Column("uncodable_reason", sa.String(length=16), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("language_confidence", sa.Float(), nullable=False),
        sa.Column("worker_scope", sa.String(length=16), nullable=False),
        sa.Column("worker_regions", sa.JSON(), nullable=False),
        sa.Column("judged_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["text_hash"], ["text.hash"], name="fk_judgement_text_hash_text"),
        sa.PrimaryKeyConstraint("text_hash", "version", name="pk_judgement"),
    )
    op.create_table(
        "page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("crawl_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.String(length=20), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.Integer(), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=True),
        sa.Column("warc_offset", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["crawl_id"], ["crawl.id"], name="fk_page_crawl_id_crawl"),
        sa.PrimaryKeyConstraint("id", name="pk_page"),
        sa.UniqueConstraint("url", "observed_at", "sha256", name="uq_page_url"),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=96), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("relation", sa.String(length=8), nullable=False),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["text_hash"], ["text.hash"], name="fk_place_text_hash_text"),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
    )
    op.create_index("ix_place_text_version", "place", ["text_hash", "version"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("buyer", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("first_seen", sa.String(length=20), nullable=False),
        sa.Column("last_seen", sa.String(length=20), nullable=False),
        sa.Column("sightings", sa.Integer(), nullable=False),
        sa.Column("reward", sa.String(length=40), nullable=True),
        sa.Column("reward_max", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("reward_unit", sa.String(length=8), nullable=True),
        sa.Column("positions_total", sa.BigInteger(), nullable=True),
        sa.Column("positions_done", sa.BigInteger(), nullable=True),
        sa.Column("positions_open", sa.BigInteger(), nullable=True),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("success_rate", sa.Integer(), nullable=True),
        sa.Column("posted_at", sa.String(length=20), nullable=True),
        sa.Column("expires_at", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["text_hash"], ["text.hash"], name="fk_task_text_hash_text"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint("platform", "task_id", name="uq_task_platform"),
    )
    op.create_index("ix_task_text_hash", "task", ["text_hash"], unique=False)
    op.create_table(
        "sighting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("observed_at", sa.String(length=20), nullable=False),
        sa.Column("reward", sa.String(length=40), nullable=True),
        sa.Column("reward_max", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("reward_unit", sa.String(length=8), nullable=True),
        sa.Column("positions_total", sa.BigInteger(), nullable=True),
        sa.Column("positions_done", sa.BigInteger(), nullable=True),
        sa.Column("positions_open", sa.BigInteger(), nullable=True),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("success_rate", sa.Integer(), nullable=True),
        sa.Column("posted_at", sa.String(length=20), nullable=True),
        sa.Column("expires_at", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name="fk_sighting_page_id_page"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_sighting_task_id_task"),
        sa.ForeignKeyConstraint(["text_hash"], ["text.hash"], name="fk_sighting_text_hash_text"),
        sa.PrimaryKeyConstraint("id", name="pk_sighting"),
        sa.UniqueConstraint("page_id", "task_id", name="uq_sighting_page_id"),
    )
    op.create_index("ix_sighting_task", "sighting", ["task_id", "observed_at"], unique=False)


def downgrade() -> None:
    for table in ("place", "judgement", "sighting", "task", "page", "text", "crawl", "coding", "schedule"):
        op.drop_table(table)
