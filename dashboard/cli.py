"""The ``wuyetu`` command.

Exit 0: done; 1: done, but a person is needed; 2: unusable input, nothing changed.
"""

from __future__ import annotations

import click

from dashboard import early
from dashboard.commands.boundaries import boundaries, parse
from dashboard.commands.bundling import bundle, frontier
from dashboard.commands.inputs import demo, load
from dashboard.commands.quality import quality
from dashboard.commands.results import check, coverage, plan
from dashboard.commands.tools import bench, export, serve
from dashboard.usage import Commands

early.ready()


@click.group(cls=Commands, name="wuyetu", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wuyetu", message="wuyetu %(version)s")
def main() -> None:
    """物业一张图：住宅物业管理的覆盖、打捆与检查计划。"""


for _command in (demo, load, parse, boundaries, quality, coverage, bundle, frontier, plan, check, bench, export, serve):
    main.add_command(_command)

if __name__ == "__main__":
    main()
