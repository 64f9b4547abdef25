# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_page
short_description: Make a page of HTML of what was found on mail servers
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives a report as one page of HTML that needs nothing from elsewhere and runs no script, in English or Japanese.
  - Text that strangers chose is made harmless.
positional: _input
options:
  _input:
    description:
      - By the name of each server a dictionary of results - C(logs) of M(mailops.mailserver.mail_log_info), C(queue) of
        M(mailops.mailserver.postfix_queue_info), C(accounts) of M(mailops.mailserver.mail_account_info), C(aliases) of
        M(mailops.mailserver.mail_alias_info), C(domains) of M(mailops.mailserver.mail_domain_info), C(scripts) of
        M(mailops.mailserver.mail_sieve_info), C(certificates) of M(mailops.mailserver.mail_certificate_info).
      - Of what is not there, or has failed, the page says so.
    type: dict
    required: true
  language:
    description: V(en) or V(ja).
    type: str
    default: en
  top:
    description: How many rows each table has.
    type: int
    default: 20
  own_domains:
    description: Domains of the organisation besides those of the servers, with what is below them.
    type: list
    elements: str
    default: []
  networks:
    description: From how many networks the logins of an account are remarkable, two at least.
    type: int
    default: 5
  min_days:
    description: Certificates that last fewer days are remarkable.
    type: int
    default: 21
  title:
    description: The title. There is one by default.
    type: str
    default: ''
  time_zone:
    description: The time zone of the reader, as V(Asia/Tokyo).
    type: str
    default: UTC
  made:
    description: The time that the page names as that when it was made, in ISO 8601.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Read the logs
  mailops.mailserver.mail_log_info: {since: 7d}
  register: logs

- name: Make a report
  ansible.builtin.copy:
    content: "{{ {inventory_hostname: {'logs': logs}} | mailops.mailserver.report_page(language='ja') }}"
    dest: /root/report.html
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page import page
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page.findings import Limits
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page.language import language as read_language


def report_page(  # noqa: PLR0913  # these are the filter's options
    results: Any,
    *,
    language: str = "en",
    top: int | str = 20,
    own_domains: Sequence[str] = (),
    networks: int | str = 5,
    min_days: int | str = 21,
    title: str = "",
    time_zone: str = "UTC",
    made: str = "",
) -> str:
    """See DOCUMENTATION."""
    if not isinstance(results, Mapping):
        raise AnsibleFilterError(
            "report_page: give it results by the names of servers, such as {'mx': {'logs': logs}}."
        )
    try:
        reader = read_language(language, zoneinfo.ZoneInfo(time_zone))
    except (MailError, ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        if isinstance(error, MailError):
            raise AnsibleFilterError(f"report_page: {error.message}") from error
        raise AnsibleFilterError(
            f"report_page: time_zone: '{time_zone}' is not known here. Write it like Asia/Tokyo; the controller needs "
            "the time zone database."
        ) from error
    limits = Limits(_number("networks", networks, 2), _number("min_days", min_days, 0))
    wishes = page.Wishes(reader, _number("top", top, 1), limits, title, made)
    return str(page.page(results, own_domains, wishes))


def _number(name: str, value: Any, least: int) -> int:
    """A number that may be given as text, as on a command line."""
    text = str(value)
    if not (text.isascii() and text.isdecimal()) or int(text) < least:
        raise AnsibleFilterError(f"report_page: {name}: '{text}' is no number from {least} on.")
    return int(text)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"report_page": report_page}
