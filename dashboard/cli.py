"""The ``wuyetu`` command.

Exit 0: done; 1: done, but a person is needed; 2: unusable input, nothing changed.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dashboard import early
from dashboard.places import DEFAULT_STORE, LOCAL, cache_dir, store_file
from dashboard.terminal import print_json, progress, say
from dashboard.usage import UNUSABLE, Commands, Number, Place
from data.profile import Profile
from data.profile_file import load_profile, profile_names
from data.quarter import Quarter
from data.store import Actor, Role, Store, open_store
from geo.crs import Datum
from geo.errors import InputError
from geo.progress import Stopped

if TYPE_CHECKING:
    from planning.city import City, Scope

early.ready()

DONE, NEEDS_A_PERSON = 0, 1
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


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


@click.group(cls=Commands, name="wuyetu", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wuyetu", message="wuyetu %(version)s")
def main() -> None:
    """物业一张图：住宅物业管理的覆盖、打捆与检查计划。"""


def _date(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date:
    if value is None:
        return date.today()
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"“{value}”不是日期，请写成 2027-01-04") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise click.BadParameter(f"“{value}”不在 {_FIRST_YEAR}–{_LAST_YEAR} 年之间")
    return day


def _window(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[float, float, float, float] | None:
    if value is None:
        return None
    try:
        west, south, east, north = (float(part) for part in value.replace("，", ",").split(","))
    except ValueError:
        raise click.BadParameter(f"“{value}”不是 西,南,东,北 四个数") from None
    return west, south, east, north


def _datums(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Datum | None, dict[str, Datum]]:
    plain: Datum | None = None
    by_pattern: dict[str, Datum] = {}
    for value in values:
        pattern, _, name = value.rpartition("=")
        try:
            datum = Datum(name.lower().replace("-", ""))
        except ValueError:
            raise click.BadParameter(f"“{name}”不是坐标系；可选 {'、'.join(Datum)}") from None
        if pattern:
            by_pattern[pattern] = datum
        else:
            plain = datum
    return plain, by_pattern


on_option = click.option("--on", callback=_date, metavar="日期", help="按哪一天计算，默认今天")
unit_option = click.option("--unit", "unit_id", metavar="编号", help="只算某个行政单元")
within_option = click.option("--within", callback=_window, metavar="西,南,东,北", help="只算此范围内的小区（度）")
seed_option = click.option("--seed", type=Number(int, 0, 2**32 - 1), default=1, show_default=True, help="随机种子")


@command
@click.argument("directory", type=Place())
@click.option("--estates", type=Number(int, 20, 50_000), default=600, show_default=True, help="小区数")
@seed_option
def demo(context: Context, directory: Path, estates: int, seed: int) -> tuple[int, dict[str, Any]]:
    """生成虚构的示例城市的输入文件。"""
    from data.demo import write_demo

    with progress("生成示例城市", stoppable=False) as bar:
        report = write_demo(directory, n_estates=estates, seed=seed, progress=bar)
    say(f"示例城市（虚构）已写入 {directory}：{estates} 个小区，{len(report.files)} 个文件")
    return DONE, {"files": [str(file) for file in report.files], "counts": report.counts}


@command
@click.argument("paths", nargs=-1, required=True, type=Place())
@click.option(
    "--datum", "datums", multiple=True, callback=_datums, metavar="[样式=]坐标系",
    help="坐标系：wgs84、gcj02、bd09、cgcs2000；可按文件名指定，如 '*districts*=gcj02'",
)  # fmt: skip
@click.option("--mapping", metavar="名称", help="列对应关系的名称，或自己的 .toml 文件")
def load(
    context: Context, paths: tuple[Path, ...], datums: tuple[Datum | None, dict[str, Datum]], mapping: str | None
) -> tuple[int, dict[str, Any]]:
    """导入台账、边界、行政单元、道路、检查组和问题台账。"""
    from data import load as loading

    with context.open() as store:
        profile = context.profile(store)
        with progress("导入", stoppable=False) as bar:
            report = loading.load(
                store, context.actor, list(paths), profile,
                datum=datums[0], datum_by_pattern=datums[1], mapping=mapping, progress=bar,
            )  # fmt: skip
    for fault in report.faults:
        say(f"✗ {fault}")
    for warning in report.warnings:
        say(f"! {warning}")
    changed = "数据有更新" if report.changed else "与库中数据相同，没有改变"
    say(f"读入 {report.rows_read} 行，导入 {report.rows_loaded} 行，退回 {report.rows_refused} 行；{changed}")
    return (NEEDS_A_PERSON if report.faults or report.warnings else DONE), report.as_dict()


@command
@on_option
@unit_option
@within_option
def coverage(
    context: Context, on: date, unit_id: str | None, within: tuple[float, float, float, float] | None
) -> tuple[int, dict[str, Any]]:
    """物业服务覆盖率、指标与目标的差距、未覆盖的小区。"""
    from dashboard.report import coverage_body, coverage_lines
    from planning import runs
    from planning.city import Scope

    with context.open_existing() as store:
        profile = context.profile(store)
        city = context.part(store, Scope(unit_id, within))
        result = runs.assess(city, profile, on)
    for line in coverage_lines(result):
        say(line)
    return DONE, coverage_body(result)


@command
@click.option("--seconds", type=Number(float, 0), default=60.0, show_default=True, help="最多求解几秒")
@on_option
@unit_option
@within_option
@seed_option
def bundle(
    context: Context, seconds: float, on: date, unit_id: str | None,
    within: tuple[float, float, float, float] | None, seed: int,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """为未覆盖的小区提出单独、打捆、兜底的方案。"""
    from dashboard.report import bundle_body, bundle_lines
    from planning import runs
    from planning.city import Scope

    scope = Scope(unit_id, within)
    with context.open_existing() as store:
        profile = context.profile(store)
        city = context.part(store, scope)
        with progress("打捆") as bar:
            result = runs.propose_bundles(city, profile, on=on, seed=seed, seconds=seconds, progress=bar)
        runs.save(store, context.actor, runs.BUNDLES, runs.CURRENT, result, scope, city)
    for line in bundle_lines(result):
        say(line)
    return DONE, bundle_body(result)


@command
@click.option("--quarter", "period", required=True, metavar="季度", help="例如 2027Q1")
@click.option("--budget", type=Number(float, 0), default=30.0, show_default=True, help="最多求解几秒")
@unit_option
@within_option
@seed_option
def plan(
    context: Context, period: str, budget: float, unit_id: str | None,
    within: tuple[float, float, float, float] | None, seed: int,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """排出一个季度的联合执法检查：哪个组哪一天去哪些小区。"""
    from dashboard.report import plan_body, plan_lines
    from planning import quarter as quarters
    from planning import runs
    from planning.city import Scope
    from planning.quarter import rules

    period = Quarter.parse(period).id
    scope = Scope(unit_id, within)
    with context.open_existing() as store:
        profile = context.profile(store)
        city = context.part(store, scope)
        with progress("检查计划") as bar:
            problem = runs.pose_quarter(city, profile, period, cache_dir=context.cache_dir, progress=bar)
            result = quarters.solve(problem, budget_s=budget, seed=seed, progress=bar)
        violations = rules.violations(result, problem)
        runs.save(store, context.actor, runs.PLAN, period, result, scope, city)
    if problem.last_day < date.today():
        say(f"! {Quarter.parse(period).title}已经过去")
    for line in plan_lines(result, problem, violations):
        say(line)
    code = NEEDS_A_PERSON if result.unplaced or violations else DONE
    return code, plan_body(result, problem, violations)


@command
@on_option
def check(context: Context, on: date) -> tuple[int, dict[str, Any]]:
    """用独立的程序核对已保存的打捆方案和检查计划是否符合每条规则。"""
    from planning import runs
    from planning.documents import dump

    with context.open_existing() as store:
        profile = context.profile(store)
        with progress("核对", stoppable=False) as bar:
            report = runs.check(store, context.actor, profile, on=on, cache_dir=context.cache_dir, progress=bar)
    for violation in report.violations:
        say(f"✗ {violation.message}（{violation.subject}）")
    for name in report.outdated:
        say(f"! {name}排定之后数据有变化，建议重新计算")
    say(f"已核对 {'、'.join(report.checked)}：{len(report.violations)} 处不符合规则")
    code = NEEDS_A_PERSON if report.violations else DONE
    return code, dump(report)


@command
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1)
def bench(context: Context, name: str | None, arguments: tuple[str, ...]) -> tuple[int, dict[str, Any]]:
    """在本机运行一个性能测试（来自源代码的 tests/benchmarks）。"""
    folder = Path(__file__).resolve().parent.parent / "tests" / "benchmarks"
    known = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if name not in known:
        listed = "、".join(known) or "（此处没有源代码）"
        raise InputError(f"没有名为“{name or ''}”的性能测试", f"可选：{listed}")
    root = str(folder.parent.parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    module = importlib.import_module(f"tests.benchmarks.{name}")
    table = module.table(list(arguments))
    if not context.json:
        module.show(table)
    return DONE, {"name": name, "table": table}


@command
@click.argument("kind", required=False)
@click.option("--quarter", "period", metavar="季度", help="检查计划和线路需要，例如 2027Q1")
@on_option
def export(context: Context, kind: str | None, period: str | None, on: date) -> tuple[int, dict[str, Any]]:
    """导出文件：coverage、bundles、plan、routes、geopackage，或 all。"""
    from dashboard import exports
    from dashboard.report import export_lines

    with context.open_existing() as store:
        profile = context.profile(store)
        with progress("导出") as bar:
            files = exports.export(
                store, context.actor, profile, kind or "all",
                period=Quarter.parse(period).id if period else None,
                on=on, directory=context.out, cache_dir=context.cache_dir, progress=bar,
            )  # fmt: skip
    for line in export_lines(files):
        say(line)
    return DONE, {"files": [str(file) for file in files]}


@command
@click.option("--port", type=Number(int, 1, 65535), default=8501, show_default=True, help="端口")
@click.option(
    "--address", default=LOCAL, show_default=True, help="监听的地址；0.0.0.0 让局域网内的人也能打开（没有登录）"
)
def serve(context: Context, port: int, address: str) -> tuple[int, dict[str, Any]]:
    """打开网页看板。"""
    from dashboard.serve import serve as start

    return start(context.store_url, port, out=context.out, address=address), {"port": port}


for _command in (demo, load, coverage, bundle, plan, check, bench, export, serve):
    main.add_command(_command)

if __name__ == "__main__":
    main()
