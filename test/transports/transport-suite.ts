/** What every transport does, whatever it is made of. */
import { afterEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'
import { Publish } from '../../src/messages/pubsub.js'
import { Call, Result } from '../../src/messages/rpc.js'
import type { Transport } from '../../src/transports/transport.js'
import { Recorder, turns } from './recorder.js'

/** Two ends of one transport. */
export interface Ends {
  client: Transport
  router: Transport
  /** Releases what the two stand on. */
  release?: () => void | Promise<void>
}

const MIB = 1024 * 1024

/** @param burst messages that are sent at once, where 2,000 would take too long. */
export function transportSuite(name: string, connect: () => Promise<Ends>, burst = 2000): void {
  describe(name, () => {
    const opened: Ends[] = []

    async function open(): Promise<Ends> {
      const ends = await connect()
      opened.push(ends)
      return ends
    }

    async function started() {
      const { client, router } = await open()
      const atClient = new Recorder()
      const atRouter = new Recorder()
      client.start(atClient)
      router.start(atRouter)
      return { client, router, atClient, atRouter }
    }

    afterEach(async () => {
      for (const { client, router, release } of opened.splice(0)) {
        client.close()
        router.close()
        await release?.()
      }
    })

    it('carries a message each way', async () => {
      const { client, router, atClient, atRouter } = await started()
      client.send(
        new Call(1, { timeout: 5 }, 'com.example.add', new Payload([1, 'ä€𝄞'], { by: [true, null] })),
      )
      router.send(new Result(1, {}, new Payload([2.5])))
      const [call] = (await atRouter.messagesUpTo(1)) as [Call]
      expect(call).toBeInstanceOf(Call)
      expect(call).toMatchObject({ requestId: 1, options: { timeout: 5 }, procedure: 'com.example.add' })
      expect(call.payload.args).toEqual([1, 'ä€𝄞'])
      expect(call.payload.kwargs).toEqual({ by: [true, null] })
      const [result] = (await atClient.messagesUpTo(1)) as [Result]
      expect(result.payload.args).toEqual([2.5])
    })

    it('carries a burst whole and in order, both ways at once', async () => {
      const { client, router, atClient, atRouter } = await started()
      for (let i = 1; i <= burst; i++) {
        client.send(numbered(i))
        router.send(numbered(i))
      }
      expect(numbersOf(await atRouter.messagesUpTo(burst))).toEqual(upTo(burst))
      expect(numbersOf(await atClient.messagesUpTo(burst))).toEqual(upTo(burst))
    })

    it('keeps the order of short and long messages', async () => {
      const { client, router, atClient, atRouter } = await started()
      const lengths = [0, 1, 120, 126, 4000, 4100, 5000, 65_000, 66_000, 150_000]
      for (let i = 1; i <= 100; i++) {
        const text = 'x'.repeat(lengths[i % lengths.length] as number)
        client.send(numbered(i, text))
        router.send(numbered(i, text))
        if (i % 25 === 0) await turns()
      }
      for (const messages of [await atRouter.messagesUpTo(100), await atClient.messagesUpTo(100)]) {
        expect(numbersOf(messages)).toEqual(upTo(100))
        expect(messages.map((message) => textOf(message).length)).toEqual(
          upTo(100).map((i) => lengths[i % lengths.length]),
        )
      }
    })

    it('passes messages on as a router does, whatever their length', async () => {
      const { client, router, atClient, atRouter } = await started()
      atRouter.onMessage = (message) => {
        const { requestId, payload } = message as Call
        router.send(new Result(requestId, {}, payload))
      }
      const lengths = [0, 100, 3000, 4097, 70_000, 300_000]
      for (const [i, length] of lengths.entries()) client.send(numbered(i + 1, 'é'.repeat(length)))
      const results = (await atClient.messagesUpTo(lengths.length)) as Result[]
      expect(results.map(({ requestId }) => requestId)).toEqual([1, 2, 3, 4, 5, 6])
      expect(results.map((result) => textOf(result))).toEqual(lengths.map((length) => 'é'.repeat(length)))
    })

    it('carries messages of 5 MiB', async () => {
      const { client, router, atClient, atRouter } = await started()
      const text = 'wamp'.repeat((5 * MIB) / 4)
      client.send(numbered(1, text))
      router.send(numbered(1, text))
      client.send(numbered(2))
      const [long, short] = (await atRouter.messagesUpTo(2)) as [Message, Message]
      expect(textOf(long) === text).toBe(true)
      expect(numberOf(short)).toBe(2)
      const [back] = (await atClient.messagesUpTo(1)) as [Message]
      expect(textOf(back) === text).toBe(true)
    })

    it('keeps what comes in until it is started, and is started before it delivers', async () => {
      const { client, router } = await open()
      for (let i = 1; i <= 20; i++) {
        client.send(numbered(i))
        router.send(numbered(i))
      }
      await turns(5)
      for (const [end, other] of [
        [client, router],
        [router, client],
      ] as const) {
        const recorder = new Recorder()
        end.start(recorder)
        expect(recorder.order).toEqual([])
        other.send(numbered(21))
        expect(numbersOf(await recorder.messagesUpTo(21))).toEqual(upTo(21))
      }
    })

    it('refuses a second receiver', async () => {
      const { client } = await started()
      expect(() => client.start(new Recorder())).toThrow(UsageError)
    })

    it('never delivers while the other end is sending', async () => {
      const { client, atRouter } = await started()
      await turns()
      client.send(numbered(1))
      expect(atRouter.order).toEqual([])
      await atRouter.messagesUpTo(1)
    })

    it('shares nothing with the sender', async () => {
      const { client, atRouter } = await started()
      const list = [1, 2]
      client.send(new Call(1, {}, 'com.example.sum', new Payload([list])))
      list.push(3)
      const [call] = (await atRouter.messagesUpTo(1)) as [Call]
      expect(call.payload.args).toEqual([[1, 2]])
      expect(call.payload.args[0]).not.toBe(list)
    })

    it.each(['client', 'router'] as const)(
      'throws a UsageError for what the %s cannot serialize, and loses nothing else',
      async (side) => {
        const all = await started()
        const sender = all[side]
        const recorder = side === 'client' ? all.atRouter : all.atClient
        sender.send(numbered(1))
        expect(() => sender.send(new Call(2, {}, 'com.example.f', new Payload([() => {}])))).toThrow(
          UsageError,
        )
        sender.send(numbered(3))
        expect(numbersOf(await recorder.messagesUpTo(2))).toEqual([1, 3])
      },
    )

    it.each(['client', 'router'] as const)(
      'delivers what was sent before the %s closed, and says closed once at both ends',
      async (side) => {
        const { client, router, atClient, atRouter } = await started()
        const [closer, atCloser, atOther] =
          side === 'client' ? [client, atClient, atRouter] : [router, atRouter, atClient]
        for (let i = 1; i <= 500; i++) closer.send(numbered(i, 'x'.repeat(i)))
        closer.close()
        expect(await atOther.closing()).toBeUndefined()
        expect(numbersOf(atOther.messages)).toEqual(upTo(500))
        expect(await atCloser.closing()).toBeUndefined()
        await turns(5)
        expect(atCloser.closings.length).toBe(1)
        expect(atOther.closings.length).toBe(1)
        expect(atOther.order.at(-1)).toBe('closing')
      },
    )

    it('is closed in order when both ends close at once', async () => {
      const { client, router, atClient, atRouter } = await started()
      client.close()
      router.close()
      expect(await atClient.closing()).toBeUndefined()
      expect(await atRouter.closing()).toBeUndefined()
    })

    it.each(['client', 'router'] as const)('hears nothing more after the %s has closed', async (side) => {
      const { client, router, atClient, atRouter } = await started()
      const [closer, other, recorder] =
        side === 'client' ? [client, router, atClient] : [router, client, atRouter]
      other.send(numbered(1))
      closer.close()
      expect(await recorder.closing()).toBeUndefined()
      expect(recorder.order).toEqual(['closing'])
    })

    it('drops what is sent after it was closed, from either end, and may be closed again', async () => {
      const { client, router, atClient, atRouter } = await started()
      client.close()
      client.send(numbered(1))
      client.close()
      await Promise.all([atClient.closing(), atRouter.closing()])
      for (const end of [client, router]) {
        end.send(numbered(2))
        end.close()
      }
      await turns(5)
      expect(atRouter.order).toEqual(['closing'])
      expect(atClient.order).toEqual(['closing'])
    })

    it('can be closed from within a delivery, and then delivers nothing more', async () => {
      const { client, router, atRouter } = await started()
      atRouter.onMessage = (message) => {
        if (numberOf(message) === 2) router.close()
      }
      for (let i = 1; i <= 5; i++) client.send(numbered(i))
      await atRouter.closing()
      expect(numbersOf(atRouter.messages)).toEqual([1, 2])
    })

    it('can be closed without having been started', async () => {
      const { client, router } = await open()
      const atClient = new Recorder()
      client.start(atClient)
      router.close()
      expect(await atClient.closing()).toBeUndefined()
    })

    it('says closed to who starts it too late', async () => {
      const { client, router } = await open()
      const atClient = new Recorder()
      client.start(atClient)
      router.send(numbered(1))
      router.close()
      await atClient.closing()
      const atRouter = new Recorder()
      router.start(atRouter)
      expect(await atRouter.closing()).toBeUndefined()
      expect(atRouter.order).toEqual(['closing'])
    })
  })
}

function numbered(requestId: number, text = ''): Message {
  return requestId % 2 === 0
    ? new Call(requestId, {}, 'com.example.f', new Payload([text]))
    : new Publish(requestId, {}, 'com.example.t', new Payload([text]))
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

function numberOf(message: Message): number {
  return (message as Call).requestId
}

function numbersOf(messages: readonly Message[]): number[] {
  return messages.map(numberOf)
}

function textOf(message: Message): string {
  return (message as Call).payload.args[0] as string
}
