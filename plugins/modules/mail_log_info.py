#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_log_info
short_description: Read the logs of Postfix, Dovecot and Courier
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Reads the logs of a period once and adds up who sent how much and to which domains, what waits or came back and
    why, what clients were refused, which accounts log in from where, and who tries to in vain.
  - Can say what became of a message, through all its queue IDs, and who is connected to Postfix now.
  - Reads files with those that they were rotated to, compressed or not, and the journal of systemd. Nothing is changed.
  - Texts in the result are those of strangers. Control characters and what turns text around are replaced by
    U+FFFD and long texts are cut; who writes them into HTML must still escape them.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
options:
  since:
    description:
      - The begin of the period - how long ago, as a number with V(s), V(m), V(h), V(d) or V(w), or a time such as
        V(2026-11-22 18:00), in the host's own time zone if it names no other.
    type: str
    default: 24h
  until:
    description: The end of the period, written as O(since) is. By default now.
    type: str
    default: ''
  login:
    description:
      - Look only at what this account sent, was refused, and at its logins, for example V(alice@example.com).
      - Messages are counted that were accepted in the period. Earlier ones that are still in the queue are not.
    type: str
    default: ''
  follow:
    description:
      - Which messages to follow; a message must match all that is given, and O(login) if that is given.
      - Notices about such a message and what was sent on under its Message-ID are followed, too.
    type: dict
    suboptions:
      queue_id:
        description: Postfix's ID of the message in the queue.
        type: str
      message_id:
        description: The Message-ID header, with its angle brackets or without.
        type: str
      sender:
        description: The envelope sender.
        type: str
      recipient:
        description: A recipient, before or after aliases.
        type: str
  follow_max:
    description: How many messages to follow at most; the latest are kept.
    type: int
    default: 100
  top:
    description:
      - How many entries each list of the result has at most, those with the greatest counts; V(0) is all.
      - Lists within them, such as the domains of a sender, have ten at most unless O(login) is given.
    type: int
    default: 100
  interval:
    description: What RV(volume) counts by. Both are in UTC.
    type: str
    choices: [hour, day]
    default: hour
  source:
    description:
      - V(auto) reads the files that Postfix and Dovecot are configured to write, and besides those the system's
        C(/var/log/mail.log) or C(/var/log/maillog) if it was written to within a day, otherwise the journal.
      - V(files) leaves the journal out, V(journal) the files.
    type: str
    choices: [auto, files, journal]
    default: auto
  paths:
    description:
      - Files to read instead, as absolute paths that may hold wildcards. Files that they were rotated to are found
        without them.
      - The journal is then read only with O(source=journal).
    type: list
    elements: str
    default: []
seealso:
  - module: mailops.mailserver.mail_account
"""

EXAMPLES = r"""
- name: See who sent most in the last week
  mailops.mailserver.mail_log_info:
    since: 7d
    interval: day
  register: week

- name: See whom an account has reached
  mailops.mailserver.mail_log_info:
    since: 3d
    login: alice@example.com
    top: 0
  register: alice

- name: Show the domains
  ansible.builtin.debug:
    msg: "{{ alice.senders | map(attribute='domains') | flatten }}"

- name: See what became of a message
  mailops.mailserver.mail_log_info:
    since: 3d
    follow:
      sender: alice@example.com
      recipient: carol@example.net
  register: trace
"""

RETURN = r"""
totals:
  description: Counts of the whole period.
  returned: success
  type: dict
  contains:
    submitted:
      description: Messages that somebody handed in who had logged in.
      returned: success
      type: int
    submitted_bytes:
      description: Their size.
      returned: success
      type: int
    received:
      description: Messages from other servers.
      returned: success
      type: int
    received_bytes:
      description: Their size.
      returned: success
      type: int
    local:
      description: Messages from programs on the host, by C(sendmail) or over SMTP from a loopback address. What Sieve
        scripts send on and automatic replies are among them.
      returned: success
      type: int
    local_bytes:
      description: Their size.
      returned: success
      type: int
    notice:
      description: Notices that Postfix wrote, such as of mail that could not be delivered.
      returned: success
      type: int
    notice_bytes:
      description: Their size.
      returned: success
      type: int
    delivered:
      description: Recipients whose mail was handed to a mailbox or program on the host.
      returned: success
      type: int
    sent:
      description: Recipients whose mail another server took.
      returned: success
      type: int
    deferred:
      description: Recipients whose mail was put off, each counted once.
      returned: success
      type: int
    bounced:
      description: Recipients whose mail was returned.
      returned: success
      type: int
    rejected:
      description: Refusals of commands of clients.
      returned: success
      type: int
    limited:
      description: How often a client or an account met a limit.
      returned: success
      type: int
    logins:
      description: Logins. With SMTP, connections in which a message was accepted after a login.
      returned: success
      type: int
    login_failures:
      description: Logins that failed.
      returned: success
      type: int
    waiting_messages:
      description: Messages that were put off and still wait at the end of the period. Only in RV(totals).
      returned: success
      type: int
    waiting:
      description: Their recipients that still wait. Only in RV(totals).
      returned: success
      type: int
