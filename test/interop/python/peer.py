"""Sessions of Debian's python3-autobahn, told what to do by lines of JSON on stdin; answers and events go to stdout.

A command names its session and what to do, and is answered under its id with `value` or `error`. Binary travels in
these lines as {"$bytes": base64}.
"""
import asyncio
import base64
import json
import sys
from urllib.parse import unquote, urlsplit

import txaio

txaio.use_asyncio()

from autobahn.asyncio.rawsocket import (  # noqa: E402
    WampRawSocketClientFactory,
    WampRawSocketClientProtocol,
)
from autobahn.asyncio.wamp import ApplicationSession  # noqa: E402
from autobahn.asyncio.websocket import WampWebSocketClientFactory  # noqa: E402
from autobahn.wamp import serializer as serializers  # noqa: E402
from autobahn.wamp.exception import ApplicationError  # noqa: E402
from autobahn.wamp.interfaces import IPayloadCodec  # noqa: E402
from autobahn.wamp.types import (  # noqa: E402
    CallOptions,
    CallResult,
    ComponentConfig,
    EncodedPayload,
    PublishOptions,
    RegisterOptions,
    SubscribeOptions,
)

SERIALIZERS = {
    "json": "JsonSerializer",
    "msgpack": "MsgPackSerializer",
    "cbor": "CBORSerializer",
}


def pack(value):
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, (list, tuple)):
        return [pack(item) for item in value]
    if isinstance(value, dict):
        return {key: pack(item) for key, item in value.items()}
    return value


def unpack(value):
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if isinstance(value, dict):
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        return {key: unpack(item) for key, item in value.items()}
    return value


def tell(**line):
    sys.stdout.write(json.dumps(pack(line)) + "\n")
    sys.stdout.flush()


def payload(args, kwargs):
    return {"args": list(args or ()), "kwargs": dict(kwargs or {})}


def payload_of_result(result):
    if isinstance(result, CallResult):
        return payload(result.results, result.kwresults)
    return payload([] if result is None else [result], {})


def disclosed(session, authid, authrole):
    found = {"session": session, "authid": authid, "authrole": authrole}
    return {key: value for key, value in found.items() if value is not None}


class Transparent(IPayloadCodec):
    """Writes all payload as binary, for whoever has this too."""

    def encode(self, is_originating, uri, args=None, kwargs=None):
        value = pack([uri, list(args or ()), dict(kwargs or {})])
        return EncodedPayload(json.dumps(value).encode(), "x_interop", "json")

    def decode(self, is_originating, uri, encoded_payload):
        return unpack(json.loads(encoded_payload.payload))


