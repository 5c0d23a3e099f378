"""The sockets of the server: what is written waits for nobody's acknowledgement."""

from __future__ import annotations

import socket

import pytest

from lib.ui import sockets


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_what_is_written_to_a_connection_is_sent_at_once(family: socket.AddressFamily, host: str):
    with socket.socket(family) as listening:  # as Streamlit makes it
        listening.bind((host, 0))
        listening.listen()
        sockets.send_at_once()
        with (
            socket.create_connection(listening.getsockname()[:2]),
            listening.accept()[0] as accepted,
        ):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
