import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { TransportError, UsageError } from '../../src/errors.js'
import { Client } from '../../src/index.js'
import { type ListenOptions, Router, type RouterAuthentication } from '../../src/router.js'
import { json } from '../../src/serializers/json/json.js'
import type { TransportInfo } from '../../src/transports/transport.js'
import type { TlsOptions } from '../../src/transports/websocket/dial.js'
import { dialWebSocket } from '../../src/transports/websocket/dial-node.js'
import { makeCertificate } from './certificates.js'
import { turns } from './recorder.js'
import { TestClock } from './test-clock.js'

const ca = makeCertificate({ name: 'authority' })
const otherCa = makeCertificate({ name: 'other authority' })
const server = makeCertificate({ name: 'router', hosts: ['localhost', '127.0.0.1'], issuer: ca })
const client = makeCertificate({ name: 'ada', hosts: ['ada.example'], issuer: ca })
const trusted = { ca: ca.cert }

const routers: Router[] = []
afterEach(async () => {
  for (const router of routers.splice(0)) await router.close()
})

/** A router on a port, and what it has learned of its clients' connections. */
async function listen(tls?: ListenOptions['tls']) {
  const infos: TransportInfo[] = []
  const auth: RouterAuthentication = {
    method: 'anonymous',
    begin: ({ connection }) => {
      infos.push(connection as TransportInfo)
      return { outcome: 'welcome', principal: { authid: 'somebody', authrole: 'user' } }
    },
  }
  const router = new Router({ realms: [{ name: 'realm1', auth: [auth] }] })
  routers.push(router)
  await router.listen(tls === undefined ? { port: 0 } : { port: 0, tls })
  return { router, infos, url: router.urls[0] as string }
}

/** Joins, and says what the client knows of its connection. */
async function join(url: string, tls: TlsOptions): Promise<TransportInfo> {
  let info: TransportInfo | undefined
  await using _ = await new Client({
    transport: async () => {
      const transport = await dialWebSocket(url, [json()], { tls })
      info = transport.info
      return transport
    },
    realm: 'realm1',
  }).start()
  return info as TransportInfo
}

async function failure(url: string, tls: TlsOptions & Record<string, unknown> = {}): Promise<string> {
  const options = /^wss/.test(url) ? { tls } : {}
  const error = await dialWebSocket(url, [json()], options).then(
    () => expect.fail('it was reached'),
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(TransportError)
  return (error as Error).message
}

describe('a port with TLS', () => {
  it('is reached over wss: by who trusts the authority, by name and by address', async () => {
    const { url, infos } = await listen(server)
    expect(url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/)
    await join(url, trusted)
    await join(url.replace('127.0.0.1', 'localhost'), trusted)
    expect(infos.map(({ local }) => local)).toEqual([true, true])
  })

  it('is not reached by who does not trust it', async () => {
    const { url } = await listen(server)
    for (const tls of [{}, { ca: otherCa.cert }])
      expect(await failure(url, tls)).toMatch(/is of no authority that is trusted here .*tls\.ca says whom/)
  })

  it('is not reached under the name of another host', async () => {
    const { url } = await listen(server)
    const sentence = await failure(url, { ...trusted, servername: 'router.example' })
    expect(sentence).toMatch(/its certificate is for another host \(Host: router\.example/)
  })

  it('is not reached with a certificate that has expired', async () => {
    const { url } = await listen(
      makeCertificate({ name: 'r', hosts: ['127.0.0.1'], issuer: ca, expired: true }),
    )
    expect(await failure(url, trusted)).toContain('its certificate has expired')
  })

  it('does not speak TLS 1.1, and speaks 1.2', async () => {
    const { url } = await listen(server)
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    expect(await failure(url, { ...trusted, ...old })).toMatch(/TLS could not be agreed upon \(.*version\)/)
    await join(url, { ...trusted, maxVersion: 'TLSv1.2' } as TlsOptions)
  })

  it('tells who comes without TLS, or to a port without TLS, what is wrong', async () => {
    const [secured, plain] = [await listen(server), await listen()]
    expect(await failure(secured.url.replace('wss:', 'ws:'))).toContain('a URL begins with wss:')
    expect(await failure(plain.url.replace('ws:', 'wss:'), trusted)).toContain('no TLS is spoken there')
  })

  it('survives garbage in place of TLS, and who goes in the middle of it', async () => {
    const { url } = await listen(server)
    const port = Number(new URL(url).port)
    for (const octets of ['garbage\r\n\r\n', '\x16\x03\x01\x02\x00garbage', '']) {
      const socket = connectTcp(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.end(octets)
      await new Promise((resolve) => socket.resume().on('close', resolve))
    }
    await join(url, trusted)
  })

  it('counts and times its connections as a port without TLS does', async () => {
    const clock = new TestClock()
    const limits = { localConnections: 1 }
    const router = new Router({ realms: [{ name: 'realm1' }], clock, limits, heartbeat: 0 })
    routers.push(router)
    await router.listen({ port: 0, tls: server })
    const url = router.urls[0] as string
    for (let i = 0; i < 3; i++) {
      const transport = await dialWebSocket(url, [json()], { tls: trusted })
      const closed = new Promise((resolve) => {
        transport.start({ receive() {}, reject() {}, closed: resolve })
      })
      expect(await failure(url, trusted)).toContain('HTTP status 503')
      transport.close()
      await closed
      while (clock.alarms > 0) await turns()
    }
    const transport = await dialWebSocket(url, [json()], { tls: trusted, heartbeat: 0 })
    await using client = await new Client({ transport: () => transport, realm: 'realm1' }).start()
    clock.pass(100_000)
    await expect(client.call('com.example.nobody')).rejects.toThrow(/no_such_procedure/)
    expect(router.counters).toMatchObject({ accepted: 4, refusedByLimit: 3, timedOut: 0 })
  })

  it('closes at once with its router, whatever state its connections are in', async () => {
    const { router, url } = await listen(server)
    const port = Number(new URL(url).port)
    const sockets = [connectTcp(port, '127.0.0.1'), connectTls({ port, host: '127.0.0.1', ...trusted })]
    for (const socket of sockets) socket.on('error', () => {})
    await Promise.all(
      sockets.map(
        (socket, i) => new Promise((resolve) => socket.on(i === 0 ? 'connect' : 'secureConnect', resolve)),
      ),
    )
    await join(url, trusted)
    const closed = sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve)))
    await router.close()
    await Promise.all(closed)
  })
})

