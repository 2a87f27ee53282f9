"""Findings that a person has looked at and found in order (已核对): kept with a note, back again when the figures change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from data.store import Actor, Store
from geo.errors import InputError
from planning.documents import dump, parse
from planning.quality.types import Finding, Measure, Severity

KIND: Final = "quality_checked"
"""Kind of the documents that hold the marks: a document leaves the data's stamp as it is, so plans do not look outdated."""
_SAME_SHARE: Final = 0.02
"""Figures that differ by no more than this share are the same figure."""
_SAME: Final = {"%": 0.01, "米": 1.0, "平方米": 1.0}
"""Difference of small figures that does not count, by unit."""
_NOTE_LENGTH: Final = 500
_TOLD: Final = 80


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person said about a finding, and the figures it had then. ``checked`` false: the mark was taken back."""

    finding_id: str
    checked: bool
    note: str
    person: str
    at: str
    """UTC, ISO 8601."""
    severity: Severity
    measures: tuple[Measure, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings by what was said of them. ``returned``: once checked, but the figures have changed since; in ``open`` too."""

    open: tuple[Finding, ...]
    checked: tuple[tuple[Finding, Mark], ...]
    returned: tuple[tuple[Finding, Mark], ...]


def mark(store: Store, actor: Actor, finding: Finding, note: str) -> None:
    """Keep that a finding is in order, and why; goes to the audit log.

    Raises
    ------
    InputError
        If the note is empty or too long, or the actor may not write.
    """
    said = note.strip()
    if not said:
        raise InputError("没有写说明，不能标为已核对", "请写明核对的结果，例如“两小区共用车行道，已现场核实”")
    if len(said) > _NOTE_LENGTH:
        raise InputError(f"说明超过 {_NOTE_LENGTH} 个字", "请写得简短一些")
    _keep(store, actor, finding, said, checked=True)


def unmark(store: Store, actor: Actor, finding: Finding) -> None:
    """Take a mark back; goes to the audit log."""
    _keep(store, actor, finding, "", checked=False)


def _keep(store: Store, actor: Actor, finding: Finding, note: str, *, checked: bool) -> None:
    body = {
        "finding_id": finding.id,
        "checked": checked,
        "note": note,
        "severity": finding.severity.value,
        "measures": [dump(one) for one in finding.measures],
        "text": finding.text,
    }
    # The period names the document in the audit log, so it says in words what was said of which finding.
    told = f"{note if checked else '撤回核对'}——{finding.text}".replace("#", "＃")
    with store.begin(actor, write=True) as work:
        work.save_document(KIND, f"{told[:_TOLD]}#{finding.id}", body)


def marks(store: Store, actor: Actor) -> dict[str, Mark]:
    """The newest mark of each finding, marks that were taken back left out."""
    found: dict[str, Mark] = {}
    gone: set[str] = set()
    with store.begin(actor) as work:
        for head in work.documents(KIND):
            finding_id = head.period.rpartition("#")[2]
            if finding_id in found or finding_id in gone:
                continue
            document = work.document_by_id(head.id)
            assert document is not None
            said = {"person": head.person, "at": head.created_at.isoformat(timespec="seconds")}
            one = parse(Mark, {**document.body, **said})
            if one.checked:
                found[finding_id] = one
            else:
                gone.add(finding_id)
    return found


def sort(findings: tuple[Finding, ...], said: dict[str, Mark]) -> Sorted:
    """Which findings are still open, and which a person has found in order, in the order given."""
    open_: list[Finding] = []
    checked: list[tuple[Finding, Mark]] = []
    returned: list[tuple[Finding, Mark]] = []
    for finding in findings:
        one = said.get(finding.id)
        if one is not None and same_case(finding, one):
            checked.append((finding, one))
            continue
        open_.append(finding)
        if one is not None:
            returned.append((finding, one))
    return Sorted(tuple(open_), tuple(checked), tuple(returned))


def same_case(finding: Finding, one: Mark) -> bool:
    """Whether a finding still has the figures that it was marked with (within 2 %, or 1 m, 1 m², 1 percentage point)."""
    if finding.severity is not one.severity or len(finding.measures) != len(one.measures):
        return False
    return all(_same(now, then) for now, then in zip(finding.measures, one.measures, strict=True))


def _same(now: Measure, then: Measure) -> bool:
    if now.name != then.name or now.unit != then.unit:
        return False
    if isinstance(now.value, str) or isinstance(then.value, str):
        return now.value == then.value
    room = max(_SAME.get(now.unit, 0.0), _SAME_SHARE * max(abs(now.value), abs(then.value)))
    return abs(now.value - then.value) <= room + 1e-9
