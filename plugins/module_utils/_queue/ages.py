# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long messages have been waiting."""

from __future__ import annotations

import bisect
from typing import Any

from .message import Message

_HOUR, _DAY = 3600, 86400
# Longer than this in seconds, and the word for it.
STEPS = {"0": 0, "1h": _HOUR, "4h": 4 * _HOUR, "1d": _DAY, "2d": 2 * _DAY, "4d": 4 * _DAY}
_LIMITS = tuple(STEPS.values())


class Ages:
    """Messages by how long they have been in the queue at the time ``now``, in seconds since 1970."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._counts = [0] * len(_LIMITS)

    def add(self, message: Message) -> None:
        """Count a message by its age."""
        age = self._now - message.arrived
        self._counts[max(bisect.bisect_left(_LIMITS, age) - 1, 0)] += 1

    def facts(self) -> list[dict[str, Any]]:
        """Every step with the messages that have waited for longer than it and not longer than the next."""
        return [{"longer_than": word, "messages": count} for word, count in zip(STEPS, self._counts)]
