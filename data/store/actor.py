"""Who acts: every read and every change carries a person, a role and an area."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of the office (L39–L41, P16, S22)."""

    ADMIN = "admin"
    PLANNER = "planner"
    LEADER = "leader"
    INSPECTOR = "inspector"
    OBSERVER = "observer"

    @property
    def label(self) -> str:
        return {
            "admin": "管理员",
            "planner": "业务科室",
            "leader": "领导",
            "inspector": "检查组",
            "observer": "行风监督员",
        }[self.value]

    @property
    def may_write(self) -> bool:
        return self in (Role.ADMIN, Role.PLANNER)

    @property
    def may_see_persons(self) -> bool:
        """Whether names and telephone numbers of persons are shown unmasked."""
        return self in (Role.ADMIN, Role.PLANNER)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a unit of work.

    Parameters
    ----------
    person
        Login or name, as the audit log shows it.
    role
        What the person may do.
    unit_id
        The unit whose area the person may see (units below included); ``None`` is the whole city.
    """

    person: str
    role: Role
    unit_id: str | None = None

    def __post_init__(self) -> None:
        if not self.person.strip():
            raise ValueError("an actor needs a person")
