import { describe, expect, it } from 'vitest'
import { frame, TEXT } from './raw-client.js'
import { opened } from './test-listener.js'

const KIB = 1024
const sizes = { maxMessageSize: 1024 * KIB, maxMessageSizeBeforeLogin: 4 * KIB }

/** A CALL that is so many octets long. */
function call(length: number): string {
  const [before, after] = ['[48,1,{},"com.example.f",["', '"]]']
  return before + 'x'.repeat(length - before.length - after.length) + after
}

/** The header of a frame, and nothing of what it announces. */
const header = (length: number) => frame(TEXT, Buffer.alloc(length)).subarray(0, length < 0x10000 ? 4 : 10)

describe('a server transport', () => {
  it('takes short messages only, as long as there is no session', async () => {
    const { client, recorder } = await opened(sizes)
    client.send(TEXT, call(4 * KIB))
    await recorder.messagesUpTo(1)
    client.send(TEXT, call(4 * KIB + 1))
    expect(await client.closeCode()).toBe(1009)
    expect((await recorder.rejection()).message).toBe('a message came that is longer than 4096 bytes')
  })

  it('refuses a long one by its header, and waits for nothing of it', async () => {
    const { client } = await opened(sizes)
    client.socket.write(header(512 * KIB))
    expect(await client.closeCode()).toBe(1009)
  })

  it('refuses one in many parts as soon as they are too much together', async () => {
    const { client } = await opened(sizes)
    client.send(TEXT, 'x'.repeat(3 * KIB), { fin: false })
    client.socket.write(frame(0, Buffer.alloc(3 * KIB), { fin: false }).subarray(0, 4))
    expect(await client.closeCode()).toBe(1009)
  })

  it('takes long ones when it is told that there is a session, and no longer when that is over', async () => {
    const { client, transport, recorder } = await opened(sizes)
    transport.admit?.(true)
    client.send(TEXT, call(1024 * KIB))
    await recorder.messagesUpTo(1)
    transport.admit?.(false)
    client.send(TEXT, call(5 * KIB))
    expect(await client.closeCode()).toBe(1009)
    expect((await recorder.rejection()).message).toContain('4096')
  })

  it('never takes longer ones than members may send', async () => {
    const { client, transport, recorder } = await opened({ ...sizes, maxMessageSize: 2 * KIB })
    client.send(TEXT, call(2 * KIB))
    await recorder.messagesUpTo(1)
    transport.admit?.(true)
    client.send(TEXT, call(2 * KIB + 1))
    expect(await client.closeCode()).toBe(1009)
  })
})