volume:
  description: Counts of each hour or day in which something happened, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    time:
      description: When it began. The other keys are those of RV(totals) but for the last two.
      returned: success
      type: str
      sample: '2026-11-22T18:00:00Z'
senders:
  description: What each account sent that logged in, the one with most messages first.
  returned: success
  type: list
  elements: dict
  contains:
    login:
      description: The account. In RV(local_senders) this is C(sender), the envelope sender.
      returned: success
      type: str
      sample: alice@example.com
    messages:
      description: Messages that were accepted.
      returned: success
      type: int
      sample: 4711
    bytes:
      description: Their size.
      returned: success
      type: int
      sample: 8123456
    recipients:
      description: Recipients that were tried, each counted once, after aliases. The sum of the next four.
      returned: success
      type: int
      sample: 9000
    sent:
      description: Recipients whose mail was delivered or taken by another server.
      returned: success
      type: int
      sample: 7000
    waiting:
      description: Recipients whose mail still waits.
      returned: success
      type: int
      sample: 1200
    bounced:
      description: Recipients whose mail was returned.
      returned: success
      type: int
      sample: 800
    deleted:
      description: Recipients whose mail was deleted from the queue while it waited.
      returned: success
      type: int
      sample: 0
    rejected:
      description: Refusals that are not about a limit.
      returned: success
      type: int
      sample: 3
    limited:
      description: How often it met a limit.
      returned: success
      type: int
      sample: 12
    first:
      description: The first message or refusal.
      returned: success
      type: str
      sample: '2026-11-22T01:02:03Z'
    last:
      description: The last message or refusal.
      returned: success
      type: str
      sample: '2026-11-22T01:32:03Z'
    domain_count:
      description: How many domains it wrote to.
      returned: success
      type: int
      sample: 512
    client_count:
      description: From how many addresses.
      returned: success
      type: int
      sample: 3
    domains:
      description: Whom it reached, by domain. C(messages) are those with a recipient in it; C(recipients), C(sent),
        C(waiting), C(bounced), C(deleted), C(first) and C(last) as above.
      returned: success
      type: list
      elements: dict
      sample:
        - {domain: example.net, recipients: 12, messages: 9, sent: 10, waiting: 2, bounced: 0, deleted: 0,
           first: '2026-11-22T01:02:03Z', last: '2026-11-22T01:12:03Z'}
    clients:
      description: Where it came from - C(address), C(name) in DNS, C(messages), C(bytes), C(first), C(last).
      returned: success
      type: list
      elements: dict
      sample:
        - {address: 198.51.100.7, name: unknown, messages: 4711, bytes: 8123456, rejected: 0,
           first: '2026-11-22T01:02:03Z', last: '2026-11-22T01:32:03Z'}
    senders:
      description: The envelope senders that it used - C(sender), C(messages), C(first), C(last).
      returned: success
      type: list
      elements: dict
local_senders:
  description: The same of programs on the host, by envelope sender. Their C(clients) have C(uid 33) for the user ID of
    who called C(sendmail).
  returned: success
  type: list
  elements: dict
clients:
  description: Other servers that sent mail or were refused - C(address), C(name), C(messages), C(bytes), C(rejected),
    C(first) and C(last).
  returned: success
  type: list
  elements: dict
deferred:
  description: Why mail was put off, the reason with most attempts first.
  returned: success
  type: list
  elements: dict
  contains:
    reason:
      description: The reason without what differs between messages.
      returned: success
      type: str
      sample: 452 4.2.2 Mailbox full (in reply to RCPT TO command)
    dsn:
      description: The status code.
      returned: success
      type: str
      sample: 4.2.2
    attempts:
      description: How often it was met.
      returned: success
      type: int
      sample: 31
    recipients:
      description: Recipients that met it, of those put off for the first time.
      returned: success
      type: int
      sample: 4
    waiting:
      description: Recipients that wait for this reason now.
      returned: success
      type: int
      sample: 2
    domains:
      description: Ten domains of recipients at most.
      returned: success
      type: list
      elements: str
      sample: [example.net]
    example:
      description: What was said last.
      returned: success
      type: str
      sample: host mx.example.net[192.0.2.1] said 452 4.2.2 Mailbox full (in reply to RCPT TO command)
    first:
      description: The first time.
      returned: success
      type: str
      sample: '2026-11-22T01:02:03Z'
    last:
      description: The last time.
      returned: success
      type: str
      sample: '2026-11-22T01:32:03Z'
