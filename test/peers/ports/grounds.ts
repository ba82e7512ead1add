/** Where a router listens, and how a test gets there without any code of the project. */
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { NetConnectOpts, Socket } from 'node:net'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach } from 'vitest'
import type { ListenOptions } from '../../../src/router.js'
import { makeCertificate } from '../../transports/certificates.js'

export type Ground = 'tcp' | 'tls' | 'ipv6' | 'unix'
export const GROUNDS: readonly Ground[] = ['tcp', 'tls', 'ipv6', 'unix']

export const CERTIFICATE = makeCertificate({ name: 'localhost', hosts: ['localhost', '127.0.0.1'] })

const folders: string[] = []
const sockets: Socket[] = []

/** Nobody who is connected has to be waited for. */
export function hangUp(): void {
  for (const socket of sockets.splice(0)) socket.destroy()
}

afterEach(() => {
  hangUp()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wampkit-ports-'))
  folders.push(folder)
  return folder
}

/** Options of `listen` for a place of its own. */
export function listenOn(ground: Ground): ListenOptions {
  switch (ground) {
    case 'tcp':
      return { port: 0 }
    case 'tls':
      return { port: 0, tls: { cert: CERTIFICATE.cert, key: CERTIFICATE.key } }
    case 'ipv6':
      return { port: 0, host: '::1' }
    case 'unix':
      return { unix: join(temporaryFolder(), 'router.sock') }
  }
}

/** Where a socket connects to, for a URL of a router. */
export function whereIs(url: string): NetConnectOpts {
  const { protocol, hostname, port, pathname } = new URL(url)
  if (protocol.includes('unix')) return { path: decodeURIComponent(pathname) }
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** A socket at which TLS is done, where there is any. It is destroyed after the test. */
export async function connectTo(url: string): Promise<Socket> {
  const isSecured = /^(wss|rss|https):/.test(url)
  const socket = isSecured
    ? connectTls({ ...whereIs(url), ca: CERTIFICATE.cert, servername: 'localhost' })
    : connectTcp(whereIs(url))
  sockets.push(socket)
  await new Promise((resolve, reject) => {
    // What goes wrong later shows by the end of the connection.
    socket.on('error', reject)
    socket.once(isSecured ? 'secureConnect' : 'connect', resolve)
  })
  return socket
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.resume().once('close', () => resolve())
  })
}

/** All that comes until `pattern` is in it, or the connection has ended. */
export function heard(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const done = () => resolve(text)
    socket.once('close', done)
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (pattern.test(text)) done()
    })
  })
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One HTTP request over a connection of its own. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const socket = await connectTo(url)
  const request = url.startsWith('wss') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const asked = request({ method, path, headers, createConnection: () => socket }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Closes a long-poll transport; `opened` is what it was opened with. */
export async function closePolls(url: string, opened: string): Promise<void> {
  for (const [, id] of opened.matchAll(/"transport":"([^"]+)"/g))
    await ask(url, 'POST', `/longpoll/${id}/close`)
}

/** What opens a long-poll transport. */
export const OPEN = JSON.stringify({ protocols: ['wamp.2.json'] })

export function httpPost(path: string, body: string, ...headers: string[]): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: localhost', `Content-Length: ${body.length}`, ...headers]
  return [...lines, '', body].join('\r\n')
}