describe('a port with several certificates', () => {
  const hosts = {
    'one.example': makeCertificate({ name: 'one', hosts: ['one.example'], issuer: ca }),
    '*.two.example': makeCertificate({ name: 'two', hosts: ['*.two.example'], issuer: ca }),
  }

  async function shown(url: string, servername: string | undefined): Promise<string> {
    const { port } = new URL(url)
    const socket = connectTls({
      port: Number(port),
      host: '127.0.0.1',
      ...trusted,
      ...(servername === undefined ? {} : { servername }),
      checkServerIdentity: () => undefined,
    })
    await new Promise((resolve) => socket.on('secureConnect', resolve))
    const { CN } = socket.getPeerCertificate().subject
    socket.destroy()
    return String(CN)
  }

  it('shows the one of the host that is asked for (SNI)', async () => {
    const { url } = await listen({ ...server, hosts })
    expect(await shown(url, 'one.example')).toBe('one')
    expect(await shown(url, 'ONE.example')).toBe('one')
    expect(await shown(url, 'a.two.example')).toBe('two')
    expect(await shown(url, 'two.example')).toBe('router')
    expect(await shown(url, 'a.b.two.example')).toBe('router')
    expect(await shown(url, 'three.example')).toBe('router')
    expect(await shown(url, undefined)).toBe('router')
  })

  it('asks for certificates of clients under each of them', async () => {
    const { url, infos } = await listen({ ...server, hosts, ca: ca.cert, clientCertificates: 'require' })
    const tls = { ...trusted, cert: client.cert, key: client.key }
    await join(url, { ...tls, servername: 'one.example' })
    expect(infos.map(({ certificate }) => certificate?.commonName)).toEqual(['ada'])
    expect(await failure(url, { ...trusted, servername: 'one.example' })).toMatch(/certificate/)
  })
})

