#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_access
short_description: Who is refused, set aside or marked by Postfix
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Keeps four lists of those whose mail gets another treatment - clients, names in HELO, senders and recipients. Each
    list is given whole; what is not listed any more goes away.
  - The lists become lookup tables in O(tables_directory), networks as C(cidr), names and addresses as indexed tables.
    They are named at the head of C(smtpd_client_restrictions), C(smtpd_helo_restrictions),
    C(smtpd_sender_restrictions) and C(smtpd_recipient_restrictions); tables of others stay where they are.
  - The change is staged, judged, proved and taken back on failure as M(mailops.mailserver.postfix_main) does it.
  - The first entry that matches counts. Among names and addresses this is the most specific one, whatever their order;
    networks are tried before names. An entry that can never match is refused.
  - A refusal is spoken when the client names a recipient, so that the log has sender and recipient.
  - The actions V(add_header), V(tag_subject) and V(junk) mark a message. Postfix adds a mark in
    C(smtpd_data_restrictions), where it appears once and not once for each recipient, under a name that outsiders do
    not know; C(header_checks) makes the final header of it and removes forged ones that came with the message.
    A message that matches in several lists gets the mark of each.
  - C(smtpd_access_maps) is taken out of C(parent_domain_matches_subdomains). Then V(example.net) means this name alone
    and V(.example.net) all names below it, in every access table of this Postfix.
  - Services of C(master.cf) that override one of these parameters, such as a submission service, do not see the lists.
    Role P(mailops.mailserver.postfix#role) takes care of that. On a host of that role use its variable
    C(postfix_access), not this module, because both own the same tables.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.postfix
attributes:
  check_mode:
    details:
      - The configuration is judged in check mode as well. On a host without Postfix only the rules of this collection
        can judge it.
options:
  clients:
    description:
      - Clients by address or by name. They are heard on every port whose service does not override
        C(smtpd_client_restrictions).
      - A name counts only when the client's address leads to it and back in DNS; use addresses where that is not sure.
    type: list
    elements: dict
    default: []
    suboptions: &entry
      match:
        description:
          - Clients - an address (V(192.0.2.1), V(2001:db8::1)), a network (V(192.0.2.0/24)), a name (V(mx.example.net))
            or all names below one (V(.example.net)). A network with host bits is refused, and so are V(0.0.0.0/0) and
            V(::/0).
          - HELO names - a name, all names below one, or an address literal (V([192.0.2.1])).
          - Senders - an address, a domain, all domains below one, or V(<>) for mail without a sender.
          - Recipients - an address or a domain.
        type: str
        required: true
      action:
        description:
          - V(accept) spares a client, HELO name or sender from all further restrictions of that kind, and a recipient
            from the other entries of the list. It never allows to relay.
          - V(defer) refuses for now (450), so that an honest client tries again. V(reject) refuses for good (554).
          - V(disconnect) refuses and hangs up (521).
          - V(discard) takes the message and destroys it. V(hold) puts it into the hold queue. V(redirect) delivers it
            to another address instead, such as the trash mailbox of the server. All three act on the whole message,
            for which reason V(discard) and V(redirect) are refused for recipients.
          - V(add_header) gives the message a header.
          - V(tag_subject) puts a text before the subject, and V(junk) delivers into the Junk folder of the recipient.
            Both are done by the Sieve script of role P(mailops.mailserver.dovecot#role).
          - Recipients cannot be marked, because a header belongs to the whole message.
        type: str
        choices: [accept, defer, reject, disconnect, discard, hold, redirect, add_header, tag_subject, junk]
        required: true
      text:
        description:
          - What the client is told (V(defer), V(reject), V(disconnect)) or what the log says (V(discard), V(hold)).
          - At most 200 printable ASCII characters.
        type: str
      code:
        description:
          - The reply code, alone or with its enhanced code (V(550 5.7.1)). It begins with 4 for V(defer), with 5 for
            V(reject), and is V(421) or V(521) for V(disconnect).
        type: str
      address:
        description: Where V(redirect) delivers.
        type: str
      header:
        description: "The header of V(add_header), such as V(X-PMSFILTER: -5)."
        type: str
      tag:
        description: The text of V(tag_subject), at most 200 printable ASCII characters.
        type: str
  helos:
    description: Names that clients give in HELO or EHLO. Anybody can give any name.
    type: list
    elements: dict
    default: []
    suboptions: *entry
  senders:
    description: Senders in the envelope (MAIL FROM). Anybody can give any address.
    type: list
    elements: dict
    default: []
    suboptions: *entry
  recipients:
    description: Recipients in the envelope (RCPT TO), before aliases are followed.
    type: list
    elements: dict
    default: []
    suboptions: *entry
  imap_server:
    description: What keeps the mailboxes. Without V(dovecot), the actions V(tag_subject) and V(junk) are refused.
    type: str
    choices: [dovecot, courier, none]
    default: dovecot
  token:
    description:
      - A text that belongs to this host and that outsiders do not know; the names of internal headers are made of it.
      - The contents of C(/etc/machine-id) if not given.
    type: str
  tables_directory:
    description: Where the tables are kept.
    type: path
    default: /etc/postfix/tables
seealso:
  - module: mailops.mailserver.postfix_main
"""

EXAMPLES = r"""
- name: Refuse a network for now, a sender's domain for good, and mark what comes from a bulk mailer
  mailops.mailserver.postfix_access:
    clients:
      - {match: 192.0.2.7, action: accept}
      - {match: 192.0.2.0/24, action: defer, text: Your network sends too much spam}
      - {match: .bulk.example.net, action: tag_subject, tag: "[BULK]"}
    senders:
      - {match: spam.example.org, action: reject, code: 550 5.7.1, text: No mail from there}
      - {match: .spam.example.org, action: junk}

- name: Let the recipients' own filters decide
  mailops.mailserver.postfix_access:
    clients:
      - {match: "2001:db8:bad::/48", action: add_header, header: "X-PMSFILTER: -5"}

- name: Have no lists any more
  mailops.mailserver.postfix_access:
"""

RETURN = r"""
version:
  description: The version of Postfix; empty when it is not installed.
  returned: success
  type: str
  sample: 3.10.13
left_out:
  description: Always empty; as in M(mailops.mailserver.postfix_main).
  returned: success
  type: list
  elements: str
  sample: []
backup_files:
  description: Dated copies of the files as they were before; empty when nothing was written.
  returned: success
  type: list
  elements: str
  sample: ['/etc/postfix/main.cf.2026-11-22@10:00:00~']
activated:
  description: What the running Postfix needs, or needed, to read the configuration; V(no) when it does not run or
    nothing changed.
  returned: success
  type: str
  sample: reload
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import files
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import (
    access,
    access_entry,
    postconf,
    request,
    stage,
)

_MACHINE = "/etc/machine-id"
_ENTRY = {
    "match": {"type": "str", "required": True},
    "action": {"type": "str", "required": True, "choices": list(access_entry.ACTIONS)},
    "text": {"type": "str"},
    "code": {"type": "str"},
    "address": {"type": "str"},
    "header": {"type": "str"},
    "tag": {"type": "str"},
}
SPEC = {
    **{kind: {"type": "list", "elements": "dict", "default": [], "options": _ENTRY} for kind in access_entry.KINDS},
    "imap_server": {"type": "str", "choices": ["dovecot", "courier", "none"], "default": "dovecot"},
    "token": {"type": "str", "no_log": False},
    **request.DIRECTORIES,
}


def work(module: AnsibleModule) -> Outcome:
    """Plan, judge, apply."""
    given = module.params
    token = given["token"] or (files.read_text(_MACHINE) or "").strip()
    if not token:
        raise MailError("is empty or missing", where=_MACHINE, mend="Give token: a text that outsiders do not know.")
    part = access.part(
        {kind: given[kind] for kind in access_entry.KINDS},
        at=postconf.places(given["tables_directory"]),
        token=token,
        imap_server=given["imap_server"],
    )
    wanted = request.of_part(part, directory=given["config_directory"], tables_directory=given["tables_directory"])
    return stage.settle(wanted, check_mode=module.check_mode)


def main() -> None:
    _report.run(_report.Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
