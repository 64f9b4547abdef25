# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  filter:
    description:
      - Which messages are meant. A message must fulfil all that is given; what is empty is not asked for.
      - Texts are compared whole, letter case aside. Between strokes, as in V(/^newsletter-.*@/), a text is a regular
        expression of Python that must be found.
      - A message with several recipients is meant as a whole if one of them fits.
    type: dict
    suboptions:
      queue_ids:
        description: IDs of messages. Quote them, since YAML reads some of them as numbers.
        type: list
        elements: str
      queues:
        description: Queues - V(maildrop), V(incoming), V(active), V(deferred) and V(hold).
        type: list
        elements: str
      sender:
        description: The envelope's sender; V(<>) is the empty one of bounces.
        type: str
      recipient:
        description: A recipient to whom the message was not delivered yet.
        type: str
      recipient_domain:
        description: The domain of such a recipient.
        type: str
      login:
        description:
          - The name that was logged in with to hand the message in, whatever its sender is.
          - V(/^$/) stands for mail for which nobody logged in.
        type: str
      client_address:
        description: The address that the message came from, or a network such as V(192.0.2.0/24).
        type: str
      reason:
        description: Why the last try of a recipient failed.
        type: str
      older_than:
        description: The message has been waiting for longer than this - V(90s), V(30m), V(2h), V(5d), V(1w).
        type: str
      newer_than:
        description: The message has been waiting for less than this.
        type: str
      larger_than:
        description: The message is larger than this - V(500K), V(10M).
        type: str
      smaller_than:
        description: The message is smaller than this.
        type: str
      everything:
        description: Every message. It goes with nothing else.
        type: bool
  limit:
    description: How many messages are returned one by one, the oldest first. Sums and actions have no limit.
    type: int
    default: 500
  top:
    description: How many rows each table of RV(totals) has.
    type: int
    default: 20
  config_directory:
    description: The directory of C(main.cf) and C(master.cf).
    type: path
    default: /etc/postfix
"""
