"""Judge how a server speaks TLS: ``suites.py --authority FILE --name NAME ADDRESS PORT...`` prints what is not as it
should be, a line for each, and ends with status 1 if there is any.

sslyze looks. On port 25 TLS 1.2 is a must, on the others ``--oldest`` may be TLSv1.3. A certificate without an
authority (``--self-signed``) is judged but for its trust. With ``--hybrid`` the key exchange that no quantum computer
breaks must be there; ``--openssl`` is a command for that and for signatures with SHA-1, run as it stands.
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import shlex
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator

import sslyze
from cryptography import x509
from sslyze.mozilla_tls_profile import tls_config_checker as mozilla

STARTTLS = {25: "smtp", 587: "smtp", 143: "imap", 110: "pop3", 4190: "sieve"}
KNOWN = {name: sslyze.ProtocolWithOpportunisticTlsEnum[name.upper()] for name in ("smtp", "imap", "pop3")}
OLD = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")
SUITES = {
    *(
        f"TLS_ECDHE_{key}_WITH_{cipher}"
        for key in ("ECDSA", "RSA")
        for cipher in ("AES_256_GCM_SHA384", "AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256")
    ),
    *("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
}
GROUPS = {"X25519", "secp256r1", "secp384r1"}
OF_AUTHORITIES = ("certificate_path_validation", "maximum_certificate_lifespan")
STRONG = {"ECPublicKey": 256, "RSAPublicKey": 3072}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--authority", type=pathlib.Path)
    parser.add_argument("--self-signed", action="store_true")
    parser.add_argument("--name", required=True)
    parser.add_argument("--oldest", choices=["TLSv1.2", "TLSv1.3"], default="TLSv1.2")
    parser.add_argument("--hybrid", action="store_true")
    parser.add_argument("--openssl", default="openssl")
    parser.add_argument("address")
    parser.add_argument("ports", type=int, nargs="+")
    return parser.parse_args()


# --- ManageSieve, of which sslyze knows nothing: a port of our own that speaks TLS from the first byte ---


def read_until_ok(connection: socket.socket) -> None:
    heard = b""
    while not any(line.startswith(b"OK") for line in heard.split(b"\r\n")[:-1]):
        piece = connection.recv(1)
        if not piece:
            raise OSError("the connection was dropped")
        heard += piece


def pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def relay(client: socket.socket, address: str, port: int) -> None:
    with client, contextlib.suppress(OSError), socket.create_connection((address, port), 20) as server:
        read_until_ok(server)
        server.sendall(b"STARTTLS\r\n")
        read_until_ok(server)
        other = threading.Thread(target=pump, args=(server, client), daemon=True)
        other.start()
        pump(client, server)
        other.join(20)


@contextlib.contextmanager
def implicit(address: str, port: int) -> Iterator[int]:
    """A port on this machine behind which STARTTLS has been said."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _peer = listener.accept()
                threading.Thread(target=relay, args=(client, address, port), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


# --- Looking ---


def scan(given: argparse.Namespace, ports: Iterable[int]) -> dict[int, sslyze.ServerScanResult]:
    """What sslyze finds, by port."""
    commands = {*mozilla.SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER, sslyze.ScanCommand.TLS_1_3_EARLY_DATA}
    extra = sslyze.CertificateInfoExtraArgument(given.authority) if given.authority else None
    scanner = sslyze.Scanner(per_server_concurrent_connections_limit=3, concurrent_server_scans_limit=3)
    with contextlib.ExitStack() as stack:
        asked, requests = {}, []
        for port in ports:
            protocol = STARTTLS.get(port, "")
            address, number = given.address, port
            if protocol == "sieve":
                address, number = "127.0.0.1", stack.enter_context(implicit(given.address, port))
            asked[number] = port
            requests.append(
                sslyze.ServerScanRequest(
                    server_location=sslyze.ServerNetworkLocation(given.name, number, address),
                    network_configuration=sslyze.ServerNetworkConfiguration(
                        tls_server_name_indication=given.name,
                        tls_opportunistic_encryption=KNOWN.get(protocol),
                        network_timeout=30,
                    ),
                    scan_commands=commands,
                    scan_commands_extra_arguments=sslyze.ScanCommandsExtraArguments(certificate_info=extra),
                )
            )
        scanner.queue_scans(requests)
        return {asked[result.server_location.port]: result for result in scanner.get_results()}


def unseen(result: sslyze.ServerScanResult) -> list[str]:
    """What of it sslyze could not see."""
    if result.scan_result is None:
        return [f"does not speak TLS: {result.connectivity_error_trace}"]
    attempts = vars(result.scan_result)
    error = sslyze.ScanCommandAttemptStatusEnum.ERROR
    return [f"{name} could not be seen: {one.error_trace}" for name, one in attempts.items() if one.status is error]


def handshake(given: argparse.Namespace, port: int, *options: str) -> bool:
    """Whether openssl gets a session with these options."""
    protocol = STARTTLS.get(port, "")
    argv = [*shlex.split(given.openssl), "s_client", "-connect", f"{given.address}:{port}", "-servername", given.name]
    argv += [*(["-starttls", protocol] if protocol else []), *options]
    done = subprocess.run(argv, check=False, input=b"Q\n", capture_output=True, timeout=60)
    return b"\nNew, TLSv1" in done.stdout


# --- Judging ---


def judge(given: argparse.Namespace, port: int, result: sslyze.ServerScanResult) -> Iterator[str]:
    if unseen(result):
        yield from unseen(result)
        return
    found = result.scan_result
    oldest = "TLSv1.2" if port == 25 else given.oldest
    yield from judge_suites(found, oldest)
    yield from judge_groups(found)
    yield from judge_certificates(given, found.certificate_info.result)
    yield from judge_session(found)
    try:
        profile = mozilla.TlsConfigurationEnum.MOZILLA_INTERMEDIATE
        if oldest == "TLSv1.3":
            profile = mozilla.TlsConfigurationEnum.MOZILLA_MODERN
        mozilla.check_server_against_tls_configuration(result, mozilla.MozillaTlsConfiguration.get(profile))
    except mozilla.ServerNotCompliantWithTlsConfiguration as error:
        passed = OF_AUTHORITIES if given.self_signed else ()
        yield from (f"not as Mozilla says: {text}" for name, text in error.issues.items() if name not in passed)
    sha1 = ("-tls1_2", "-cipher", "DEFAULT:@SECLEVEL=0", "-sigalgs", "RSA+SHA1:ECDSA+SHA1")
    if handshake(given, port, *sha1):
        yield "signs its key exchange with SHA-1"
    if given.hybrid and not handshake(given, port, "-tls1_3", "-groups", "X25519MLKEM768"):
        yield "has no X25519MLKEM768"


def accepted(found: sslyze.AllScanCommandsAttempts, version: str) -> set[str]:
    result = getattr(found, f"{version}_cipher_suites").result
    return {item.cipher_suite.name for item in result.accepted_cipher_suites}


def judge_suites(found: sslyze.AllScanCommandsAttempts, oldest: str) -> Iterator[str]:
    refused = OLD if oldest == "TLSv1.2" else (*OLD, "tls_1_2")
    for version in (*OLD, "tls_1_2", "tls_1_3"):
        suites = accepted(found, version)
        if bool(suites) == (version in refused):
            yield f"{version}: is {'spoken' if suites else 'not spoken'}"
        yield from (f"{version}: has {name}" for name in sorted(suites - SUITES))


def judge_groups(found: sslyze.AllScanCommandsAttempts) -> Iterator[str]:
    curves = {curve.name for curve in found.elliptic_curves.result.supported_curves}
    yield from (f"lacks the group {name}" for name in sorted(GROUPS - curves))
    yield from (f"has the group {name}" for name in sorted(curves - GROUPS))


def judge_certificates(given: argparse.Namespace, found: sslyze.CertificateInfoScanResult) -> Iterator[str]:
    for deployment in found.certificate_deployments:
        leaf = deployment.received_certificate_chain[0]
        key, alternatives = leaf.public_key(), leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        kind = "ECPublicKey" if hasattr(key, "curve") else "RSAPublicKey"
        if key.key_size < STRONG[kind]:
            yield f"its key has only {key.key_size} bits ({kind})"
        if any(one.signature_hash_algorithm.name == "sha1" for one in deployment.received_certificate_chain):
            yield "a certificate is signed with SHA-1"
        if given.name not in alternatives.value.get_values_for_type(x509.DNSName):
            yield f"its certificate is not for {given.name}"
        if not deployment.received_chain_has_valid_order or deployment.received_chain_contains_anchor_certificate:
            yield "its chain is out of order or holds the root"
        trusted = [item.was_validation_successful for item in deployment.path_validation_results]
        if not given.self_signed and not any(trusted):
            yield "its chain does not lead to the authority"


def judge_session(found: sslyze.AllScanCommandsAttempts) -> Iterator[str]:
    renegotiation = found.session_renegotiation.result
    for wrong, text in (
        (not renegotiation.supports_secure_renegotiation, "has no secure renegotiation"),
        (renegotiation.is_vulnerable_to_client_renegotiation_dos, "lets clients renegotiate"),
        (found.tls_compression.result.supports_compression, "compresses"),
        (found.tls_1_3_early_data.result.supports_early_data, "takes early data (0-RTT)"),
        (not found.tls_extended_master_secret.result.supports_ems_extension, "has no extended master secret"),
    ):
        if wrong:
            yield text


def main() -> int:
    given = arguments()
    results = scan(given, given.ports)
    # Once more what took too long: a scan is many connections, and the host may be busy.
    slow = [port for port, result in results.items() if unseen(result)]
    results |= scan(given, slow) if slow else {}
    lines = [f"port {port}: {text}" for port in given.ports for text in judge(given, port, results[port])]
    print("\n".join(lines))
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
