# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pictures as SVG."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .html import Html, element, join
from .language import Language, number

_WIDTH, _HEIGHT, _EDGE = 480, 192, 16
_DIGIT, _WIDEST = 9, 48  # how wide a digit can be, and a bar
_MIDDLE = _HEIGHT / 2
_ROOM = _MIDDLE - 2 * _EDGE  # how high a bar can be
_HOURLY = datetime.timedelta(hours=50)
_DAILY = datetime.timedelta(days=92)


class Slot(NamedTuple):
    """What happened in an hour, day or week: one number goes up, one goes down."""

    label: str
    above: int
    below: int


def slots(language: Language, logs: Mapping[str, Any], above: Sequence[str], below: Sequence[str]) -> list[Slot]:
    """The hours, days or weeks of the period with the sums of those counts, also those in which nothing happened."""
    since, until = (language.moment(logs["read"][word]) for word in ("since", "until"))
    if since is None or until is None:
        return []
    length = _length(logs)
    found = {label: [0, 0] for label in _labels(since, length)}
    for entry in logs["volume"]:
        moment = language.moment(entry["time"])
        if moment is not None:
            sums = found.setdefault(_label(moment, length), [0, 0])
            sums[0] += sum(entry[word] for word in above)
            sums[1] += sum(entry[word] for word in below)
    return [Slot(label, *found[label]) for label in sorted(found)]


def unit(logs: Mapping[str, Any]) -> str:
    """What a bar stands for: hour, day or week."""
    length = _length(logs)
    return "hour" if length <= _HOURLY else "day" if length <= _DAILY else "week"


def _length(logs: Mapping[str, Any]) -> datetime.timedelta:
    since, until = (Language("en").moment(logs["read"][word]) for word in ("since", "until"))
    return until - since if since and until else datetime.timedelta()


def _labels(since: datetime.datetime, length: datetime.timedelta) -> Iterable[str]:
    step = datetime.timedelta(hours=1) if length <= _HOURLY else datetime.timedelta(days=1)
    utc = since.astimezone(datetime.timezone.utc)
    for number_of_steps in range(int(length / step) + 1):
        yield _label((utc + number_of_steps * step).astimezone(since.tzinfo), length)


def _label(moment: datetime.datetime, length: datetime.timedelta) -> str:
    if length <= _HOURLY:
        return f"{moment:%Y-%m-%d %H:00}"
    day = moment if length <= _DAILY else moment - datetime.timedelta(days=moment.weekday())
    return f"{day:%Y-%m-%d}"


def mirrored(slots_: Sequence[Slot], above: str, below: str) -> Html:
    """Bars over time, ``above`` upwards and ``below`` downwards on one scale."""
    highest = max([1, *(max(slot.above, slot.below) for slot in slots_)])
    left = _DIGIT * len(number(highest)) + 6
    pitch = (_WIDTH - left) / max(len(slots_), 1)
    bars = [part for place, slot in enumerate(slots_) for part in _bars(slot, left + place * pitch, pitch, highest)]
    said = f"{above}: {number(sum(slot.above for slot in slots_))}, {below}: {number(sum(s.below for s in slots_))}"
    ends = [slots_[0].label, slots_[-1].label] if slots_ else ["", ""]
    return element(
        "svg",
        element("title", said),
        *(element("text", number(highest), x=left - 4, y=y, text_anchor="end") for y in (2 * _EDGE + 6, _HEIGHT - 27)),
        element("text", "0", x=left - 4, y=_MIDDLE + 5, text_anchor="end"),
        *bars,
        element("line", x1=left, x2=_WIDTH, y1=_MIDDLE, y2=_MIDDLE),
        element("text", above, x=left, y=_EDGE, class_="above"),
        element("text", ends[0], x=left, y=_HEIGHT - 5),
        element("text", below, x=(_WIDTH + left) / 2, y=_HEIGHT - 5, text_anchor="middle", class_="below"),
        element("text", ends[1] if len(slots_) > 1 else "", x=_WIDTH, y=_HEIGHT - 5, text_anchor="end"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        class_="chart",
        aria_label=said,
    )


def _bars(slot: Slot, left: float, pitch: float, highest: int) -> list[Html]:
    """The bars of a slot, with what a mouse or a screen reader gets; nothing where nothing happened."""
    drawn = []
    width = min(pitch * 0.8, _WIDEST)
    for word, count in (("above", slot.above), ("below", slot.below)):
        if count:
            height = max(count / highest * _ROOM, 1)
            top = _MIDDLE - height if word == "above" else _MIDDLE
            drawn.append(
                element(
                    "rect",
                    x=f"{left + (pitch - width) / 2:.2f}",
                    y=f"{top:.2f}",
                    width=f"{width:.2f}",
                    height=f"{height:.2f}",
                    class_=word,
                )
            )
    if not drawn:
        return []
    return [element("g", element("title", f"{slot.label}: {slot.above:,} / {slot.below:,}"), join(drawn))]


def gauge(share: float, class_: str = "above") -> Html:
    """A bar beside a number, ``share`` of its room."""
    width = f"{max(100 * min(share, 1), 1 if share > 0 else 0):.1f}"
    drawn = element("rect", width=width, height=8, class_=class_)
    return element("svg", drawn, viewBox="0 0 100 8", preserveAspectRatio="none", class_="bar", aria_hidden="true")
