"""Commands that judge: classify, reclassify, evaluate, train."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from microaudit.errors import MicroauditError


def classify(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE or -", help="JSON lines with a Task's keys.")] = "-",
    text: Annotated[str | None, typer.Option(help="Judge this text in the place of a file.")] = None,
    why: Annotated[bool, typer.Option("--why", help="With --text: say what decided.")] = False,
) -> None:
    """Judge listings: JSON lines in, the same lines with judgement and geography out."""
    from microaudit.judging import explain_text, judge_lines

    if text is not None:
        for line in explain_text(text, why):
            context.obj.console.event("verdict", line["words"], **line["fields"])
        return
    skipped = 0
    for number, answer in judge_lines(_lines(file)):
        if answer is None:
            skipped += 1
            context.obj.console.error(
                MicroauditError("MA0801", f"line {number} is not a JSON object of texts: skipped")
            )
        else:
            sys.stdout.write(answer + "\n")
    if skipped:
        raise typer.Exit(8)


def _lines(file: str) -> Iterator[str]:
    with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as lines:
        for line in lines:
            yield line.decode("utf-8-sig" if line.startswith(b"\xef\xbb\xbf") else "utf-8", "replace")


def reclassify(
    context: typer.Context,
    workers: Annotated[int, typer.Option(min=1, help="Processes that judge at the same time.")] = 1,
) -> None:
    """Judge again what is stored, with the current classifier. Older judgements stay beside the new ones."""
    from microaudit.canaries import judged_otherwise
    from microaudit.judging import rejudge
    from microaudit.store.engine import open_store

    engine = open_store(context.obj.db, create=False)
    with context.obj.console.progress("texts") as step:
        judged, changed, version = rejudge(engine, workers, step)
    words = f"{judged} texts judged by {version}, {changed} labels differ from the judgement before"
    context.obj.console.event("reclassify", words, judged=judged, changed=changed, version=version)
    fallen = judged_otherwise()
    for line in fallen:
        context.obj.console.error(MicroauditError("MA0401", line))
    if fallen:
        raise typer.Exit(4)


def evaluate(
    context: typer.Context,
    gold: Annotated[Path, typer.Argument(help="JSON lines with human labels.")],
    to: Annotated[Path | None, typer.Option(help="Also write the evaluation there, as JSON.")] = None,
) -> None:
    """Compare the classifier with human labels."""
    from pipelines.classify.evaluate import evaluate as run_evaluation

    result = run_evaluation(gold)
    if to is not None:
        to.write_text(json.dumps(result.as_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    context.obj.console.event("evaluation", result.table(), **result.as_dict())


def train(
    context: typer.Context,
    corpus: Annotated[list[Path], typer.Argument(help="JSON lines with labels, or folders of such files.")],
    to: Annotated[Path, typer.Option(metavar="MODEL", help="File to write the model to.")],
) -> None:
    """Build the model from labelled listings; the same corpus gives the same bytes."""
    from pipelines.classify.train import train as run_training

    files = [file for path in corpus for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    with context.obj.console.progress("training"):
        run_training(files, to)
    context.obj.console.event("model", f"model: {to}", path=str(to))


COMMANDS = {"classify": classify, "reclassify": reclassify, "evaluate": evaluate, "train": train}
