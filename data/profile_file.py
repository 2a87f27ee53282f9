"""Reads city profiles (``data/profiles/*.toml``, or a user's own file) and checks them strictly.

A file may take whole sections over from the annex tables of the model register (``_annex.toml``): it names them in
``annex = [...]`` (see ``data.profile_annex``).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.profile import Profile
from data.profile_annex import with_annex
from data.profile_checks import check
from data.profile_links import cross_check
from data.profile_schema import Reader
from geo.errors import Fault, InputError

PROFILES: Final = Path(__file__).parent / "profiles"

_ANNEX: Final = PROFILES / "_annex.toml"
_MAX_BYTES: Final = 4_000_000
_MAX_DEPTH: Final = 12


def profile_names() -> tuple[str, ...]:
    """Ids of the profiles that come with the program, sorted."""
    return tuple(sorted(path.stem for path in PROFILES.glob("[!_]*.toml")))


def load_profile(name_or_path: str) -> Profile:
    """A profile of the program by its id, or a user's own by the path of its file.

    Raises
    ------
    InputError
        With every fault of the file: dotted key as column, line as row, value and remedy.
    """
    if name_or_path in profile_names():
        return _shipped(name_or_path)
    path = Path(name_or_path)
    if path.suffix.lower() != ".toml" and not path.exists():
        known = "、".join(profile_names())
        raise InputError(f"没有名为“{name_or_path}”的城市方案", f"可用的方案：{known}；自己的方案请写 .toml 文件的路径")
    return parse_profile(_text(path), path.name)


def parse_profile(text: str, file: str) -> Profile:
    """The profile that a TOML text holds.

    Parameters
    ----------
    text
        The whole file.
    file
        Its name, for the faults.

    Raises
    ------
    InputError
        As ``load_profile``.
    """
    return build_profile(_tables(text, file), text, file)


def build_profile(raw: dict[str, Any], text: str, file: str) -> Profile:
    """The profile of tables already taken apart; ``text`` only serves to name the lines.

    Raises
    ------
    InputError
        As ``load_profile``.
    """
    if "bundle" in raw and "bundle_ways" not in raw:
        way = "audit" if isinstance(raw["bundle"], dict) and raw["bundle"].get("purpose") == "audit" else "service"
        remedy = f'把 [bundle] 改为 [bundle_ways.{way}]，删去 purpose，并在文件开头写 bundle_way = "{way}"'
        problem = "打捆规则现在按方式分写（service 打捆、anchor 以大带小、audit 审计打包、regions 划区）"
        raise InputError([Fault(problem, remedy, file=file, row=_line(text, "bundle"), column="bundle")])
    faults: list[Fault] = []
    merged = with_annex(raw, _tables(_text(_ANNEX), _ANNEX.name), faults)
    reader = Reader(check)
    profile = reader.read(Profile, _with_document(merged), "")
    faults += reader.faults
    faults += cross_check(merged, reader.built)
    if faults or profile is None:
        placed = [replace(one, file=file, row=_line(text, one.column or "")) for one in faults]
        raise InputError(sorted(placed, key=lambda one: one.row or len(text)))
    return replace(
        profile,
        service_forms=tuple(sorted(profile.service_forms, key=lambda form: (len(form.code), form.code))),
        problem_codes=tuple(sorted(profile.problem_codes, key=lambda problem: problem.code)),
    )


@cache
def _shipped(name: str) -> Profile:
    path = PROFILES / f"{name}.toml"
    return parse_profile(_text(path), path.name)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(
                f"文件大于 {_MAX_BYTES // 1_000_000} MB，不是城市方案", "检查是否选错了文件", file=path.name
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("文件不是 UTF-8 编码", "用记事本打开，另存为 UTF-8 编码", file=path.name) from error
    except (OSError, ValueError) as error:
        raise InputError(f"打不开文件“{path}”", "检查路径是否写对、是否有权限读取", file=path.name) from error


def _tables(text: str, file: str) -> dict[str, Any]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        row = int(place[1]) if place else text.count("\n") + 1
        near = f"第{place[2]}个字符附近" if place else "文件末尾"
        remedy = f"检查{near}的引号、括号和等号是否成对，键是否重复"
        raise InputError([Fault("不是有效的 TOML", remedy, file=file, row=row)]) from error
    except (RecursionError, ValueError) as error:
        raise InputError("不是有效的 TOML", "检查括号嵌套和数值，参照自带的方案文件改写", file=file) from error
    if _deeper_than(tables, _MAX_DEPTH):
        raise InputError("表或列表嵌套过深，不是城市方案", "参照自带的方案文件改写", file=file)
    return tables


def _deeper_than(tables: dict[str, Any], levels: int) -> bool:
    """Whether containers are nested deeper; without recursion, so that no file can exhaust the stack."""
    layer: list[Any] = [tables]
    for _ in range(levels):
        layer = [
            item
            for value in layer
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, dict | list)
        ]
    return bool(layer)


def _with_document(raw: dict[str, Any]) -> dict[str, Any]:
    """Gives each basis without a document number the profile's own."""
    document = raw.get("document")

    def filled(value: Any, is_basis: bool) -> Any:
        if isinstance(value, dict):
            result = {name: filled(item, name == "basis" or name.endswith("_basis")) for name, item in value.items()}
            return {"document": document, **result} if is_basis and isinstance(document, str) else result
        return [filled(item, False) for item in value] if isinstance(value, list) else value

    result: dict[str, Any] = filled(raw, False)
    if isinstance(result.get("bases"), dict):
        result["bases"] = {name: filled(item, True) for name, item in result["bases"].items()}
    return result


def _line(text: str, key: str) -> int | None:
    """Line of the file, from 1, where the dotted key stands, or the head of its table; ``None`` if neither is there."""
    head, *rest = key.split(".")
    deeper = re.compile(rf"\s*\[\s*{re.escape(head)}\s*\.\s*{re.escape(rest[0])}\s*\]") if rest else None
    if deeper and any(map(deeper.match, text.splitlines())):
        head, rest = f"{head}.{rest[0]}", rest[1:]
    name, _, number = head.partition("[")
    lines = text.splitlines()
    pattern = re.compile(rf"\s*(\[\[?\s*{re.escape(name)}\b|{re.escape(name)}\s*=)")
    starts = [row for row, line in enumerate(lines, start=1) if pattern.match(line)]
    position = int(number.rstrip("]")) - 1 if number.rstrip("]").isdecimal() else 0
    if not 0 <= position < len(starts):
        return None
    start = starts[position]
    if rest and lines[start - 1].lstrip().startswith("["):
        wanted = re.compile(rf"\s*\"?{re.escape(rest[0].partition('[')[0])}\"?[.\s]*=")
        for row in range(start + 1, len(lines) + 1):
            if lines[row - 1].startswith("["):
                break
            if wanted.match(lines[row - 1]):
                return row
    return start
