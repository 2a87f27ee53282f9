"""What every command shares: its context, its common options, one place for errors, one JSON object on stdout."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dashboard import early
from dashboard.places import DEFAULT_STORE, cache_dir, store_file
from dashboard.terminal import print_json, say
from dashboard.usage import UNUSABLE, Place
from data.profile import Profile
from data.profile_file import load_profile, profile_names
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError
from geo.progress import Stopped

if TYPE_CHECKING:
    from planning.city import City, Scope

DONE, NEEDS_A_PERSON = 0, 1


@dataclass(frozen=True, slots=True)
class Context:
    """What every command is given."""

    store_url: str
    city: str | None
    out: Path
    json: bool

    @property
    def actor(self) -> Actor:
        """The person at the terminal, as the audit log will name it."""
        return Actor(os.environ.get("USER") or "命令行", Role.ADMIN)

    @property
    def cache_dir(self) -> Path:
        """Where travel matrices are kept between runs: beside a store in a file, else under ``var``."""
        return cache_dir(self.store_url)

    def open(self) -> Store:
        """The store, made if it is not there yet."""
        return open_store(self.store_url)

    def open_existing(self) -> Store:
        """The store of a command that needs data.

        Raises
        ------
        InputError
            If its file does not exist: a mistyped address must not leave an empty database behind.
        """
        file = store_file(self.store_url)
        if file is not None and not file.exists():
            raise InputError(
                f"没有数据库 {file}", "请核对 --store（或 WUYETU_STORE），或先导入，例如 wuyetu load 文件夹 --city demo"
            )
        return self.open()

    def part(self, store: Store, scope: Scope) -> City:
        """The scope's part of the city.

        Raises
        ------
        InputError
            If it holds no estate: a result of nothing must not take the place of a real one.
        """
        from planning import runs

        city = runs.read_city(store, self.actor).inside(scope)
        if city.estates.empty:
            raise InputError("所选范围内没有小区", "请核对 --unit 的编号，或 --within 的 西,南,东,北")
        return city

    def profile(self, store: Store) -> Profile:
        """The profile asked for, else the one the data were loaded with.

        Raises
        ------
        InputError
            If neither is there.
        """
        if self.city is not None:
            return load_profile(self.city)
        with store.begin(self.actor) as uow:
            name = uow.setting("profile")
        if name is None:
            names = "、".join(profile_names())
            raise InputError("还没有选择城市的规则（--city）", f"可选：{names}，或自己的 .toml 文件")
        return load_profile(str(name))


def command(function: Callable[..., tuple[int, dict[str, Any]]]) -> click.Command:
    """A command with the common options, one place for errors, and one JSON object on stdout.

    The function gives its exit code and the body of its JSON.
    """

    @click.option(
        "--store", "store_url", metavar="URL", envvar="WUYETU_STORE", default=DEFAULT_STORE, help="数据库地址"
    )
    @click.option("--city", metavar="规则", help="城市规则的名称，或自己的 .toml 文件；省略时用导入时的规则")
    @click.option("--out", type=Place(), default=Path("out"), show_default=True, help="输出文件夹")
    @click.option("--json", "as_json", is_flag=True, help="在标准输出给出一个 JSON 对象")
    @functools.wraps(function)
    def run(store_url: str, city: str | None, out: Path, as_json: bool, **arguments: Any) -> None:
        context = Context(store_url, city, out, as_json)
        try:
            code, body = function(context, **arguments)
        except InputError as error:
            _refuse(context, str(error), [fault.as_dict() for fault in error.faults])
        except (KeyboardInterrupt, Stopped):
            _refuse(context, early.INTERRUPTED, [])
        except OSError as error:
            _refuse(context, _os_message(error), [])
        else:
            _answer(context, code, body)

    return click.command(name=function.__name__)(run)


def _answer(context: Context, code: int, body: dict[str, Any]) -> None:
    """Print the JSON if asked for and end; what was done stays done even if nobody can be told."""
    try:
        if context.json:
            print_json({"exit": code, **body})
    except OSError as error:
        say(f"结果无法写到标准输出：{_os_message(error)}")
        code = max(code, NEEDS_A_PERSON)
    sys.exit(code)


def _refuse(context: Context, message: str, faults: list[dict[str, object]]) -> None:
    say(message)
    _answer(context, UNUSABLE, {"error": message, "faults": faults})


def _os_message(error: OSError) -> str:
    reasons = {
        28: ("磁盘已满", "请清理磁盘后重试"),
        13: ("没有权限", "请检查文件夹的读写权限"),
        30: ("文件系统只读", "请换一个可写的文件夹"),
        2: ("文件或文件夹不存在", "请检查路径"),
        17: ("同名文件已存在", "请换一个名称或文件夹"),
        20: ("路径中有一段不是文件夹", "请检查路径"),
        21: ("这是文件夹，不是文件", "请检查路径"),
        27: ("文件过大", "请检查磁盘的限制"),
        36: ("文件名过长", "请换一个较短的路径"),
        98: ("端口已被占用", "请用 --port 换一个端口"),
    }
    problem, remedy = reasons.get(error.errno or 0, (error.strerror or "读写失败", "请检查路径和磁盘"))
    name = f"{error.filename}：" if error.filename else ""
    return f"{name}{problem}。{remedy}。"
