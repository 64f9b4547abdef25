#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_advisory_info
short_description: Compare the versions of a mail server's packages with known security advisories
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Reads which versions of Postfix, Dovecot, Courier, rspamd and fail2ban are installed, and says of each advisory that
    is known here whether it is open, mended, or not known for this version. It asks nobody on the network.
  - Versions are compared as dpkg does, with the fixed version of the very release of Debian, since Debian mends defects
    without taking the authors' new version.
  - Where no fixed version is known for the release, the authors' versions are asked. They can show that a version is
    mended, never that it is not.
  - Nothing here says that a host is safe. The list ends at RV(known_on), and was never complete.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
options:
  advisories:
    description: Advisories besides those that are known here; one with the same O(advisories[].id) replaces it.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: A CVE number or another name.
        type: str
        required: true
      package:
        description: The name of the Debian source package, such as V(dovecot), not of a binary package.
        type: str
        required: true
      severity:
        description: How bad it is.
        type: str
        choices: [critical, high, medium, low, unrated]
        default: unrated
      summary:
        description: What is wrong.
        type: str
        default: ''
      fixed:
        description:
          - The first version without it, by release of Debian. V(13) is a key, V(1:2.4.1+dfsg1-6+deb13u4) its value.
          - Put versions into quotes. YAML takes C(3.10) for a number and makes 3.1 of it.
        type: dict
        default: {}
      vulnerable:
        description: The last version that is known to have it, by release of Debian, where none is mended.
        type: dict
        default: {}
      upstream:
        description: The authors' first versions without it, one for each line of releases, such as V(2.4.3).
        type: list
        elements: raw
        default: []
      packages:
        description: The binary packages that have it. By default all of the source.
        type: list
        elements: str
        default: []
      mend:
        description: What is to be done besides an upgrade, or instead of one.
        type: str
        default: ''
      sources:
        description: Where this was read.
        type: list
        elements: str
        default: []
  ignore:
    description:
      - Names of advisories that were looked at and do not matter here. Unless they are mended, their state is
        V(ignored).
      - A name that no advisory has is warned of.
    type: list
    elements: str
    default: []
  severities:
    description: Which open findings get into RV(faults). By default all.
    type: list
    elements: str
    choices: [critical, high, medium, low, unrated]
    default: [critical, high, medium, low, unrated]
  of:
    description:
      - With V(installed), what is installed is judged.
      - With V(offered), what would be installed after an upgrade, by the lists that apt last fetched.
    type: str
    choices: [installed, offered]
    default: installed
seealso:
  - name: Debian's security tracker
    description: What Debian knows about each package.
    link: https://security-tracker.debian.org/
"""

EXAMPLES = r"""
- name: Compare what is installed with what is known
  mailops.mailserver.mail_advisory_info:
    ignore: [CVE-2021-38084]
    severities: [critical, high]
  register: result

- name: Nothing bad may be open
  ansible.builtin.assert:
    that: result.faults == []
    fail_msg: "{{ result.faults }}"

- name: With an advisory of your own
  mailops.mailserver.mail_advisory_info:
    advisories:
      - id: CVE-2030-12345
        package: dovecot
        severity: high
        fixed: {'13': '1:2.4.1+dfsg1-6+deb13u9'}
        sources: [https://security-tracker.debian.org/tracker/CVE-2030-12345]
"""

RETURN = r"""
release:
  description: The release of Debian; empty on another system.
  returned: success
  type: str
  sample: '13'
packages:
  description:
    - The source packages of which something is installed, each with its C(name), C(version), the binary C(packages),
      and as C(candidate) the version that apt would install, by the lists that it last fetched.
  returned: success
  type: list
  elements: dict
  sample: [{name: postfix, version: 3.10.13-0+deb13u1, packages: [postfix], candidate: 3.10.13-0+deb13u1}]
findings:
  description:
    - What each advisory says, the worst first. C(state) is V(open), V(unknown), V(ignored) or V(fixed); C(offered)
      tells whether it is open and apt offers a version that mends it, by the lists that it last fetched.
  returned: success
  type: list
  elements: dict
  sample:
    - id: CVE-2026-27859
      package: dovecot
      severity: medium
      state: open
      installed: 1:2.4.1+dfsg1-6+deb13u3
      fixed_in: 1:2.4.1+dfsg1-6+deb13u4
      offered: true
      why: fixed in 1:2.4.1+dfsg1-6+deb13u4
      summary: a message with many MIME parameters takes all of a processor
      mend: ''
      sources: [https://security-tracker.debian.org/CVE-2026-27859]
counts:
  description: How many findings have which state.
  returned: success
  type: dict
  sample: {open: 1, unknown: 3, ignored: 1, fixed: 48}
faults:
  description: A sentence for each package with open findings of O(severities), and how to mend them.
  returned: success
  type: list
  elements: str
  sample: ['dovecot 1:2.4.1+dfsg1-6+deb13u3: 1 open; medium: CVE-2026-27859. Run apt-get install ...']
notices:
  description: What is not known, what apt offers besides, and what an upgrade alone does not mend.
  returned: success
  type: list
  elements: str
  sample: ['rspamd 3.12.1-1: whether it has rspamd-4.1.0 is not known here. Look at ...']
table:
  description: A line for each package.
  returned: success
  type: list
  elements: str
  sample: ['dovecot 1:2.4.1+dfsg1-6+deb13u3: 1 open (1 medium)']
known_on:
  description: The day on which the list of advisories was made.
  returned: success
  type: str
  sample: '2026-11-22'
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._advisory import advisory, judge, known, look, report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    own = advisory.of_words(params["advisories"])
    advisories = {row.id: row for row in (*known.ADVISORIES, *own)}.values()
    installed = look.installed({*known.PACKAGES, *(row.package for row in own)})
    if params["of"] == "offered":
        installed = [judge.as_offered(source) for source in installed]
    release = look.system()
    findings = judge.findings(advisories, installed, release, params["ignore"])
    facts = {
        "release": release,
        "packages": [{**source._asdict(), "packages": [*source.packages]} for source in installed],
        "findings": findings,
        "counts": report.counts(findings),
        "faults": report.faults(installed, [row for row in findings if row["severity"] in params["severities"]]),
        "notices": report.notices(installed, findings, release),
        "table": report.table(installed, findings, known.KNOWN_ON, offered=params["of"] == "offered"),
        "known_on": known.KNOWN_ON,
    }
    here = {source.name for source in installed}
    return Outcome([], facts, report.warnings(advisories, own, params["ignore"], here))


def main() -> None:
    severities = list(advisory.SEVERITIES)
    words = {
        "id": {"type": "str", "required": True},
        "package": {"type": "str", "required": True},
        "severity": {"type": "str", "choices": severities, "default": "unrated"},
        "summary": {"type": "str", "default": ""},
        "fixed": {"type": "dict", "default": {}},
        "vulnerable": {"type": "dict", "default": {}},
        "upstream": {"type": "list", "elements": "raw", "default": []},
        "packages": {"type": "list", "elements": "str", "default": []},
        "mend": {"type": "str", "default": ""},
        "sources": {"type": "list", "elements": "str", "default": []},
    }
    spec = {
        "advisories": {"type": "list", "elements": "dict", "default": [], "options": words},
        "ignore": {"type": "list", "elements": "str", "default": []},
        "severities": {"type": "list", "elements": "str", "choices": severities, "default": severities},
        "of": {"type": "str", "choices": ["installed", "offered"], "default": "installed"},
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
