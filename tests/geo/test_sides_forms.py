"""Forms of 四至 texts as clerks write them, with what each says: every form of sides_forms.txt is read as written there.

A form is the text (⏎ stands for a line break), then indented what it says: parts by side (``E 明德路 + 中山路 | W* …``, ``*``:
flipped; kind in ``<>`` unless it is a road; ``:`` line, ``^`` side of the thing, ``#`` number, ``(+)`` included, ``=`` width,
``?`` planned, ``@`` metres, ``x`` crossing, ``aka`` alias, ``from`` section, ``>`` beyond), then ``?`` the unread words.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.sides import BoundaryText, LineKind, Part, PartKind, Side, parse, pieces

LETTERS = dict(zip(Side, ("E", "S", "W", "N", "NE", "SE", "SW", "NW"), strict=True))


def _forms() -> list[tuple[str, str, str, bool]]:
    out: list[tuple[str, str, str, bool]] = []
    for block in (Path(__file__).parent / "sides_forms.txt").read_text("utf-8").strip().split("\n\n"):
        text, *said = block.split("\n")
        said = [line.strip() for line in said]
        sides = next((line for line in said if line[0] != "?" and line != "attached"), "")
        unread = next((line[2:] for line in said if line[0] == "?"), "")
        out.append((text.replace("⏎", "\n"), sides, unread.replace("⏎", "\n"), "attached" in said))
    return out


def _say_part(part: Part) -> str:
    words = [part.name]
    if part.kind is not PartKind.ROAD:
        words.append(f"<{part.kind.value}>")
    if part.line is not LineKind.UNSTATED:
        words.append(f":{part.line.value}")
    if part.far_side:
        words.append(f"^{LETTERS[part.far_side]}")
    if part.number and part.number != part.name:
        words.append(f"#{part.number}")
    if part.included is not None:
        words.append("(+)" if part.included else "(-)")
    words += [f"={part.width}" if part.width else "", "?" if part.planned else ""]
    words.append("" if part.offset_m is None else f"@{part.offset_m:g}")
    words += [
        f" x {','.join(part.crossing)}" if part.crossing else "",
        f" aka {','.join(part.aliases)}" if part.aliases else "",
    ]
    words += [f" from {'-'.join(part.section)}" if part.section else "", ">" if part.beyond else ""]
    return "".join(words)


def say(read: BoundaryText) -> str:
    """The sides in the notation of sides_forms.txt."""
    return " | ".join(
        f"{LETTERS[side]}{'*' if side in read.flipped else ''} {' + '.join(map(_say_part, parts))}"
        for side, parts in read.sides.items()
    )


@pytest.mark.parametrize(("text", "sides", "unread", "attached"), _forms())
def test_a_form_is_read_as_a_person_reads_it(text: str, sides: str, unread: str, attached: bool) -> None:
    read = parse(text)
    assert say(read) == sides
    assert " / ".join(words.text for words in read.unread) == unread
    assert read.attached is attached
    for words in read.unread:
        assert text[words.start : words.end] == words.text
        assert words.reason
    assert "".join(words for words, _, _ in pieces(read)) == text


def test_there_are_more_forms_than_the_issue_asks() -> None:
    assert len({text for text, *_ in _forms()}) >= 300
