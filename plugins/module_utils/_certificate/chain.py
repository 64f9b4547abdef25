# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from a certificate to an authority that is trusted (RFC 5280 section 6).

Revocation, policies and name constraints are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._errors import MailError
from . import facts as _facts
from .keys import GOOD_DIGESTS
from .terms import Facts

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
except ImportError:  # modules that need it say so before they come here
    pass

_LONGEST = 10
_OFFERS = "authorities offer it as 'intermediate', 'chain' or 'CA bundle'"


def paths(leaf: Facts, given: Sequence[Facts], trust: Sequence[Facts]) -> Iterator[tuple[Facts, ...]]:
    """Every chain from ``leaf`` through ``given`` that ends below an authority of ``trust``, without that authority.

    A chain goes no further than the first authority that is trusted; others of the same name and with another key are
    passed by. Certificates of ``given`` that lead nowhere are left out.
    """
    roots = [anchor for anchor in trust if _facts.is_self_issued(anchor)]
    return (path for path in _ways(leaf, given, roots) if _is_below(path, roots))


def _ways(leaf: Facts, given: Sequence[Facts], roots: Sequence[Facts]) -> Iterator[tuple[Facts, ...]]:
    """Every chain that cannot or need not go further."""
    stack: list[tuple[Facts, ...]] = [(leaf,)]
    while stack:
        path = stack.pop()
        issuers = _issuers(path, given) if len(path) < _LONGEST and not _is_below(path, roots) else []
        stack += [(*path, issuer) for issuer in reversed(issuers)]
        if not issuers:
            yield path


def _is_below(path: Sequence[Facts], roots: Iterable[Facts]) -> bool:
    return any(is_signed_by(path[-1], root) for root in roots)


def _issuers(path: tuple[Facts, ...], given: Sequence[Facts]) -> list[Facts]:
    """Those who signed the last certificate of the path and are not in it."""
    seen = {(link.subject, link.tlsa) for link in path}
    return [
        issuer
        for issuer in given
        if issuer.authority and (issuer.subject, issuer.tlsa) not in seen and is_signed_by(path[-1], issuer)
    ]


def is_signed_by(facts: Facts, issuer: Facts) -> bool:
    """Whether ``issuer`` has the issuer's name and its key made the signature.

    A signature over a weak digest proves nothing and is not looked at: who judges the chain refuses it.
    """
    if not _is_named(issuer, facts.issuer):
        return False
    if facts.signature not in GOOD_DIGESTS:
        return True
    return _verifies(_facts.load(facts.der), _facts.load(issuer.der).public_key())


def _is_named(facts: Facts, name: str) -> bool:
    return facts.subject.casefold() == name.casefold()


def _verifies(certificate: Any, public: Any) -> bool:
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    digest = certificate.signature_hash_algorithm
    try:
        if isinstance(public, rsa.RSAPublicKey):
            # cryptography 41 and later tells the padding, which is another one only for RSASSA-PSS.
            pad = getattr(certificate, "signature_algorithm_parameters", None) or padding.PKCS1v15()
            public.verify(signature, signed, pad, digest)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, signed, ec.ECDSA(digest))
        elif isinstance(public, dsa.DSAPublicKey):
            public.verify(signature, signed, digest)
        else:
            public.verify(signature, signed)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError, AttributeError):
        return False
    return True


def gap(leaf: Facts, given: Sequence[Facts], trust: Sequence[Facts], *, where: str, chain_where: str) -> MailError:
    """Why no chain leads from ``leaf`` to ``trust``: what is missing, and who offers it.

    Of several chains that lead nowhere, one that ends at a root is taken, else the longest.
    """
    path = max(_ways(leaf, given, ()), key=lambda path: (_facts.is_self_issued(path[-1]), len(path)))
    last = path[-1]
    expired = [root for root in trust if _facts.is_self_issued(root) and is_signed_by(last, root)]
    if expired or _facts.is_self_issued(last):
        return _end(last, leaf, expired, where)
    namesakes = [other for other in (*given, *trust) if _is_named(other, last.issuer)]
    signers = [other for other in namesakes if is_signed_by(last, other)]
    if any(not signer.authority for signer in signers):
        what = f"'{last.issuer}', the issuer of '{last.subject}', is not allowed to issue certificates"
        mend = "Ask the authority for its own certificate."
    elif namesakes and not signers:
        what = f"'{last.subject}' was not signed by the '{last.issuer}' that is there: another key has the same name"
        mend = f"Give the certificate of the issuer that really signed it; {_OFFERS}{_address(last)}."
    else:
        what = f"the certificate of '{last.issuer}', the issuer of '{last.subject}', is missing"
        mend = f"Add it to the chain: {_OFFERS}{_address(last)}. A root of your own belongs in trust_files."
    return MailError(what, where=chain_where or where, mend=mend)


def _end(last: Facts, leaf: Facts, expired: Sequence[Facts], where: str) -> MailError:
    mend = "Use a certificate of an authority that clients trust, or name the file of its root in trust_files."
    if expired:
        what = f"ends at '{last.issuer}', an authority whose own certificate is not valid any more or not yet"
    elif last is leaf:
        what = "is self-signed, so clients will not trust it"
        mend = "Ask an authority for one, or set self_signed if that is what you want."
    else:
        what = f"ends at '{last.subject}', which is none of the authorities that this host trusts"
    return MailError(what, where=where, mend=mend)


def _address(facts: Facts) -> str:
    address = _facts.issuers_address(facts)
    return f", this one at {address}" if address else ""
