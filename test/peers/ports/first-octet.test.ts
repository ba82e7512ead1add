import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { byFirstOctet } from '../../../src/peers/router/ports/first-octet.js'
import { reset } from '../../transports/rawsocket/reset.js'

const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Both ends of a connection. */
async function connection(): Promise<[client: Socket, accepted: Socket]> {
  const server = createServer()
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  const socket = await accepted
  ends.push(() => {
    client.destroy()
    socket.destroy()
    server.close()
  })
  return [client, socket]
}

function listenersOf(socket: Socket): Record<string, number> {
  return Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]))
}

interface Told {
  readonly as: 'RawSocket' | 'HTTP'
  readonly head: Buffer
  readonly isPaused: boolean
  readonly listeners: Record<string, number>
}

function told(socket: Socket): Promise<Told> {
  return new Promise((resolve) =>
    byFirstOctet(
      socket,
      (socket, head) =>
        resolve({ as: 'RawSocket', head, isPaused: socket.isPaused(), listeners: listenersOf(socket) }),
      (socket) => {
        const [isPaused, listeners] = [socket.isPaused(), listenersOf(socket)]
        socket.once('data', (head) => resolve({ as: 'HTTP', head, isPaused, listeners }))
      },
    ),
  )
}

describe('byFirstOctet', () => {
  it('hands on what begins with 0x7F with what was read, and leaves no listener', async () => {
    const [client, socket] = await connection()
    const before = listenersOf(socket)
    const done = told(socket)
    client.write(Buffer.of(0x7f, 1, 2))
    expect(await done).toEqual({
      as: 'RawSocket',
      head: Buffer.of(0x7f, 1, 2),
      isPaused: true,
      listeners: before,
    })
  })

  it('hands on all else as if nothing had been read, and leaves no listener', async () => {
    const [client, socket] = await connection()
    const before = listenersOf(socket)
    const done = told(socket)
    client.write('GET /')
    expect(await done).toMatchObject({ as: 'HTTP', head: Buffer.from('GET /'), listeners: before })
  })

  it('hands on nothing of a connection that ends first, or is reset', async () => {
    for (const end of [(client: Socket) => client.end(), reset]) {
      const [client, socket] = await connection()
      const done = told(socket).then(({ as }) => as)
      end(client)
      const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')))
      expect(await Promise.race([done, closed])).toBe('closed')
    }
  })
})
