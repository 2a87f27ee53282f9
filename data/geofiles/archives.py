"""Zip archives of geographic files: unpacked within bounds, names in any encoding, nothing written outside."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from data.geofiles.encoding import CANDIDATES, plausible
from geo.errors import InputError

MAX_ENTRIES: Final = 5_000
MAX_UNPACKED: Final = 2**30
MAX_RATIO: Final = 200
_RATIO_COUNTS_FROM: Final = 32 * 2**20
_CHUNK: Final = 2**20
_UTF8_FLAG: Final = 0x800
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


def members_of(path: Path, file: str, suffixes: tuple[str, ...], most_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Members of an archive with one of the endings, unpacked in memory.

    Raises
    ------
    InputError
        If the archive is damaged or encrypted, or its members together unpack to more than ``most_bytes``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            room = most_bytes
            for member, name in _wanted(archive, file, suffixes):
                pieces: list[bytes] = []
                for piece in _pieces(archive, member, file, room):
                    pieces.append(piece)
                    room -= len(piece)
                yield name, b"".join(pieces)
    except _BROKEN:
        raise _damaged(file) from None


def unpack(path: Path, file: str, into: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Write the members with one of the endings below a new folder; gives the files, by name.

    Members keep their folders; names are decoded as UTF-8, GB18030 or Big5, and cleaned of signs that a file cannot
    have. Other members and archives within the archive are left alone.

    Raises
    ------
    InputError
        If the archive is damaged or encrypted, names a place outside of itself, or holds too much.
    """
    written: list[Path] = []
    room = MAX_UNPACKED
    stamp = path.stat()
    try:
        with zipfile.ZipFile(path) as archive:
            for member, name in _wanted(archive, file, suffixes):
                target = into.joinpath(*_parts(name, file))
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as stream:
                    for piece in _pieces(archive, member, file, room):
                        stream.write(piece)
                        room -= len(piece)
                os.utime(target, (stamp.st_atime, stamp.st_mtime))
                written.append(target)
    except FileExistsError:
        raise InputError("压缩包里有同名的文件", "请重新打包", file=file) from None
    except _BROKEN:
        raise _damaged(file) from None
    return sorted(written)


def _wanted(archive: zipfile.ZipFile, file: str, suffixes: tuple[str, ...]) -> list[tuple[zipfile.ZipInfo, str]]:
    members = archive.infolist()
    if len(members) > MAX_ENTRIES:
        raise InputError(f"压缩包里有 {len(members)} 个文件，超过 {MAX_ENTRIES} 个", "请只打包要导入的文件", file=file)
    names = dict(zip(map(id, members), _names(members), strict=True))
    found = []
    for member in members:
        name = names[id(member)]
        if member.is_dir() or not name.lower().endswith(suffixes) or name.startswith("__MACOSX/"):
            continue
        if member.flag_bits & 1:
            raise InputError("压缩包有密码", "请取消密码后重新打包", file=file)
        found.append((member, name))
    packed = sum(member.compress_size for member, _ in found)
    size = sum(member.file_size for member, _ in found)
    if size > MAX_UNPACKED or (size > _RATIO_COUNTS_FROM and size > MAX_RATIO * max(packed, 1)):
        raise _bomb(file)
    return found


def _names(members: list[zipfile.ZipInfo]) -> list[str]:
    """Names of the members; those without the UTF-8 mark were decoded as code page 437 by the library."""
    raw = [None if m.flag_bits & _UTF8_FLAG else m.orig_filename.encode("cp437", errors="replace") for m in members]
    strange = [name for name in raw if name is not None and not name.isascii()]
    encoding = max(CANDIDATES, key=lambda name: (_fit(strange, name), plausible(strange, name)))
    return [m.filename if r is None or r.isascii() else r.decode(encoding, errors="replace").split("\x00")[0]
            for m, r in zip(members, raw, strict=True)]  # fmt: skip


def _fit(names: list[bytes], encoding: str) -> bool:
    try:
        for name in names:
            name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _parts(name: str, file: str) -> list[str]:
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if plain.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", plain) or not parts:
        raise InputError("压缩包里有指向包外的文件名，没有打开", "请重新打包", file=file)
    return [_short(_FORBIDDEN.sub("_", part)) for part in parts]


def _short(part: str) -> str:
    """A name that fits a file system's 255 bytes, its ending kept."""
    stem, dot, ending = part.rpartition(".")
    if len(part.encode("utf-8", "replace")) <= 200:
        return part
    return (stem or ending).encode("utf-8", "replace")[:150].decode("utf-8", "ignore") + (
        dot + ending[:20] if stem else ""
    )


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, room: int) -> Iterator[bytes]:
    """Chunks of a member; sizes are counted, not believed."""
    total = 0
    with archive.open(member) as stream:
        while piece := stream.read(_CHUNK):
            total += len(piece)
            if total > room or (total > _RATIO_COUNTS_FROM and total > MAX_RATIO * max(member.compress_size, 1)):
                raise _bomb(file)
            yield piece


def _bomb(file: str) -> InputError:
    return InputError("解压后过大，像压缩炸弹，没有打开", "请只打包要导入的文件，或解压后导入", file=file)


def _damaged(file: str) -> InputError:
    return InputError("压缩包已损坏，或不是有效的压缩文件", "请重新导出或重新打包", file=file)