bounced:
  description: Why mail was returned, as RV(deferred) is.
  returned: success
  type: list
  elements: dict
rejected:
  description: What clients were refused, and why.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: One of V(limit), V(size), V(quota), V(relay), V(sender_login), V(recipient), V(greylist),
        V(blocklist), V(client), V(greeting), V(sender), V(content) and V(other).
      returned: success
      type: str
      sample: relay
    reply:
      description: The reply code.
      returned: success
      type: str
      sample: 554 5.7.1
    reason:
      description: The text without what differs.
      returned: success
      type: str
      sample: '<…>: Relay access denied'
    count:
      description: How often.
      returned: success
      type: int
      sample: 14
    clients:
      description: How many clients.
      returned: success
      type: int
      sample: 3
    addresses:
      description: Ten of their addresses at most.
      returned: success
      type: list
      elements: str
      sample: [198.51.100.7]
    example:
      description: What was said last.
      returned: success
      type: str
      sample: '<x@example.com>: Relay access denied'
    first:
      description: The first time.
      returned: success
      type: str
    last:
      description: The last time.
      returned: success
      type: str
limited:
  description: Who met a limit.
  returned: success
  type: list
  elements: dict
  contains:
    login:
      description: The account, or empty.
      returned: success
      type: str
      sample: alice@example.com
    address:
      description: The client.
      returned: success
      type: str
      sample: 198.51.100.7
    what:
      description: Postfix's name of the limit, V(errors) for too many errors, V(refused) if a reply speaks of a limit.
      returned: success
      type: str
      sample: message delivery request
    count:
      description: How often.
      returned: success
      type: int
      sample: 12
    first:
      description: The first time.
      returned: success
      type: str
    last:
      description: The last time.
      returned: success
      type: str
logins:
  description: Logins of each account. An account that is not in it has not logged in.
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: The account.
      returned: success
      type: str
      sample: alice@example.com
    logins:
      description: How often.
      returned: success
      type: int
      sample: 44
    services:
      description: How often with V(imap), V(pop3), V(sieve) and V(smtp).
      returned: success
      type: dict
      sample: {imap: 40, smtp: 4}
    networks:
      description: From how many networks, IPv4 counted by 24 bits and IPv6 by 48.
      returned: success
      type: int
      sample: 2
    address_count:
      description: From how many addresses.
      returned: success
      type: int
      sample: 3
    addresses:
      description: From where - C(address), C(logins), C(first), C(last).
      returned: success
      type: list
      elements: dict
    first:
      description: The first login.
      returned: success
      type: str
    last:
      description: The last login.
      returned: success
      type: str
many_networks:
  description: Accounts that logged in from more than one network, those from most networks first.
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: The account.
      returned: success
      type: str
      sample: alice@example.com
    networks:
      description: From how many, IPv4 counted by 24 bits and IPv6 by 48.
      returned: success
      type: int
      sample: 7
    some_networks:
      description: Ten of them at most.
      returned: success
      type: list
      elements: str
      sample: [198.51.100.0/24]
    logins:
      description: How often it logged in.
      returned: success
      type: int
      sample: 44
used:
  description: The names of all accounts that logged in, whatever O(top) is.
  returned: success
  type: list
  elements: str
  sample: [alice@example.com]
failed_accounts:
  description: Logins that failed, by the account that was claimed. The account is empty where the log does not name
    it, as Courier's does not for C(AUTHENTICATE).
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: The account that was claimed, whether it exists or not.
      returned: success
      type: str
      sample: admin
    failures:
      description: How often.
      returned: success
      type: int
      sample: 900
    services:
      description: How often with V(imap), V(pop3), V(sieve) and V(smtp).
      returned: success
      type: dict
      sample: {imap: 900}
    succeeded:
      description: Logins of this account that succeeded after the first failure.
      returned: success
      type: int
      sample: 0
    addresses:
      description: From how many addresses.
      returned: success
      type: int
      sample: 17
    some_addresses:
      description: Ten of them at most.
      returned: success
      type: list
      elements: str
    first:
      description: The first time.
      returned: success
      type: str
    last:
      description: The last time.
      returned: success
      type: str
failed_addresses:
  description: The same by C(address) of the client, with C(accounts) and C(some_accounts).
  returned: success
  type: list
  elements: dict
