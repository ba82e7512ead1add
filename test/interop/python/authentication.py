"""Log-ins of Debian's python3-autobahn, by its own authenticators, as lines of JSON on stdin ask for them.

A line is answered under its id: with who one is, with the URI of the refusal, or with what else went wrong. Called with
--missing it only says which modules each method lacks.
"""
import asyncio
import importlib.util
import json
import sys

NEEDED = {
    "ticket": ["autobahn"],
    "wampcra": ["autobahn"],
    "scram": ["autobahn", "argon2", "passlib"],
    "cryptosign": ["autobahn", "nacl"],
}

if sys.argv[1:] == ["--missing"]:
    lacks = {
        method: [name for name in modules if importlib.util.find_spec(name) is None]
        for method, modules in NEEDED.items()
    }
    print(json.dumps(lacks))
    sys.exit()

import txaio  # noqa: E402

txaio.use_asyncio()

from autobahn.asyncio.wamp import Session  # noqa: E402
from autobahn.asyncio.websocket import WampWebSocketClientFactory  # noqa: E402
from autobahn.wamp import serializer as serializers  # noqa: E402
from autobahn.wamp.auth import (  # noqa: E402
    create_authenticator,
    derive_scram_credential,
)
from autobahn.wamp.types import ComponentConfig  # noqa: E402

SERIALIZERS = {
    "json": "JsonSerializer",
    "msgpack": "MsgPackSerializer",
    "cbor": "CBORSerializer",
}


class Refused(Exception):
    """What the router, or the library itself, ended the log-in with."""


class Login(Session):
    def __init__(self, config):
        super().__init__(config)
        loop = asyncio.get_running_loop()
        self.joined = loop.create_future()
        self.ended = loop.create_future()

    def on_join(self, details):
        keys = ["session", "authid", "authrole", "authmethod"]
        self.joined.set_result({key: getattr(details, key) for key in keys})

    def on_leave(self, details):
        if not self.joined.done():
            self.joined.set_exception(Refused(details.reason))
        self.disconnect()

    def on_disconnect(self):
        if not self.joined.done():
            self.joined.set_exception(ConnectionError("it was closed without a word"))
        self.ended.set_result(None)

    def onUserError(self, fail, msg):
        """What an authenticator throws ends the log-in, and is not told on the console."""


def authenticators(authid, secrets):
    who = {} if authid is None else {"authid": authid}
    for method, secret in secrets.items():
        own = {"ticket": "ticket", "wampcra": "secret", "scram": "password"}
        if method == "cryptosign":
            yield create_authenticator(method, privkey=secret["privateKey"], **who)
        else:
            yield create_authenticator(method, **{own[method]: secret}, **who)


async def log_in(sessions, id, url, realm, serializer, secrets, authid=None):
    session = Login(ComponentConfig(realm))
    for authenticator in authenticators(authid, secrets):
        session.add_authenticator(authenticator)
    chosen = [getattr(serializers, SERIALIZERS[serializer])()]
    factory = WampWebSocketClientFactory(session, url=url, serializers=chosen)
    factory.setProtocolOptions(tcpNoDelay=True)
    await asyncio.get_running_loop().create_connection(
        factory, factory.host, factory.port
    )
    try:
        value = await session.joined
    except Refused:
        await session.ended
        raise
    sessions[id] = session
    return value


async def leave(sessions, id, login):
    session = sessions.pop(login)
    session.leave()
    await session.ended


async def credential(sessions, id, authid, password):
    return derive_scram_credential(authid, password)


async def run(sessions, do, id, **options):
    actions = {"log in": log_in, "leave": leave, "credential": credential}
    try:
        answer = {"value": await actions[do](sessions, id, **options)}
    except Refused as error:
        answer = {"refused": str(error)}
    except Exception as error:
        answer = {"failure": repr(error)}
    sys.stdout.write(json.dumps({"id": id, **answer}) + "\n")
    sys.stdout.flush()


async def main():
    loop = asyncio.get_running_loop()
    txaio.config.loop = loop
    txaio.set_global_log_level("none")
    stdin = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin
    )
    sessions, running = {}, set()
    while line := await stdin.readline():
        task = loop.create_task(run(sessions, **json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
