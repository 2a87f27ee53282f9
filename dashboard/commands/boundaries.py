"""Commands about boundaries: ``parse`` reads one text, ``boundaries`` makes polygons of the register's texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from dashboard.commands.frame import DONE, NEEDS_A_PERSON, Context, command
from dashboard.commands.options import seed_option
from dashboard.terminal import progress, say


@command
@click.argument("text")
def parse(context: Context, text: str) -> tuple[int, dict[str, Any]]:
    """读一段四至文字：每一侧写的是什么，哪些没有读懂。"""
    from dashboard.boundary_report import parsed_lines
    from geo import sides

    parsed = sides.parse(text)
    for line in parsed_lines(parsed):
        say(line)
    whole = all(side in parsed.sides for side in sides.MAIN_SIDES) and not parsed.unread and not parsed.warnings
    return (DONE if whole else NEEDS_A_PERSON), parsed.as_dict()


@command
@click.option("--street", "street_id", metavar="编号", help="只算某个街道（或县区、社区）")
@seed_option
def boundaries(context: Context, street_id: str | None, seed: int) -> tuple[int, dict[str, Any]]:
    """把四至文字变成边界：能定的定下来，该由人看的列出来。"""
    from dashboard.boundary_report import run_lines
    from planning import boundaries as planning_boundaries

    with context.open_existing() as store, progress("边界") as bar:
        found = planning_boundaries.run(
            store, context.actor, now=datetime.now(UTC), street_id=street_id, seed=seed, progress=bar
        )
    for line in run_lines(found):
        say(line)
    return (NEEDS_A_PERSON if found.look or found.cannot else DONE), found.as_dict()