sessions:
  description:
    - Processes of Postfix that have a client now. To end a session, use M(mailops.mailserver.mail_session). Killing the
      process would close the port to others for a while.
    - The log tells of a login only when a message is accepted, so an empty C(login) may be somebody who has logged in
      and sent nothing yet. With O(login) all are listed, too.
  returned: success
  type: list
  elements: dict
  contains:
    pid:
      description: The process ID.
      returned: success
      type: int
      sample: 4248
    login:
      description: The account, or empty.
      returned: success
      type: str
      sample: alice@example.com
    service:
      description: What the service is called in the log, V(submission) for example, empty for port 25.
      returned: success
      type: str
      sample: submission
    address:
      description: The client.
      returned: success
      type: str
      sample: 198.51.100.7
    name:
      description: Its name in DNS, or V(unknown).
      returned: success
      type: str
      sample: unknown
    messages:
      description: How many messages it sent in this session.
      returned: success
      type: int
      sample: 17
    since:
      description: When it connected.
      returned: success
      type: str
    last:
      description: When it sent the last message, or connected.
      returned: success
      type: str
messages:
  description: The messages that O(follow) asks for and what came of them, in the order of their begin.
  returned: success
  type: list
  elements: dict
  contains:
    queue_id:
      description: Its ID in the queue. Empty if it was refused before it had one.
      returned: success
      type: str
      sample: 07DDD412077
    parent:
      description: The ID of the message that this one came of.
      returned: success
      type: str
      sample: ''
    message_id:
      description: Its Message-ID.
      returned: success
      type: str
      sample: <hello@client.example.net>
    login:
      description: The account that handed it in.
      returned: success
      type: str
      sample: alice@example.com
    sender:
      description: The envelope sender.
      returned: success
      type: str
      sample: alice@example.com
    address:
      description: The client.
      returned: success
      type: str
      sample: 198.51.100.7
    name:
      description: The client's name in DNS, or C(uid 33) for the user who called C(sendmail).
      returned: success
      type: str
      sample: unknown
    service:
      description: What the service is called in the log, or V(sendmail).
      returned: success
      type: str
      sample: submission
    size:
      description: Its size in bytes.
      returned: success
      type: int
      sample: 582
    state:
      description: V(queued), V(delivered) to all, V(returned), V(mixed) where recipients differ, V(expired), V(deleted)
        by an administrator, V(refused), or V(removed) where the log does not tell more.
      returned: success
      type: str
      sample: delivered
    deliveries:
      description: Each recipient - C(recipient), C(original) before aliases, C(status), C(relay), C(dsn), C(text) of
        the last reply, C(mailbox) for what Dovecot did with it, C(attempts), C(first) and C(last).
      returned: success
      type: list
      elements: dict
      sample:
        - {recipient: bob@example.com, original: '', status: sent, relay: 'mx.example.com[private/dovecot-lmtp]',
           dsn: 2.0.0, text: 250 2.0.0 <bob@example.com> 6RmXAqQvA2vXDQAA1oUInw Saved,
           mailbox: saved mail to INBOX, attempts: 1, first: '2026-11-22T18:08:36Z', last: '2026-11-22T18:08:36Z'}
    notes:
      description: What else happened to it - C(time) and C(text).
      returned: success
      type: list
      elements: dict
    first:
      description: The first line about it.
      returned: success
      type: str
    last:
      description: The last line about it.
      returned: success
      type: str
read:
  description: What was read.
  returned: success
  type: dict
  contains:
    since:
      description: The begin of the period.
      returned: success
      type: str
    until:
      description: Its end.
      returned: success
      type: str
    first:
      description: The first line of a mail daemon in it. If this is much later, the logs do not reach back so far.
      returned: success
      type: str
    last:
      description: The last line.
      returned: success
      type: str
    lines:
      description: How many lines of mail daemons there were.
      returned: success
      type: int
    damaged:
      description: Lines that are cut off or cannot be read. They are passed over.
      returned: success
      type: int
    foreign:
      description: Entries of the journal that came from users who run no mail daemon. They are passed over.
      returned: success
      type: int
    forgotten:
      description: How many entries were dropped because there were too many to remember. Those with the greatest
        counts are kept.
      returned: success
      type: int
    more_messages:
      description: How many messages were not kept because of O(follow_max).
      returned: success
      type: int
    sources:
      description: The files and the journal - C(name), C(lines), C(damaged).
      returned: success
      type: list
      elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._log import run as log
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

FOLLOW = {name: {"type": "str"} for name in ("queue_id", "message_id", "sender", "recipient")}
SPEC = {
    "since": {"type": "str", "default": "24h"},
    "until": {"type": "str", "default": ""},
    "login": {"type": "str", "default": ""},
    "follow": {"type": "dict", "options": FOLLOW},
    "follow_max": {"type": "int", "default": 100},
    "top": {"type": "int", "default": 100},
    "interval": {"type": "str", "choices": ["hour", "day"], "default": "hour"},
    "source": {"type": "str", "choices": ["auto", "files", "journal"], "default": "auto"},
    "paths": {"type": "list", "elements": "str", "default": []},
}


def work(module: AnsibleModule) -> Outcome:
    return log.run(module.params)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
