#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_queue_info
short_description: Look at the mail that waits in Postfix's queue
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns the messages of the queue, or those that fit a filter, with sums by sender, recipient domain, login, client
    and reason.
  - Who handed a message in is read from its file in the queue, because a sender can be forged.
  - The queue is read as a stream. How long it is makes no difference to the memory that is needed.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
  - mailops.mailserver.queue
options:
  origins:
    description:
      - Whether logins and client addresses are read for all messages. It takes about as long again as the list itself.
      - A filter for one of them reads them in any case.
    type: bool
    default: true
seealso:
  - module: mailops.mailserver.postfix_queue
"""

EXAMPLES = r"""
- name: Look at the queue
  mailops.mailserver.postfix_queue_info:
  register: queue

- name: Say who waits for what
  ansible.builtin.debug:
    msg: "{{ queue.report }}"

- name: Count what one user has handed in during the last hour
  mailops.mailserver.postfix_queue_info:
    filter: {login: alice@example.com, newer_than: 1h}
  register: hers
"""

RETURN = r"""
listed:
  description: How many messages the queue has.
  returned: success
  type: int
  sample: 4711
matched:
  description: How many of them are meant.
  returned: success
  type: int
  sample: 412
totals:
  description: Sums of the messages that are meant.
  returned: success
  type: dict
  contains:
    messages:
      description: How many there are.
      type: int
      returned: success
    recipients:
      description: How many recipients wait for them.
      type: int
      returned: success
    size:
      description: Their size in bytes.
      type: int
      returned: success
    oldest:
      description: When the oldest arrived, in UTC; empty if there is none.
      type: str
      returned: success
    queues:
      description: By queue, the greatest first.
      type: list
      elements: dict
      returned: success
      sample: [{'name': deferred, 'messages': 400, 'recipients': 1200}]
    senders:
      description: By sender.
      type: list
      elements: dict
      returned: success
    recipient_domains:
      description: By domain of the recipients.
      type: list
      elements: dict
      returned: success
    logins:
      description: By the name that was logged in with.
      type: list
      elements: dict
      returned: success
    client_addresses:
      description: By the address that they came from.
      type: list
      elements: dict
      returned: success
    reasons:
      description: By why they wait.
      type: list
      elements: dict
      returned: success
ages:
  description: How many of those messages have been waiting for longer than C(longer_than), and not longer than the
    next.
  returned: success
  type: list
  elements: dict
  sample: [{'longer_than': '0', 'messages': 7}, {'longer_than': 1h, 'messages': 2}]
messages:
  description: Those messages, the oldest first, at most O(limit).
  returned: success
  type: list
  elements: dict
  contains:
    queue_id:
      description: The ID.
      type: str
      returned: success
      sample: 4f9D195432z1Yc9
    queue:
      description: The queue that it was in.
      type: str
      returned: success
      sample: deferred
    arrived:
      description: When it arrived, in UTC.
      type: str
      returned: success
      sample: '2026-01-31T12:00:00Z'
    size:
      description: Its size in bytes.
      type: int
      returned: success
    sender:
      description: The envelope's sender.
      type: str
      returned: success
    login:
      description: The name that was logged in with; empty if nobody did.
      type: str
      returned: success
    client_address:
      description: The address that it came from; empty if it is from the host itself.
      type: str
      returned: success
    recipient_count:
      description: How many recipients wait for it.
      type: int
      returned: success
    recipients:
      description: The first 20 of them, with C(address) and C(reason).
      type: list
      elements: dict
      returned: success
report:
  description: The sums as lines of text.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._queue import look
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

SPEC = {**_argspec.queue(), "origins": {"type": "bool", "default": True}}


def work(module: AnsibleModule) -> Outcome:
    return look.run(module.params)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
