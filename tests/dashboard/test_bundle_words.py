"""Words of bundles: every code that a profile, plan or wish can hold has its Chinese name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

import pytest

from dashboard import bundle_words as words
from data.profile_bundles import BARRIERS, Compact, Lead, Viability
from planning.bundles.settings import BundleSettings, Costs, Way
from planning.bundles.types import WishKind
from planning.bundles.words import WISH_WORDS


@pytest.mark.parametrize(
    ("named", "codes"),
    [
        (words.BARRIERS, BARRIERS),
        (words.WAYS, get_args(Way)),
        (words.WAY_HELP, get_args(Way)),
        (words.UNITS, get_args(Way)),
        (words.ALONE, get_args(Way)),
        (words.LEFT, get_args(Way)),
        (words.COMPACT, get_args(Compact)),
        (words.VIABILITY, get_args(Viability)),
        (words.LEADS, get_args(Lead)),
        (words.WISHES, get_args(WishKind)),
        (WISH_WORDS, get_args(WishKind)),
        (words.COSTS, [one.name for one in fields(Costs)]),
    ],
)
def test_no_code_is_without_a_name(named: Mapping[str, Any], codes: list[str]) -> None:
    assert set(named) == set(codes)
    assert all(not str(name).isascii() for name in named.values())


@pytest.mark.parametrize("named", [words.BARRIERS, words.WAYS, words.WISHES, WISH_WORDS, words.COSTS])
def test_two_codes_never_have_one_name(named: Mapping[str, Any]) -> None:
    assert len(set(named.values())) == len(named)


def test_limits_are_those_of_the_settings() -> None:
    numbers = {one.name for one in fields(BundleSettings) if str(one.type).startswith(("int", "float"))}
    assert set(words.LIMITS) == numbers


def test_barriers_are_told_in_words() -> None:
    assert words.barriers_text(("river", "water", "primary")) == "河流、水面、主干路"
    assert words.barriers_text(()) == "无"
