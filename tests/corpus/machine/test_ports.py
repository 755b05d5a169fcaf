"""A port is kept for one server, also while that server has not bound it yet."""

import socket

from corpus.machine.ports import LOOPBACK, keep_port


def test_a_port_that_is_kept_is_not_given_again_until_it_is_let_go() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        in_use: int = taken.getsockname()[1]
        with keep_port(in_use) as instead:
            assert instead != in_use
    with keep_port(in_use) as first, keep_port(in_use) as second:
        assert first == in_use
        assert second != in_use
    with keep_port(in_use) as again:
        assert again == in_use
