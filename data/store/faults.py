"""Faults of the database as sentences a person can act on: the one place that knows drivers' errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from geo.errors import InputError

_SQLITE = {
    "SQLITE_BUSY": (
        "数据库正被另一个操作占用，等待数秒后仍未释放",
        "等正在进行的导入或计算结束后再试；若没有其他操作，请关闭打开该文件的其他程序",
    ),
    "SQLITE_READONLY": (
        "数据库文件或所在文件夹是只读的，无法写入",
        "请取消文件和文件夹的只读属性、确认有写权限，或用 --store 另选一个可写的位置",
    ),
    "SQLITE_FULL": ("磁盘空间已满，本次修改未写入，原有数据不受影响", "请清理磁盘空间后重试"),
    "SQLITE_NOTADB": (
        "这个文件不是数据库（或已加密、已损坏）",
        "请检查 --store 的路径；数据文件请用 wuyetu load 导入，不要当作数据库打开",
    ),
    "SQLITE_CORRUPT": ("数据库文件已损坏", "请停止使用该文件，从最近的备份恢复"),
    "SQLITE_CANTOPEN": (
        "无法打开或创建数据库文件",
        "请检查路径是否存在、是否误写成文件夹、是否有读写权限",
    ),
    "SQLITE_IOERR": ("读写数据库文件时磁盘出错，本次修改未写入", "请检查磁盘或网络盘是否正常、空间是否充足后重试"),
}
_SQLITE["SQLITE_LOCKED"] = _SQLITE["SQLITE_BUSY"]
_SQLITE["SQLITE_PROTOCOL"] = _SQLITE["SQLITE_BUSY"]
_SQLITE["SQLITE_PERM"] = _SQLITE["SQLITE_READONLY"]


def _postgres(message: str, code: str) -> tuple[str, str] | None:
    if code == "55P03" or "lock timeout" in message:
        return _SQLITE["SQLITE_BUSY"]
    if code == "53100" or "No space left" in message:
        return _SQLITE["SQLITE_FULL"]
    if code in ("28P01", "28000") or "authentication failed" in message:
        return "数据库拒绝登录", "请检查连接地址中的用户名和密码"
    if code == "3D000":
        return "数据库服务器上没有这个数据库", "请先由管理员建立数据库，或检查连接地址最后的库名"
    if code == "42501":
        return "数据库用户没有所需的权限", "请由管理员授予该用户建表和读写的权限"
    if code == "25006":
        return "数据库服务器处于只读状态，无法写入", "请检查是否误连到备库"
    return None


def as_input_error(error: DatabaseError, place: str) -> InputError:
    """The fault of a driver in one Chinese sentence with a remedy; ``place`` is the file or address shown."""
    cause = error.orig
    message = str(cause)
    name = getattr(cause, "sqlite_errorname", "")
    while name and name not in _SQLITE:
        name = name.rpartition("_")[0]
    known = _SQLITE.get(name) or _postgres(message, getattr(cause, "sqlstate", "") or "")
    if known is None and not hasattr(cause, "sqlite_errorname") and isinstance(error, OperationalError):
        known = (f"连接不上数据库服务器（{_line(message)}）", "请检查连接地址、网络和服务器是否开启")
    if known is None:
        known = (f"数据库无法完成操作（{_line(message)}）", "请检查数据库文件是否完整；必要时从备份恢复")
    problem, remedy = known
    return InputError(problem, remedy, file=place)


def _line(message: str) -> str:
    return " ".join(message.split())[:160]


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn a driver's error into an :class:`InputError`; programming faults pass as they are."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DatabaseError as error:
        raise as_input_error(error, place) from error
