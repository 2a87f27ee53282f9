"""The layers: dashboard → planning → data → geo, never back (DESIGN section 2)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("geo", "data", "planning", "dashboard")
_SCREEN = {"streamlit", "folium", "streamlit_folium", "branca"}


def _imports(file: Path) -> set[str]:
    """Top-level package of every import, also of those inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def _files(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py"))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_the_layers_below_it(layer: str) -> None:
    above = set(LAYERS[LAYERS.index(layer) + 1 :]) | {"tests"}
    wrong = [(str(file.relative_to(ROOT)), sorted(_imports(file) & above)) for file in _files(layer)]
    assert [row for row in wrong if row[1]] == []


@pytest.mark.parametrize("layer", ["geo", "data", "planning"])
def test_only_the_dashboard_knows_a_screen(layer: str) -> None:
    assert [str(file) for file in _files(layer) if _imports(file) & _SCREEN] == []


def test_every_layer_has_code() -> None:
    assert all(len(_files(layer)) > 3 for layer in LAYERS)


def test_the_check_sees_an_import_inside_a_function(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("def f():\n    from planning.runs import check\n    import dashboard.app as app\n", "utf-8")
    assert {"planning", "dashboard"} <= _imports(file)


def test_no_code_names_a_city_of_the_profiles() -> None:
    names = {path.stem for path in (ROOT / "data" / "profiles").glob("*.toml")} - {"demo"}
    assert names, "no profiles found"
    for layer in LAYERS:
        for file in _files(layer):
            words = {
                node.value for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant)
            }
            assert not words & names, f"{file} names a city"


_BUNDLES = ("engine", "distance", "proposal", "candidates", "reasons", "wishes", "revision")
"""Packages of ``planning.bundles``, each importing only those before it."""


@pytest.mark.parametrize("package", _BUNDLES)
def test_a_package_of_bundles_imports_only_those_before_it(package: str) -> None:
    after = {f"planning.bundles.{one}" for one in _BUNDLES[_BUNDLES.index(package) + 1 :]}
    for file in sorted((ROOT / "planning" / "bundles" / package).glob("*.py")):
        found = {name.rpartition(".")[0] for name in _modules(file)}
        assert not found & after, f"{file.name} imports {sorted(found & after)}"


def test_the_engine_of_bundles_knows_no_city() -> None:
    for file in sorted((ROOT / "planning" / "bundles" / "engine").glob("*.py")):
        inside = "planning.bundles.engine."
        others = {name.partition(".")[0] for name in _modules(file) if not name.startswith(inside)} | _imports(file)
        assert not others & {"data", "geo", "pandas", "geopandas"}, file.name
        assert all(name.startswith(inside) for name in _modules(file) if name.startswith("planning")), file.name


def test_the_checker_of_bundles_shares_no_code_with_the_solver() -> None:
    solver = {f"planning.bundles.{one}" for one in _BUNDLES}
    for file in sorted((ROOT / "planning" / "bundles" / "rules").glob("*.py")):
        found = {name.rpartition(".")[0] for name in _modules(file)}
        assert not found & solver, f"{file.name} imports {sorted(found & solver)}"


def _modules(file: Path) -> set[str]:
    """Whole names of the modules that a file imports from."""
    return {
        node.module
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }


def test_no_two_files_of_tests_share_a_name() -> None:
    """Test folders are no packages: of two files of one name only the first would run."""
    names = [file.name for file in sorted((ROOT / "tests").rglob("test_*.py"))]
    assert sorted(names) == sorted(set(names))
