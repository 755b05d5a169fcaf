import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest

from corpus.errors import EndpointError
from generation.offline.server import running_offline_endpoint, serve_offline


def test_the_endpoint_runs_for_the_block_and_is_gone_after_it() -> None:
    with running_offline_endpoint() as url:
        assert httpx.get(f"{url}/models").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")
    assert "offline-endpoint" not in [thread.name for thread in threading.enumerate()]


def test_a_connection_left_open_does_not_keep_it_running() -> None:
    with httpx.Client() as client, running_offline_endpoint() as url:
        assert client.get(f"{url}/models").status_code == 200
    assert "offline-endpoint" not in [thread.name for thread in threading.enumerate()]


def test_two_endpoints_have_two_ports() -> None:
    with running_offline_endpoint() as one, running_offline_endpoint() as other:
        assert one != other
        assert httpx.get(f"{other}/models").status_code == 200


def test_an_error_inside_the_block_stops_the_endpoint_too() -> None:
    with pytest.raises(RuntimeError), running_offline_endpoint() as url:
        raise RuntimeError
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")


def test_a_port_in_use_is_refused_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EndpointError, match=rf"port {port}: .*; choose another"):
            serve_offline("127.0.0.1", port, pytest.fail)


def test_a_port_or_host_that_cannot_be_is_refused() -> None:
    with pytest.raises(EndpointError, match="port 70000"):
        serve_offline("127.0.0.1", 70000, pytest.fail)
    with pytest.raises(EndpointError, match="no-such-host"):
        serve_offline("no-such-host.invalid", 8000, pytest.fail)


def test_the_foreground_server_answers_and_ends_on_an_interrupt() -> None:
    program = (
        "from generation.offline.server import serve_offline\n"
        "serve_offline('127.0.0.1', 0, lambda url: print(url, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        url = server.stdout.readline().decode().strip()
        assert httpx.get(f"{url}/models", timeout=20).status_code == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        assert server.stderr.read() == b""
