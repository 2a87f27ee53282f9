"""What a canonical table is: named, typed, described columns with one check at the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from geo.crs import STORAGE_CRS

Kind = Literal["text", "int", "float", "bool", "list", "dict", "date", "geometry"]
_DTYPES = {"text": "str", "int": "Int64", "float": "float64", "bool": "boolean"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name carries the unit (``area_m2``), ``title`` is what the screen calls it."""

    name: str
    kind: Kind
    title: str
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str | int, ...] = ()
    personal: bool = False
    """Names and numbers of persons: masked unless the actor may see them."""

    def checks(self) -> list[pa.Check]:
        checks = []
        if self.low is not None:
            checks.append(pa.Check.ge(self.low))
        if self.high is not None:
            checks.append(pa.Check.le(self.high))
        if self.choices:
            checks.append(pa.Check.isin(self.choices))
        return checks

    def tests(self) -> list[Callable[[pd.Series], bool]]:
        """The same as `checks`, each as one test of a column without nulls."""
        tests: list[Callable[[pd.Series], bool]] = []
        if self.low is not None:
            tests.append(lambda values: bool((values >= self.low).all()))
        if self.high is not None:
            tests.append(lambda values: bool((values <= self.high).all()))
        if self.choices:
            tests.append(lambda values: bool(values.isin(self.choices).all()))
        return tests


@dataclass(frozen=True)
class Table:
    """A canonical table: index name, columns in order, geometry kind (always EPSG:4490)."""

    name: str
    index: str
    title: str
    columns: tuple[Column, ...]
    index_kind: Literal["text", "int", "date"] = "text"
    rules: tuple[Callable[[pd.DataFrame], pd.Series], ...] = field(default=())

    @property
    def geometry(self) -> str | None:
        return next((c.name for c in self.columns if c.kind == "geometry"), None)

    def column(self, name: str) -> Column:
        """The column of that name; ``KeyError`` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @cached_property
    def _schema(self) -> pa.DataFrameSchema:
        columns = {
            c.name: pa.Column(_DTYPES.get(c.kind), checks=c.checks(), nullable=not c.required)
            for c in self.columns
            if c.kind != "geometry"
        }
        index_dtype = {"text": "str", "int": "int64", "date": None}[self.index_kind]
        return pa.DataFrameSchema(columns, index=pa.Index(index_dtype, name=self.index, unique=True), strict=False)

    def empty(self) -> pd.DataFrame:
        """The table without rows, typed (a GeoDataFrame where it has a geometry)."""
        return self.frame([])

    def frame(self, rows: Sequence[dict[str, object]]) -> pd.DataFrame:
        """A checked table from dictionaries that hold the index and any of the columns; missing ones are null.

        Raises
        ------
        ValueError
            If a row has an unknown key or the table breaks its schema.
        """
        known = {self.index, *self.names}
        unknown = {key for row in rows for key in row} - known
        if unknown:
            raise ValueError(f"{self.name}: unknown columns {sorted(unknown)}")
        raw = pd.DataFrame(list(rows), columns=[self.index, *self.names]).set_index(self.index)
        return self.check(raw)

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with exactly this table's columns, order, dtypes and index name.

        Raises
        ------
        ValueError
            With every broken rule: column, check, index of the row, value.
        """
        extra = set(frame.columns) - set(self.names)
        if extra:
            raise ValueError(f"{self.name}: unknown columns {sorted(map(str, extra))}")
        result = pd.DataFrame(index=self._typed_index(frame.index))
        for column in self.columns:
            result[column.name] = self._typed(frame, column).set_axis(result.index)
        if not self._sound(result):
            try:
                result = self._schema.validate(result, lazy=True)
            except SchemaErrors as error:
                cases = error.failure_cases[["column", "check", "index", "failure_case"]].head(20)
                raise ValueError(f"{self.name}: {cases.to_dict('records')}") from error
        for rule in self.rules:
            bad = result.index[~rule(result)]
            if len(bad):
                raise ValueError(f"{self.name}: rule {rule.__name__} broken by {list(bad[:20])}")
        geometry = self.geometry
        if geometry is None:
            return result
        return gpd.GeoDataFrame(result, geometry=geometry, crs=STORAGE_CRS)

    def _sound(self, frame: pd.DataFrame) -> bool:
        """Whether a typed frame plainly keeps the schema: what `_schema` asks, without its 30 ms for every small frame.

        Only a frame that fails here is put to pandera, which has the last word and says what is wrong where.
        """
        if not frame.index.is_unique or frame.index.hasnans:
            return False
        for column in self.columns:
            if column.kind == "geometry":
                continue
            values = frame[column.name]
            dtype = _DTYPES.get(column.kind)
            if dtype is not None and values.dtype != dtype:
                return False
            if column.required and values.isna().any():
                return False
            tests = column.tests()
            if tests and not all(test(values.dropna()) for test in tests):
                return False
        return True

    def _typed_index(self, index: pd.Index) -> pd.Index:
        if self.index_kind == "text":
            return pd.Index(index.astype("str"), name=self.index)
        if self.index_kind == "int":
            return pd.Index(index.astype("int64"), name=self.index)
        return pd.Index(index.astype(object), name=self.index, dtype=object)

    def _typed(self, frame: pd.DataFrame, column: Column) -> pd.Series:
        if column.name not in frame.columns:
            if column.kind == "list":
                return pd.Series([[] for _ in range(len(frame))], index=frame.index, dtype=object)
            if column.kind == "dict":
                return pd.Series([{} for _ in range(len(frame))], index=frame.index, dtype=object)
            if column.kind == "geometry":
                return gpd.GeoSeries([None] * len(frame), index=frame.index, crs=STORAGE_CRS)
            return pd.Series([None] * len(frame), index=frame.index, dtype=_DTYPES.get(column.kind, object))
        values = frame[column.name]
        if column.kind == "geometry":
            if values.dtype == "float64" and values.isna().all():
                # What pandas makes of a column of nothing.
                values = values.astype(object).where(values.notna(), None)
            return gpd.GeoSeries(values, index=frame.index, crs=getattr(values, "crs", None) or STORAGE_CRS)
        if column.kind in ("list", "dict"):
            blank: type = list if column.kind == "list" else dict
            return values.map(lambda v: v if isinstance(v, list | dict) else blank()).astype(object)
        if column.kind == "date":
            return values.astype(object).where(values.notna(), None)
        if column.kind == "text":
            return (
                values.astype(object).map(lambda v: None if v is None or v is pd.NA or v != v else str(v)).astype("str")
            )
        return values.astype(_DTYPES[column.kind])
