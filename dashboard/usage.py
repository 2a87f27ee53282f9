"""How the command line answers wrong usage: in Chinese, and as one JSON object when that was asked for."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from dashboard.early import INTERRUPTED
from dashboard.terminal import print_json, say

UNUSABLE = 2


class Commands(click.Group):
    """A group of commands whose usage errors keep the promise of ``--json``, and that never shows a traceback of a
    closed pipe or of Ctrl-C."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]
        arguments = list(sys.argv[1:] if args is None else args)
        options = arguments[: arguments.index("--")] if "--" in arguments else arguments
        as_json = "--json" in options
        extra["standalone_mode"] = False
        try:
            sys.exit(super().main(arguments, prog_name, **extra) or 0)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(UNUSABLE)
        except click.ClickException as error:
            _refuse(_sentence(error), as_json=as_json)
        except (click.Abort, KeyboardInterrupt):
            _refuse(INTERRUPTED, as_json=as_json)


class Number(click.ParamType):
    """A finite number within bounds, both included."""

    def __init__(self, kind: type[int] | type[float], least: float, most: float = math.inf) -> None:
        self.name = "整数" if kind is int else "数"
        self._kind, self._least, self._most = kind, least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | float:
        """The number that a text stands for."""
        try:
            number = self._kind(value)
        except (ValueError, OverflowError):
            self.fail(f"“{value}”不是{self.name}", param, ctx)
        if not (self._least <= number <= self._most and math.isfinite(number)):
            most = f"、不大于 {self._most:g}" if math.isfinite(self._most) else ""
            self.fail(f"“{value}”超出范围，应不小于 {self._least:g}{most}", param, ctx)
        return number


class Place(click.ParamType):
    """The path of a file or folder; an empty one is a shell variable that nobody set, not this folder."""

    name = "路径"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path that a text stands for."""
        if not os.fspath(value):
            self.fail("路径是空的", param, ctx)
        if "\0" in os.fspath(value):
            self.fail("路径里有不能用的字符", param, ctx)
        return Path(value)


def _refuse(message: str, *, as_json: bool) -> None:
    say(message)
    if as_json:
        print_json({"exit": UNUSABLE, "error": message, "faults": []})
    sys.exit(UNUSABLE)


def _sentence(error: click.ClickException) -> str:
    """What is wrong with the command, in Chinese, with the help that applies."""
    context = getattr(error, "ctx", None)
    remedy = f"用法见 {context.command_path if context else 'wuyetu'} --help"
    match error:
        case click.MissingParameter():
            problem = f"缺少 {_named(error)}"
        case click.BadParameter():
            problem = f"{_named(error)}：{error.message}"
        case click.NoSuchOption():
            problem = f"没有选项 {error.option_name}"
        case click.BadOptionUsage():
            problem = f"选项 {error.option_name} 的用法不对（{error.message}）"
        case click.UsageError() if context is not None and isinstance(context.command, click.Group):
            names = "、".join(context.command.list_commands(context))
            problem, remedy = "没有这个命令", f"可选：{names}"
        case _:
            problem = f"命令写法不对（{error.format_message()}）"
    return f"{problem}。{remedy}"


def _named(error: click.BadParameter) -> str:
    if error.param is None:
        return "参数"
    return error.param.opts[-1] if isinstance(error.param, click.Option) else error.param.human_readable_name
