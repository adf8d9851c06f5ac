"""All stages of a page in run order, for what is not a crawl; a crawl runs the same classes by its settings."""

from __future__ import annotations

from microaudit.items import Page
from microaudit.run import Run
from pipelines.classify import Classify
from pipelines.geography import Locate
from pipelines.language import Language
from pipelines.recall import Recall
from pipelines.store import Store
from pipelines.validate import Validate


class Stages:
    """validate -> recall -> language -> classify -> geography -> store."""

    def __init__(self, run: Run) -> None:
        self.stages = (
            Validate(),
            Recall(run.engine, run.version),
            Language(),
            Classify(),
            Locate(),
            Store(run.engine, run.crawl_id, run.version),
        )

    def process(self, page: Page) -> Page:
        """The page after all stages, stored."""
        for stage in self.stages:
            page = stage.process_item(page)
        return page