class Session(ApplicationSession):
    """One session; told what it hears in `self.config.extra`."""

    def __init__(self, config):
        super().__init__(config)
        self.name = config.extra["name"]
        self.ticket = config.extra.get("ticket")
        self.joined = config.extra["joined"]
        if config.extra.get("transparent"):
            self.set_payload_codec(Transparent())
        self.reason = "closed"
        self.kept = {}

    def onConnect(self):
        if self.ticket is None:
            self.join(self.config.realm)
        else:
            self.join(self.config.realm, ["ticket"], self.ticket["authid"])

    def onChallenge(self, challenge):
        return self.ticket["ticket"]

    def onJoin(self, details):
        self.joined.set_result(
            {
                "session": details.session,
                "authid": details.authid,
                "authrole": details.authrole,
                "serializer": details.serializer,
            }
        )

    def onLeave(self, details):
        self.reason = details.reason
        if not self.joined.done():
            self.joined.set_exception(ApplicationError(details.reason))
        super().onLeave(details)

    def onDisconnect(self):
        tell(session=self.name, ended=self.reason)

    def onUserError(self, fail, msg):
        """What a procedure throws is told to its caller, and not on the console."""

    def behaviour(self, name, procedure):
        turns = iter(range(1_000_000))

        def echo(*args, details=None, **kwargs):
            return CallResult(*args, **kwargs)

        def add(a, b, details=None):
            return a + b

        def nothing(details=None):
            return CallResult()

        def refuse(*args, details=None, **kwargs):
            raise ApplicationError("com.example.refused", *args, **kwargs)

        def crash(details=None):
            raise ValueError("crashed")

        def who(details=None):
            return CallResult(
                **disclosed(
                    details.caller, details.caller_authid, details.caller_authrole
                )
            )

        def which(*args, details=None):
            return details.procedure

        def own(details=None):
            return self._session_id

        def busy(details=None):
            raise ApplicationError("wamp.error.unavailable")

        def turn(value, details=None):
            return CallResult(value, next(turns))

        def count(to, details=None):
            for i in range(1, to):
                if details.progress is not None:
                    details.progress(i)
            return to

        async def hang(details=None):
            released = asyncio.get_running_loop().create_future()
            await self.subscribe(
                lambda: released.done() or released.set_result("late"),
                procedure + ".release",
            )
            self.publish(procedure + ".started")
            try:
                return await released
            except asyncio.CancelledError:
                self.publish(procedure + ".interrupted")
                raise ApplicationError(ApplicationError.CANCELED)

        return {
            "echo": echo,
            "sum": add,
            "nothing": nothing,
            "refuse": refuse,
            "crash": crash,
            "who": who,
            "which": which,
            "self": own,
            "busy": busy,
            "turn": turn,
            "count": count,
            "hang": hang,
        }[name]

    async def do_call(
        self,
        id,
        procedure,
        args=(),
        kwargs=None,
        progress=False,
        timeout=None,
        **_options,
    ):
        def on_progress(*args, **kwargs):
            tell(id=id, progress=payload(args, kwargs))

        options = CallOptions(
            on_progress=on_progress if progress else None, timeout=timeout
        )
        call = self.call(procedure, *args, **(kwargs or {}), options=options)
        self.kept[id] = call
        try:
            return payload_of_result(await call)
        except asyncio.CancelledError:
            raise ApplicationError(ApplicationError.CANCELED)
        finally:
            del self.kept[id]

    async def do_cancel(self, id, call):
        if call in self.kept:
            self.kept[call].cancel()

    async def do_serve(self, id, procedure, behaviour, match=None, invoke=None, **_):
        self.kept[id] = await self.register(
            self.behaviour(behaviour, procedure),
            procedure,
            RegisterOptions(match=match, invoke=invoke, details_arg="details"),
        )

    async def do_unregister(self, id, registration):
        await self.kept.pop(registration).unregister()

    async def do_publish(
        self,
        id,
        topic,
        args=(),
        kwargs=None,
        acknowledge=None,
        excludeMe=None,
        retain=None,
        lists=None,
        **_options,
    ):
        options = PublishOptions(
            acknowledge=acknowledge,
            exclude_me=excludeMe,
            retain=retain,
            **(lists or {}),
        )
        published = self.publish(topic, *args, **(kwargs or {}), options=options)
        return (await published).id if acknowledge else None

    async def do_subscribe(self, id, topic, match=None, getRetained=None):
        def handler(*args, details=None, **kwargs):
            event = {
                "topic": details.topic,
                "publication": details.publication,
                **payload(args, kwargs),
            }
            publisher = disclosed(
                details.publisher, details.publisher_authid, details.publisher_authrole
            )
            if publisher:
                event["publisher"] = publisher
            if details.retained:
                event["retained"] = True
            tell(inbox=id, event=event)

        options = SubscribeOptions(
            match=match, get_retained=getRetained, details_arg="details"
        )
        self.kept[id] = await self.subscribe(handler, topic, options)

    async def do_unsubscribe(self, id, subscription):
        await self.kept.pop(subscription).unsubscribe()

    async def do_leave(self, id):
        self.leave()


class RawSocket(WampRawSocketClientProtocol):
    """Without this property, which it lacks in 22.7.1, no session gets beyond WELCOME."""

    @property
    def transport_details(self):
        return self._transport_details


async def join(name, url, realm, serializer=None, ticket=None, transparent=None):
    loop = asyncio.get_running_loop()
    joined = loop.create_future()
    extra = {
        "name": name,
        "ticket": ticket,
        "joined": joined,
        "transparent": transparent,
    }
    session = Session(ComponentConfig(realm, extra))
    chosen = (
        None if serializer is None else [getattr(serializers, SERIALIZERS[serializer])()]
    )
    place = urlsplit(url)
    if place.scheme in ("rs", "unix+rs"):
        factory = WampRawSocketClientFactory(session, serializer=chosen and chosen[0])
        factory.protocol = RawSocket
    else:
        factory = WampWebSocketClientFactory(session, url=url, serializers=chosen)
        factory.setProtocolOptions(tcpNoDelay=True)
    if place.scheme == "unix+rs":
        await loop.create_unix_connection(factory, unquote(place.path))
    else:
        await loop.create_connection(factory, place.hostname, place.port)
    return session, await joined


async def run(sessions, id, do, session, **options):
    try:
        if do == "join":
            sessions[session], value = await join(session, **options)
        else:
            value = await getattr(sessions[session], "do_" + do)(id, **options)
        tell(id=id, value=value)
    except ApplicationError as error:
        tell(id=id, error={"uri": error.error, **payload(error.args, error.kwargs)})
    except Exception as error:
        tell(id=id, failure=repr(error))


async def main():
    loop = asyncio.get_running_loop()
    txaio.config.loop = loop
    txaio.set_global_log_level("error")
    stdin = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin
    )
    spoken = [name for name, kind in SERIALIZERS.items() if hasattr(serializers, kind)]
    tell(serializers=spoken)
    sessions, running = {}, set()
    while line := await stdin.readline():
        task = loop.create_task(run(sessions, **unpack(json.loads(line))))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
