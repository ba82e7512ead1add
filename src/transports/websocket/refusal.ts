import type { Duplex } from 'node:stream'

const STATUS = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
} as const

/** A status, a sentence that says why, and headers. */
export type Refusal = [
  status: keyof typeof STATUS,
  sentence: string,
  headers?: Readonly<Record<string, string>>,
]

/** Answers an HTTP request to upgrade, and ends the connection. */
export function refuseUpgrade(socket: Duplex, [status, sentence, headers]: Refusal): void {
  const body = `${sentence}\n`
  const all = {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end([`HTTP/1.1 ${status} ${STATUS[status]}`, ...lines, '', body].join('\r\n'))
}
