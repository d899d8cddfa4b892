"""Requests to an address that a customer typed: over TLS, to the public network, with no redirects.

The name is looked up once and the connection goes to the very address that was judged, so that a name which changes
its answer in between leads nowhere else. `SSO_ALLOW_PRIVATE` opens the installation's own network (and plain HTTP).
"""

import socket
from ipaddress import ip_address
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

TIMEOUT = 5.0


def judged_address(host: str) -> str:
    """An address of `host` that may be asked; raises OSError where there is none."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    if not settings.SSO_ALLOW_PRIVATE and not all(ip_address(address).is_global for address in found):
        raise OSError(f"{host} is no public address")
    return found[0]


class _Judged(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            self._dns_host = judged_address(name)
            return super()._new_conn()
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error
        finally:
            self._dns_host = name  # the certificate is asked for by name


class _JudgedTls(_Judged, HTTPSConnection):
    """The same for TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Judged


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _JudgedTls


class _Outside(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def send(self, request: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        return super().send(request, **{**kwargs, "timeout": TIMEOUT})


def outside_session() -> requests.Session:
    """No proxy or password of this machine goes along."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.mount("https://", _Outside())
    if settings.SSO_ALLOW_PRIVATE:
        session.mount("http://", _Outside())
    else:
        session.adapters.pop("http://")
    return session
