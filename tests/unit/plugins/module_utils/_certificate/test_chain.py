# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways from a certificate to an authority."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import chain
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

NAME = "mail.example.com"


def authority(world: Any, name: str, by: Any = None, *, number: int, **how: Any) -> Any:
    return world.make(name, by, private=world.key(number=number), ca=True, valid=how.pop("valid", (-300, 300)), **how)


def fault(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(MailError) as error:
        call(*arguments, **options)
    assert error.value.mend
    return error.value.message


def test_a_long_chain_is_put_in_order(world: Any) -> None:
    links = [world.middle]
    for number in range(20, 24):
        links.insert(0, authority(world, f"Step {number}", links[0], number=number))
    leaf = world.make(NAME, links[0])
    for given in (links, links[::-1], links[1::2] + links[::2] + links):
        found = world.bundle(leaf, chain=b"".join(link.pem for link in given))
        assert found.chain == tuple(made.facts for made in (leaf, *links))


def test_without_intermediates(world: Any) -> None:
    leaf = world.make(NAME, world.root)
    assert world.bundle(leaf).chain == (leaf.facts,)
    assert world.bundle(leaf, chain=b"").chain == (leaf.facts,)


def test_a_missing_intermediate_is_named(world: Any) -> None:
    message = (
        "cert.pem: the certificate of 'CN=Middle', the issuer of 'CN=mail.example.com', is missing. Add it to the "
    )
    assert fault(world.bundle, chain=b"").startswith(message)
    offered = world.make(NAME, world.middle, offered="http://ca.example.com/middle.der")
    message = fault(world.bundle, offered, chain=b"")
    assert "'chain' or 'CA bundle', this one at http://ca.example.com/middle.der. A root of your own" in message
    low = authority(world, "Low", world.middle, number=30)
    message = fault(world.bundle, world.make(NAME, low), chain=low.pem)
    assert message.startswith("chain.pem: the certificate of 'CN=Middle', the issuer of 'CN=Low', is missing")


def test_an_intermediate_that_is_trusted_is_still_sent(world: Any) -> None:
    trust = [world.middle.facts, world.root.facts]
    assert world.bundle(trust=trust) == world.bundle()
    assert "'CN=Middle', the issuer of" in fault(world.bundle, chain=b"", trust=trust)


def test_an_authority_that_is_not_trusted_is_named(world: Any) -> None:
    strange = authority(world, "Strange", number=31)
    message = fault(world.bundle, world.make(NAME, strange), chain=strange.pem)
    assert message.startswith("cert.pem: ends at 'CN=Strange', which is none of the authorities that this host trusts")
    assert "trust_files" in message
    leaf = world.make(NAME)
    message = fault(world.bundle, leaf, chain=b"")
    assert message.startswith(
        "cert.pem: is self-signed, so clients will not trust it. Ask an authority for one, or set"
    )
    assert world.bundle(leaf, chain=b"", trust=[leaf.facts]).chain == (leaf.facts,)


def test_a_namesake_with_another_key_is_not_the_issuer(world: Any) -> None:
    twin = authority(world, "Middle", world.root, number=32)
    message = fault(world.bundle, chain=twin.pem)
    assert message.startswith(
        "chain.pem: 'CN=mail.example.com' was not signed by the 'CN=Middle' that is there: another"
    )
    assert world.bundle(chain=twin.pem + world.middle.pem) == world.bundle()
    root = authority(world, "Root", number=33)
    assert world.bundle(trust=[root.facts, world.root.facts]) == world.bundle()
    message = fault(world.bundle, trust=[root.facts])
    assert message.startswith("chain.pem: 'CN=Middle' was not signed by the 'CN=Root' that is there")


def test_only_an_authority_issues(world: Any) -> None:
    other = world.make("other.example.com", world.middle, private=world.key(number=34))
    message = fault(world.bundle, world.make(NAME, other), chain=other.pem + world.middle.pem)
    assert message.startswith(
        "chain.pem: 'CN=other.example.com', the issuer of 'CN=mail.example.com', is not allowed to"
    )


def test_an_expired_intermediate_is_left_for_a_valid_one_of_the_same_key(world: Any) -> None:
    old = authority(world, "Middle", world.root, number=11, valid=(-900, -10))
    for given in (old.pem + world.middle.pem, world.middle.pem + old.pem):
        assert world.bundle(chain=given) == world.bundle()
    assert "intermediate 'CN=Middle': expired on 2027-01-05" in fault(world.bundle, chain=old.pem)


def test_a_cross_signed_root_ends_the_chain_where_it_is_trusted(world: Any) -> None:
    elder = authority(world, "Elder", number=35)
    crossed = authority(world, "Root", elder, number=10)
    given = world.middle.pem + crossed.pem + elder.pem
    both = [elder.facts, world.root.facts]
    assert world.bundle(chain=given, trust=both) == world.bundle()
    through = world.bundle(chain=given, trust=[elder.facts])
    assert through.chain == (world.leaf.facts, world.middle.facts, crossed.facts)


def test_authorities_that_sign_each_other_make_no_circle(world: Any) -> None:
    one = authority(world, "One", number=36)
    two = authority(world, "Two", one, number=37)
    back = authority(world, "One", two, number=36)
    leaf = world.make(NAME, two)
    found = list(chain.paths(leaf.facts, [two.facts, back.facts, one.facts], [one.facts]))
    assert found == [(leaf.facts, two.facts)]
    message = fault(world.bundle, leaf, chain=two.pem + back.pem + one.pem)
    assert message.startswith("cert.pem: ends at 'CN=One', which is none of")


def test_a_root_that_has_expired_ends_no_chain(world: Any) -> None:
    later = world.NOW + 4000 * world.DAY
    middle = authority(world, "Long", world.root, number=38, valid=(-10, 9000))
    leaf = world.make(NAME, middle, valid=(-10, 9000))
    assert world.bundle(leaf, chain=middle.pem).chain
    message = fault(world.bundle, leaf, chain=middle.pem, now=later)
    assert message.startswith("cert.pem: ends at 'CN=Root', an authority whose own certificate is not valid any more")


def test_an_authority_may_be_allowed_no_others_below_it(world: Any) -> None:
    low = authority(world, "Low", world.root, number=39, depth=0)
    leaf = world.make(NAME, low)
    assert world.bundle(leaf, chain=low.pem).chain == (leaf.facts, low.facts)
    lower = authority(world, "Lower", low, number=40)
    message = fault(world.bundle, world.make(NAME, lower), chain=low.pem + lower.pem)
    assert message.startswith("chain.pem: intermediate 'CN=Low': may not issue for another authority, and does")


@pytest.mark.parametrize("kind", ["rsa2048", "secp256r1", "secp384r1", "dsa2048", "ed25519"])
def test_signatures_are_verified(world: Any, kind: str) -> None:
    issuer = world.make("Issuer", private=world.key(kind, 1), ca=True)
    leaf = world.make(NAME, issuer).facts
    assert chain.is_signed_by(leaf, issuer.facts)
    assert not chain.is_signed_by(leaf, world.make("Issuer", private=world.key(kind, 2), ca=True).facts)
    assert not chain.is_signed_by(leaf, world.make("Issuer", private=world.key("rsa3072"), ca=True).facts)
    assert not chain.is_signed_by(leaf, world.make("Other", private=world.key(kind, 1), ca=True).facts)