describe('certificates of clients', () => {
  const own = { ...trusted, cert: client.cert, key: client.key }
  const strange = makeCertificate({ name: 'ada', issuer: otherCa })

  it('are told to the router, if they are asked for', async () => {
    const { url, infos } = await listen({ ...server, ca: ca.cert, clientCertificates: 'request' })
    await join(url, own)
    await join(url, trusted)
    await join(url, { ...trusted, cert: strange.cert, key: strange.key })
    const expected = {
      commonName: 'ada',
      alternativeNames: ['DNS:ada.example'],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    }
    expect(infos.map(({ certificate }) => certificate)).toEqual([expected, undefined, undefined])
  })

  it('are not told, if they are not asked for', async () => {
    const { url, infos } = await listen(server)
    await join(url, own)
    expect(infos.map(({ certificate }) => certificate)).toEqual([undefined])
  })

  it('may be required: nobody gets in without one, or with one of an unknown authority', async () => {
    const { url, infos } = await listen({ ...server, ca: ca.cert, clientCertificates: 'require' })
    await join(url, own)
    expect(await failure(url, trusted)).toMatch(/certificate/)
    expect(await failure(url, { ...trusted, maxVersion: 'TLSv1.2' })).toContain(
      'TLS could not be agreed upon',
    )
    expect(await failure(url, { ...trusted, cert: strange.cert, key: strange.key })).toMatch(/certificate/)
    expect(infos.length).toBe(1)
  })
})

describe('channel binding', () => {
  it.each(['TLSv1.2', 'TLSv1.3'])(
    'tls-exporter is the same at both ends, and new each time, in %s',
    async (version) => {
      const { url, infos } = await listen(server)
      const tls = { ...trusted, maxVersion: version } as TlsOptions
      const seen = [await binding(url, tls, infos), await binding(url, tls, infos)]
      for (const [atClient, atRouter] of seen) {
        expect(atClient).toMatch(/^[0-9a-f]{64}$/)
        expect(atClient).toBe(atRouter)
      }
      expect(seen[0]?.[0]).not.toBe(seen[1]?.[0])
    },
  )

  it('tls-unique is the same at both ends in TLS 1.2, and is not in 1.3', async () => {
    const { url, infos } = await listen(server)
    const old = { ...trusted, maxVersion: 'TLSv1.2' } as TlsOptions
    const [atClient, atRouter] = await binding(url, old, infos, 'tls-unique')
    expect(atClient).toMatch(/^[0-9a-f]{64}$/)
    expect(atClient).toBe(atRouter)
    expect(await binding(url, trusted, infos, 'tls-unique')).toEqual([undefined, undefined])
  })

  it('there is none without TLS', async () => {
    const { url, infos } = await listen()
    const transport = await dialWebSocket(url, [json()])
    expect(transport.info.channelBinding).toBeUndefined()
    transport.close()
    await using _ = await new Client({ url, realm: 'realm1' }).start()
    expect(infos[0]?.channelBinding).toBeUndefined()
  })

  /** In hex, at the client and at the router. */
  async function binding(
    url: string,
    tls: TlsOptions,
    infos: TransportInfo[],
    type: 'tls-exporter' | 'tls-unique' = 'tls-exporter',
  ) {
    const read = ({ channelBinding }: TransportInfo) => {
      const octets = channelBinding?.(type)
      return octets === undefined ? undefined : Buffer.from(octets).toString('hex')
    }
    let atClient: string | undefined
    await using _ = await new Client({
      transport: async () => {
        const transport = await dialWebSocket(url, [json()], { tls })
        atClient = read(transport.info)
        return transport
      },
      realm: 'realm1',
    }).start()
    return [atClient, read(infos.at(-1) as TransportInfo)]
  }
})

describe('TLS options that cannot work', () => {
  it.each([
    [
      'a key of another certificate',
      { cert: server.cert, key: client.key },
      /^tls: the certificate and the key cannot be used/,
    ],
    ['no PEM', { cert: 'x', key: 'y' }, /^tls: the certificate and the key cannot be used/],
    [
      'the same for a host',
      { ...server, hosts: { 'a.example': { cert: server.cert, key: client.key } } },
      /^tls\.hosts\.a\.example: /,
    ],
    [
      'an authority that is none',
      { ...server, ca: 'x', clientCertificates: 'request' as const },
      /^tls\.ca: /,
    ],
    [
      'certificates of clients without an authority',
      { ...server, clientCertificates: 'require' as const },
      /^tls\.clientCertificates needs tls\.ca/,
    ],
  ])('%s: a UsageError says so', async (_, tls, sentence) => {
    const error = await listen(tls).then(
      () => expect.fail('it listens'),
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toMatch(sentence)
  })
})
