"""Publish what the store holds: reports for analysts, exports for journalists and programs."""

from __future__ import annotations

from reports.exports import export
from reports.report import ReportSummary, build_report
from reports.verify import verify
from reports.why import why

__all__ = ["ReportSummary", "build_report", "export", "verify", "why"]
