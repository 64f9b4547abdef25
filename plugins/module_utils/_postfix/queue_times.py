# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long mail waits in the queue, how often it is tried, and who is told."""

from __future__ import annotations

from .options import Options
from .part import Part

_HOUR = 3600
_DAY = 24 * _HOUR
_CLASSES = ("bounce", "2bounce", "data", "delay", "policy", "protocol", "resource", "software")


def part(options: Options) -> Part:
    """The parameters of main.cf. Raises MailError for times out of range or in the wrong order."""
    scan = options.seconds("queue_run_delay", low=1, high=_DAY)
    soonest = options.seconds("retry_soonest", low=1, high=_DAY)
    latest = options.seconds("retry_latest", low=1, high=7 * _DAY)
    if not scan <= soonest <= latest:
        raise options.fault(
            "retry_soonest",
            f"'{options.given['retry_soonest']}' does not lie between {options.prefix}queue_run_delay "
            f"('{options.given['queue_run_delay']}') and {options.prefix}retry_latest "
            f"('{options.given['retry_latest']}')",
            "The queue is looked through each queue_run_delay; a message waits from retry_soonest to retry_latest.",
        )
    lifetime = options.seconds("queue_lifetime", low=0, high=100 * _DAY)
    delay = options.seconds("delay_warning", low=0, high=100 * _DAY)
    if 0 < lifetime <= delay:
        options.warn("delay_warning", "the message is returned before its sender is warned.")
    return Part(
        parameters={
            "maximal_queue_lifetime": options.time("queue_lifetime", low=0, high=100 * _DAY),
            "bounce_queue_lifetime": options.time("bounce_lifetime", low=0, high=100 * _DAY),
            "delay_warning_time": options.time("delay_warning", low=0, high=100 * _DAY),
            "confirm_delay_cleared": options.switch("delay_cleared"),
            "notify_classes": options.words("notify_classes", _CLASSES),
            "queue_run_delay": options.time("queue_run_delay", high=_DAY),
            "minimal_backoff_time": options.time("retry_soonest", high=_DAY),
            "maximal_backoff_time": options.time("retry_latest", high=7 * _DAY),
        }
    )
