#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_queue
short_description: Hold, release, requeue, flush or delete mail in Postfix's queue
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Acts on all messages of the queue that fit a filter, one or a hundred thousand, and reports what it was done to.
  - Check mode returns what would be acted on.
  - A message that leaves the queue meanwhile is no error; it is counted in RV(left).
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.queue
attributes:
  diff_mode:
    support: partial
    details:
      - Names the first O(limit) messages.
  idempotent:
    support: partial
    details:
      - With V(requeue) and V(flush) messages that cannot be delivered fit the filter again afterwards.
options:
  action:
    description:
      - V(hold) keeps messages back until they are released or deleted.
      - V(release) lets go what is on hold. Its next try comes when it is due, see V(flush).
      - V(requeue) lets messages go through Postfix once more, with today's aliases, routes and filters; they get other
        IDs. What is on hold is requeued only where O(filter.queues) names V(hold) or O(filter.queue_ids) the message.
      - V(flush) tries at once what is deferred, without waiting for the time of the next try.
      - V(delete) deletes messages, without a bounce. It holds each first, so that it is not delivered while it is
        counted, saved and deleted. Unless O(max_messages) or O(archive_to) is given, it begins while the queue is still
        being listed. If it is interrupted, some of those that are left may be on hold.
    type: str
    choices: [hold, release, requeue, flush, delete]
    required: true
  max_messages:
    description: If more messages fit the filter, the module fails and nothing is changed.
    type: int
  archive_to:
    description:
      - With O(action=delete) a directory on the host, where messages are saved before they are deleted. It is made for
        root alone if it is not there.
      - Each message becomes a file C(TIME-ID.eml). C(index.jsonl) has a line of JSON for each, with its sender, its
        recipients, login and client address.
    type: path
seealso:
  - module: mailops.mailserver.postfix_queue_info
"""

EXAMPLES = r"""
- name: Keep back what a stolen account has sent
  mailops.mailserver.postfix_queue:
    action: hold
    filter: {login: alice@example.com}

- name: Delete it, with a copy for the inquiry
  mailops.mailserver.postfix_queue:
    action: delete
    filter: {login: alice@example.com}
    archive_to: /root/stolen-account
    max_messages: 50000
  register: deleted

- name: Say to whom it would have gone
  ansible.builtin.debug:
    msg: "{{ deleted.totals.recipient_domains }}"

- name: Delete old bounces that nobody takes
  mailops.mailserver.postfix_queue:
    action: delete
    filter: {sender: <>, older_than: 2d, queues: [deferred]}

- name: Try again what waited for a server that is back
  mailops.mailserver.postfix_queue:
    action: flush
    filter: {recipient_domain: example.net}

- name: Let go everything that is on hold
  mailops.mailserver.postfix_queue:
    action: release
    filter: {everything: true}
"""

RETURN = r"""
listed:
  description: How many messages the queue had.
  returned: success
  type: int
  sample: 4711
matched:
  description: How many of them were meant, in queues where the action makes sense.
  returned: success
  type: int
  sample: 412
done:
  description: To how many of them it was done. In check mode it would be all of them.
  returned: success
  type: int
  sample: 411
left:
  description: How many left the queue, or went to another, before it could be done.
  returned: success
  type: int
  sample: 1
totals:
  description: Sums of those to which it was done, as RV(mailops.mailserver.postfix_queue_info#module:totals).
  returned: success
  type: dict
messages:
  description:
    - Those to which it was done, the oldest first, at most O(limit), as
      RV(mailops.mailserver.postfix_queue_info#module:messages).
  returned: success
  type: list
  elements: dict
report:
  description: What was done, and the sums, as lines of text.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._queue import act
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

SPEC = {
    **_argspec.queue(),
    "action": {"type": "str", "choices": ["hold", "release", "requeue", "flush", "delete"], "required": True},
    "max_messages": {"type": "int"},
    "archive_to": {"type": "path"},
}


def work(module: AnsibleModule) -> Outcome:
    return act.run(module.params, check_mode=module.check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
