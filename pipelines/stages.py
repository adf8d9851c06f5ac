"""The judging stages as Scrapy item pipelines, and all stages in run order for what is not a crawl.

Each class is a thin coat over the function of its stage, which does the work on a batch of tasks: what
a crawl, `import`, `classify` and `reclassify` call is the same.
"""

from __future__ import annotations

import dataclasses

from microaudit.items import Page
from microaudit.run import Run
from pipelines.classify import classify
from pipelines.forgotten import Forgotten
from pipelines.geography import locate
from pipelines.judge import words
from pipelines.language import detect
from pipelines.recall import Recall
from pipelines.redact import Redact
from pipelines.store import Store
from pipelines.validate import Validate


class Language:
    """Stage 3: the language of each listing."""

    def process_item(self, page: Page) -> Page:
        page.languages = detect([words(task) for task in page.fresh])
        return page


class Classify:
    """Stage 4: what each listing asks for."""

    def process_item(self, page: Page) -> Page:
        page.judgements = [
            dataclasses.replace(judgement, language=language, language_confidence=confidence)
            for judgement, (language, confidence) in zip(classify(page.fresh), page.languages, strict=True)
        ]
        return page


class Locate:
    """Stage 5: where buyers sit and which workers are wanted."""

    def process_item(self, page: Page) -> Page:
        page.geographies = locate(page.fresh)
        return page


class Stages:
    """forgotten -> validate -> redact -> recall -> language -> classify -> geography -> store."""

    def __init__(self, run: Run) -> None:
        self.stages = (
            Forgotten(run.engine),
            Validate(),
            Redact(),
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
