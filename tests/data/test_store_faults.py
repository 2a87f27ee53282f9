"""A store that cannot be used gives one sentence and stays as it was."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError

from data.schemas import ESTATES
from data.store import Actor, Role, engine, open_store
from data.store.area import Area
from data.store.faults import as_input_error
from data.store.migrate import alembic_config
from data.store.tables import CANONICAL
from geo.errors import InputError

ADMIN = Actor("admin", Role.ADMIN)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed store with ten estates."""
    file = tmp_path / "store.db"
    with open_store(f"sqlite:///{file}") as store, store.begin(ADMIN, write=True) as work:
        work.put(ESTATES, _estates(10))
    return file


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_S", 0.3)


def _estates(n: int, households: int = 1) -> pd.DataFrame:
    cells = {"name": "小区", "region_id": "R", "consent": "yes", "households": households, "address": "路" * 50}
    return pd.DataFrame([cells] * n, index=[f"E{i:05d}" for i in range(n)])


def _content(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        rows = [tuple(r) for t in ("estates", "audit", "store_meta") for r in connection.execute(f"SELECT * FROM {t}")]
    connection.close()
    return rows


def _fault(error: pytest.ExceptionInfo[InputError]) -> str:
    assert len(error.value.faults) == 1
    assert error.value.faults[0].remedy
    return str(error.value)


_NURSERY = """
import json, os, sys, time
import pandas as pd
from sqlalchemy import event
from data.schemas import ESTATES
from data.store import Actor, Role, open_store

CELLS = {"region_id": "R", "consent": "yes", "households": 2}

def die(path, statement, number):
    def strike(connection, cursor, sql, parameters, context, executemany):
        if sql.startswith(statement):
            os.kill(os.getpid(), number)

    frame = pd.DataFrame([CELLS | {"name": "x"}] * 2000, index=[f"E{i:05d}" for i in range(2000)])
    store = open_store("sqlite:///" + path)
    event.listen(store._engine, "after_cursor_execute", strike)
    with store.begin(Actor("child", Role.ADMIN), write=True) as work:
        work.put(ESTATES, frame)

def write(path, name):
    store = open_store("sqlite:///" + path)
    for i in range(8):
        with store.begin(Actor(name, Role.ADMIN), write=True) as work:
            n = work.setting("n") or 0
            work.put(ESTATES, pd.DataFrame([CELLS | {"name": name}] * 5, index=[f"{name}{i}-{j}" for j in range(5)]))
            work.set_setting("n", n + 1)
        time.sleep(0.02)

children = []
for verb, *arguments in json.loads(sys.argv[1]):
    pid = os.fork()
    if pid == 0:
        try:
            {"die": die, "write": write}[verb](*arguments)
            os._exit(0)
        except KeyboardInterrupt:
            os._exit(130)
        finally:
            os._exit(1)
    children.append(pid)
print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]))
"""


def _processes(*jobs: tuple[object, ...]) -> list[int]:
    """Exit codes of jobs that run at the same time, each in a process of its own (minus the signal for a killed one)."""
    command = [sys.executable, "-c", _NURSERY, json.dumps(jobs)]
    nursery = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert nursery.returncode == 0, nursery.stderr
    return list(json.loads(nursery.stdout))


def test_a_process_that_dies_half_way_leaves_the_store_as_it_was(path: Path) -> None:
    """By kill -9 after the rows, in the middle of the audit log, before the commit; and by Ctrl-C."""
    before = _content(path)
    deaths = [
        ("INSERT INTO estates", signal.SIGKILL, -9),
        ("INSERT INTO audit", signal.SIGKILL, -9),
        ("UPDATE store_meta", signal.SIGKILL, -9),
        ("UPDATE estates", signal.SIGINT, 130),
    ]
    copies = [path.with_name(f"copy{i}.db") for i in range(len(deaths))]
    for copy in copies:
        shutil.copy(path, copy)
    jobs = [("die", str(copy), sql, int(number)) for copy, (sql, number, _) in zip(copies, deaths, strict=True)]
    assert _processes(*jobs) == [code for *_, code in deaths]
    for copy in copies:
        assert _content(copy) == before
        with open_store(f"sqlite:///{copy}") as store, store.begin(ADMIN, write=True) as work:
            assert work.verify_audit() is None
            assert work.put(ESTATES, _estates(10, households=3)).changed == 10


def test_an_exception_in_the_block_undoes_all_of_it(path: Path) -> None:
    before = _content(path)
    with (
        open_store(f"sqlite:///{path}") as store,
        pytest.raises(KeyboardInterrupt),
        store.begin(ADMIN, write=True) as work,
    ):
        work.put(ESTATES, _estates(20, households=5))
        work.set_setting("a", 1)
        work.remove(ESTATES, ["E00001"], "测试")
        raise KeyboardInterrupt
    assert _content(path) == before


@pytest.mark.usefixtures("impatient")
def test_locked_by_another_program(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_store(f"sqlite:///{path}") as store:
        with pytest.raises(InputError, match="正被另一个操作占用") as error, store.begin(ADMIN, write=True):
            raise AssertionError("the block must not run")
        assert str(path) in _fault(error)
        with store.begin(ADMIN) as work:
            assert len(work.read(ESTATES)) == 10
        other.execute("ROLLBACK")
        with store.begin(ADMIN, write=True) as work:
            assert work.put(ESTATES, _estates(11)).added == 1
    other.close()


@pytest.mark.usefixtures("impatient")
def test_locked_while_it_is_made(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(InputError, match="正被另一个操作占用"):
        open_store(f"sqlite:///{tmp_path}/new.db")
    other.close()
    open_store(f"sqlite:///{tmp_path}/new.db").close()


def test_read_only_store_can_be_read_but_not_changed(path: Path) -> None:
    before = _content(path)
    with open_store(f"sqlite:///file:{path}?mode=ro&uri=true") as store:
        with store.begin(ADMIN) as work:
            assert len(work.read(ESTATES)) == 10
        with pytest.raises(InputError, match="只读") as error, store.begin(ADMIN, write=True) as work:
            work.put(ESTATES, _estates(11))
    _fault(error)
    assert _content(path) == before


@pytest.mark.parametrize(("file", "words"), [("/proc/store.db", "无法打开或创建"), ("/proc/a/store.db", "无法建立")])
def test_a_folder_in_which_nobody_may_write(file: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        open_store(f"sqlite:///{file}")
    assert file in _fault(error)


def test_full_disk(path: Path) -> None:
    before = _content(path)
    with open_store(f"sqlite:///{path}") as store:
        event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 1"))
        with pytest.raises(InputError, match="磁盘空间已满") as error, store.begin(ADMIN, write=True) as work:
            work.put(ESTATES, _estates(5000))
        _fault(error)
    assert _content(path) == before
    with open_store(f"sqlite:///{path}") as store, store.begin(ADMIN, write=True) as work:
        assert work.put(ESTATES, _estates(5000)).added == 4990
        assert work.verify_audit() is None


def test_full_disk_on_creation_leaves_a_file_that_can_be_used_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        prepare = engine._prepare_sqlite

        def small(connection: sqlite3.Connection, record: object) -> None:
            prepare(connection, record)
            connection.execute("PRAGMA max_page_count = 4")

        patch.setattr(engine, "_prepare_sqlite", small)
        with pytest.raises(InputError, match="磁盘空间已满"):
            open_store(f"sqlite:///{tmp_path}/store.db")
    with open_store(f"sqlite:///{tmp_path}/store.db") as store, store.begin(ADMIN) as work:
        assert work.read(ESTATES).empty


def test_a_full_disk_ends_the_work_even_if_the_error_is_caught(path: Path) -> None:
    before = _content(path)
    with open_store(f"sqlite:///{path}") as store:
        event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 1"))
        with pytest.raises(ValueError, match="ended"), store.begin(ADMIN, write=True) as work:
            with contextlib.suppress(OperationalError):
                work.put(ESTATES, _estates(5000))
            work.set_setting("a", 1)
        with (
            pytest.raises(InputError, match="磁盘空间已满"),
            store.begin(ADMIN, write=True) as work,
            contextlib.suppress(OperationalError),
        ):
            work.put(ESTATES, _estates(5000))
    assert _content(path) == before


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "register.xlsx"
    file.write_bytes(b"PK\x03\x04" + b"x" * 5000)
    with pytest.raises(InputError, match="不是数据库") as error:
        open_store(f"sqlite:///{file}")
    _fault(error)
    assert file.read_bytes() == b"PK\x03\x04" + b"x" * 5000


def test_a_damaged_database(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x00" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(InputError) as error, open_store(f"sqlite:///{path}") as store, store.begin(ADMIN) as work:
        work.read(ESTATES)
    assert "损坏" in _fault(error)


def test_a_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE estates (x)")
    connection.close()
    content = file.read_bytes()
    with pytest.raises(InputError, match="属于别的程序"):
        open_store(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_a_store_of_a_newer_version_is_not_touched(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = _content(path)
    with pytest.raises(InputError, match="更新版本的程序写成（结构版本 9999）"):
        open_store(f"sqlite:///{path}")
    assert _content(path) == before


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="无法打开或创建"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_file_in_the_place_of_the_folder(path: Path) -> None:
    with pytest.raises(InputError, match="无法建立数据库所在的文件夹"):
        open_store(f"sqlite:///{path}/below/store.db")


@pytest.mark.parametrize(
    "url", ["", "var/store.db", "sqlite:/x", "postgresql://u:p@h:port/x", "mysql://h/x", "nonsense://"]
)
def test_malformed_addresses(url: str) -> None:
    with pytest.raises(InputError, match=r"无法识别|不支持") as error:
        open_store(url)
    assert "sqlite:///" in _fault(error)


def test_passwords_are_not_shown() -> None:
    for url in ("postgresql://u:secret@h:port/x", "postgresql+psycopg://u:secret@127.0.0.1:1/x"):
        with pytest.raises(InputError) as error:
            open_store(url)
        assert "secret" not in _fault(error)


def test_unreachable_server() -> None:
    with pytest.raises(InputError) as error:
        open_store("postgresql+psycopg://u:p@127.0.0.1:1/x")
    assert ("连接不上" if find_spec("psycopg") else "没有安装数据库驱动") in _fault(error)


@pytest.mark.parametrize(
    ("message", "sqlstate", "words"),
    [
        ("connection refused", "", "连接不上数据库服务器"),
        ("canceling statement due to lock timeout", "55P03", "占用"),
        ("could not extend file: No space left on device", "53100", "磁盘空间已满"),
        ('password authentication failed for user "u"', "28P01", "拒绝登录"),
        ('database "x" does not exist', "3D000", "没有这个数据库"),
    ],
)
def test_faults_of_a_server(message: str, sqlstate: str, words: str) -> None:
    cause = Exception(message)
    cause.sqlstate = sqlstate  # type: ignore[attr-defined]
    assert words in str(as_input_error(OperationalError("SELECT 1", None, cause), "postgresql://h/x"))


def test_postgresql_gets_sql_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    from alembic import command

    command.upgrade(alembic_config(), "head", sql=True)
    sql = capsys.readouterr().out
    assert "lon DOUBLE PRECISION" in sql and "geometry BYTEA" in sql and "plpgsql" in sql
    assert "RAISE(ABORT" not in sql
    area = Area("S1").readable("cases")
    assert area is not None
    query = sa.select(CANONICAL["cases"]).where(area).compile(dialect=postgresql.dialect())
    assert "WITH RECURSIVE" in str(query)


def test_writers_in_several_processes_queue_up(tmp_path: Path) -> None:
    """They also make the store at the same time."""
    file = tmp_path / "store.db"
    assert _processes(*(("write", str(file), name) for name in "ABC")) == [0, 0, 0]
    with open_store(f"sqlite:///{file}") as store, store.begin(ADMIN) as work:
        assert work.setting("n") == 24
        assert work.read(ESTATES)["name"].value_counts().to_dict() == {"A": 40, "B": 40, "C": 40}
        assert work.verify_audit() is None


def test_a_reader_keeps_its_view_while_another_writes(path: Path) -> None:
    with open_store(f"sqlite:///{path}") as store, store.begin(ADMIN) as reader:
        stamp = reader.stamp
        with store.begin(ADMIN, write=True) as work:
            work.put(ESTATES, _estates(20))
        assert len(reader.read(ESTATES)) == 10 and reader.stamp == stamp
        with store.begin(ADMIN) as later:
            assert len(later.read(ESTATES)) == 20


def test_threads_share_a_store(path: Path) -> None:
    with open_store(f"sqlite:///{path}") as store:
        counts: list[int] = []

        def work(number: int) -> None:
            for i in range(3):
                with store.begin(ADMIN, write=True) as unit:
                    unit.put(ESTATES, pd.DataFrame({"households": [number * 10 + i]}, index=["E00000"]))
                with store.begin(ADMIN) as unit:
                    counts.append(len(unit.read(ESTATES)))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counts == [10] * 9
        with store.begin(ADMIN) as unit:
            assert unit.verify_audit() is None


def test_default_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store().close()
    assert (tmp_path / "var" / "wuyetu.db").is_file()


def test_an_option_that_would_be_ignored_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="不会生效"):
        open_store(f"sqlite:///{path}?mode=ro")
