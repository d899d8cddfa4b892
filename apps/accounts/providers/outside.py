"""Requests to an address that somebody typed: over TLS, to the public network, with no redirects.

The name is looked up once and the connection goes to the very address that was judged, so that a name which changes
its answer in between leads nowhere else. `SSO_ALLOW_PRIVATE` opens the installation's own network (and plain HTTP)
to the firms' sign-in providers; other callers say what they may reach.
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


def judged_address(host: str, *, allow_private: bool) -> str:
    """An address of `host` that may be asked; raises OSError where there is none."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    if not allow_private and not all(ip_address(address).is_global for address in found):
        raise OSError(f"{host} is no public address")
    return found[0]


class _Judged(HTTPConnection):
    allow_private = False

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            self._dns_host = judged_address(name, allow_private=self.allow_private)
            return super()._new_conn()
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error
        finally:
            self._dns_host = name  # the certificate is asked for by name


class _JudgedTls(_Judged, HTTPSConnection):
    """The same for TLS."""


class _Anywhere(_Judged):
    allow_private = True


class _AnywhereTls(_JudgedTls):
    allow_private = True


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Judged


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _JudgedTls


class _AnywherePool(HTTPConnectionPool):
    ConnectionCls = _Anywhere


class _AnywhereTlsPool(HTTPSConnectionPool):
    ConnectionCls = _AnywhereTls


class _Outside(HTTPAdapter):
    pools: dict[str, Any] = {"http": _Pool, "https": _TlsPool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools

    def send(self, request: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        return super().send(request, **{**kwargs, "timeout": TIMEOUT})


class _Inside(_Outside):
    pools = {"http": _AnywherePool, "https": _AnywhereTlsPool}


def outside_session(*, allow_private: bool | None = None, allow_plain: bool | None = None) -> requests.Session:
    """No proxy or password of this machine goes along; both permissions default to the setting."""
    allow_private = settings.SSO_ALLOW_PRIVATE if allow_private is None else allow_private
    allow_plain = settings.SSO_ALLOW_PRIVATE if allow_plain is None else allow_plain
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    adapter = _Inside if allow_private else _Outside
    session.mount("https://", adapter())
    if allow_plain:
        session.mount("http://", adapter())
    else:
        session.adapters.pop("http://")
    return session
