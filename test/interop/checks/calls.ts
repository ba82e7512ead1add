import { expect } from 'vitest'
import type { Payload, Peer } from '../peer.js'
import { type Checks, failure, freshUri, serve } from './check.js'
import { BOTH, BYTES, expectSame, LARGE_AND_SMALL, PAYLOADS, TEXTS } from './payloads.js'

export interface Calls {
  readonly caller: Peer
  readonly callee: Peer
  /** Another session of the callee's library. */
  readonly second: Peer
  /** Our client, to see what goes on. */
  readonly observer: Peer
  /** Binary, as the caller writes it and gets it. */
  readonly binary: (bytes: Uint8Array) => unknown
}

/** Calls that get back what they sent. */
export const payloadCalls: Checks<Calls> = Object.fromEntries(
  Object.entries(PAYLOADS).map(([what, make]) => [
    `with ${what}`,
    async ({ caller, callee, binary }: Calls) => {
      const uri = await serve(callee, 'echo')
      const sent = make(binary)
      expectSame(await caller.call(uri, sent), sent)
    },
  ]),
)

export const calls: Checks<Calls> = {
  async 'with positional arguments'({ caller, callee }) {
    const uri = await serve(callee, 'sum')
    expect(await caller.call(uri, { args: [2, 3] })).toEqual({ args: [5], kwargs: {} })
  },
  async 'without arguments, and gets nothing back'({ caller, callee }) {
    const uri = await serve(callee, 'nothing')
    expect(await caller.call(uri)).toEqual({ args: [], kwargs: {} })
  },
  ...payloadCalls,
  async 'that fails, and gets the error as it was thrown'({ caller, callee, binary }) {
    const uri = await serve(callee, 'refuse')
    const sent = { args: [...BOTH.args, TEXTS, binary(BYTES)], kwargs: BOTH.kwargs }
    expect(await failure(caller.call(uri, sent))).toMatchObject({ uri: 'com.example.refused', ...sent })
  },
  async 'that crashes, and goes on'({ caller, callee }) {
    const uri = await serve(callee, 'crash')
    expect((await failure(caller.call(uri))).uri).toMatch(/^wamp\.error\./)
    await expectToWork(caller, callee)
  },
  async 'that is registered no more'({ caller, callee }) {
    const uri = freshUri()
    const unregister = await callee.serve(uri, 'echo')
    await caller.call(uri)
    await unregister()
    expect((await failure(caller.call(uri))).uri).toBe('wamp.error.no_such_procedure')
  },
  async 'that is registered already'({ caller, callee, second }) {
    const uri = await serve(callee, 'which')
    const error = await failure(second.serve(uri, 'which'))
    expect(error.uri).toBe('wamp.error.procedure_already_exists')
    await expectToWork(caller, second)
  },
  async 'registered by prefix'({ caller, callee }) {
    const uri = await serve(callee, 'which', { match: 'prefix' })
    expect((await caller.call(`${uri}.files.read`)).args).toEqual([`${uri}.files.read`])
  },
  async 'registered by wildcard'({ caller, callee }) {
    const uri = freshUri()
    await callee.serve(`${uri}..size`, 'which', { match: 'wildcard' })
    expect((await caller.call(`${uri}.picture.size`)).args).toEqual([`${uri}.picture.size`])
    expect((await failure(caller.call(`${uri}.picture.name`))).uri).toBe('wamp.error.no_such_procedure')
  },
  async 'shared by two callees'({ caller, callee, second }) {
    const uri = await serve(callee, 'turn', { invoke: 'roundrobin' })
    await second.serve(uri, 'turn', { invoke: 'roundrobin' })
    const turns: unknown[] = []
    for (let i = 0; i < 4; i++) turns.push((await caller.call(uri, { args: [i] })).args[1])
    expect(turns).toEqual([0, 0, 1, 1])
  },
  async 'and discloses itself'({ caller, callee }) {
    const uri = await serve(callee, 'who')
    expect((await caller.call(uri)).kwargs).toEqual({})
    const { kwargs } = await caller.call(uri, {}, { discloseMe: true })
    expectToBe(kwargs, caller)
  },
  async 'that asks who calls'({ caller, callee }) {
    const uri = await serve(callee, 'who', { discloseCaller: true })
    expectToBe((await caller.call(uri)).kwargs, caller)
  },
  async 'for progressive results'({ caller, callee }) {
    const uri = await serve(callee, 'count')
    const progress: unknown[] = []
    const result = await caller.call(uri, { args: [4] }, { onProgress: ({ args }) => progress.push(args) })
    expect(progress).toEqual([[1], [2], [3]])
    expect(result.args).toEqual([4])
  },
  async 'for progressive results, which need not come'({ caller, callee }) {
    const uri = await serve(callee, 'count')
    expect((await caller.call(uri, { args: [4] }, { onProgress: () => {} })).args).toEqual([4])
  },
  async 'and cancels it, by kill'({ caller, callee, observer }) {
    const { call, cancel } = await hang(caller, callee, observer, 'kill')
    await cancel()
    expect((await call).uri).toBe('wamp.error.canceled')
    await expectToWork(caller, callee)
  },
  async 'and cancels it, by killnowait'({ caller, callee, observer }) {
    const { call, cancel, release } = await hang(caller, callee, observer, 'killnowait')
    await cancel()
    expect((await call).uri).toBe('wamp.error.canceled')
    await release()
    await expectToWork(caller, callee)
  },
  async 'and interrupts it'({ caller, callee, observer }) {
    const { call, cancel, interrupted } = await hang(caller, callee, observer, 'kill')
    await cancel()
    await interrupted
    await call
    await expectToWork(caller, callee)
  },
  async '200 times at once, whole and in order'({ caller, callee }) {
    const uri = await serve(callee, 'turn')
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => caller.call(uri, { args: [i] })))
    expect(results.map(({ args }) => args)).toEqual(Array.from({ length: 200 }, (_, i) => [i, i]))
  },
  async 'at once with large and small arguments, whole and in order'({ caller, callee }) {
    const uri = await serve(callee, 'turn')
    const sent = LARGE_AND_SMALL
    const results = await Promise.all(sent.map((text) => caller.call(uri, { args: [text] })))
    expectSame(
      results.map(({ args }) => args),
      sent.map((text, i) => [text, i]),
    )
  },
}

/** Begins a call that does not end by itself; resolves when it is running. */
async function hang(caller: Peer, callee: Peer, observer: Peer, cancelMode: 'kill' | 'killnowait') {
  const uri = await serve(callee, 'hang')
  const started = await observer.subscribe(`${uri}.started`)
  const interrupted = await observer.subscribe(`${uri}.interrupted`)
  const controller = new AbortController()
  const call = failure(caller.call(uri, {}, { signal: controller.signal, cancelMode }))
  call.catch(() => {})
  await started.next()
  return {
    call,
    cancel: async () => controller.abort(),
    /** Lets a callee that was not interrupted go on: its answer comes late. */
    release: () => observer.publish(`${uri}.release`, {}, { acknowledge: true }),
    interrupted: interrupted.next(),
  }
}

function expectToBe(told: Payload['kwargs'], { session, authid, authrole }: Peer): void {
  expect({ ...told, session: Number(told.session) }).toEqual({ session, authid, authrole })
}

/** Both sessions are alive. */
async function expectToWork(caller: Peer, callee: Peer): Promise<void> {
  const uri = await serve(callee, 'sum')
  expect((await caller.call(uri, { args: [2, 3] })).args).toEqual([5])
}
