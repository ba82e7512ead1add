import { expect } from 'vitest'
import type { CallOptions, PassthruSerializer, Payload, Peer, RegisterOptions } from '../peer.js'
import { type Checks, failure, freshUri, serve } from './check.js'
import { BOTH, BYTES, expectSame, LARGE_AND_SMALL, PAYLOADS, TEXTS } from './payloads.js'

export interface Calls {
  readonly caller: Peer
  readonly callee: Peer
  /** Another session of the callee's library. */
  readonly second: Peer
  /** Our client, to see what goes on. */
  readonly observer: Peer
  /** A further session of the caller's library, or of the callee's. */
  readonly join: (as: 'caller' | 'callee') => Promise<Peer>
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
  async 'shared by two callees, of whom the first serves'({ caller, callee, second }) {
    const uri = await share(callee, second, 'first')
    expect(await whoServes(caller, uri)).toEqual(new Set([callee.session]))
  },
  async 'shared by two callees, of whom the last serves'({ caller, callee, second }) {
    const uri = await share(callee, second, 'last')
    expect(await whoServes(caller, uri)).toEqual(new Set([second.session]))
  },
  async 'shared by two callees, of whom any serves'({ caller, callee, second }) {
    const uri = await share(callee, second, 'random')
    const served = await whoServes(caller, uri)
    expect(new Set([...served, callee.session, second.session]).size).toBe(2)
  },
  async 'shared by two callees, of whom one leaves'({ caller, callee, join }) {
    const leaving = await join('callee')
    const uri = await share(leaving, callee, 'first')
    await leaving.leave()
    expect(await whoServes(caller, uri)).toEqual(new Set([callee.session]))
  },
  async 'shared, but not with a callee that shares it otherwise'({ caller, callee, second }) {
    const uri = await serve(callee, 'self', { invoke: 'roundrobin' })
    const error = await failure(second.serve(uri, 'self', { invoke: 'random' }))
    expect(error.uri).toBe('wamp.error.procedure_already_exists')
    expect(await whoServes(caller, uri)).toEqual(new Set([callee.session]))
  },
  async 'registered in several ways, and reaches the closest'({ caller, callee, second }) {
    const uri = freshUri()
    await callee.serve(uri, 'self', { match: 'prefix' })
    await second.serve(`${uri}.files`, 'self', { match: 'prefix' })
    await callee.serve(`${uri}.files.read`, 'self')
    await second.serve(`${uri}..write`, 'self', { match: 'wildcard' })
    await callee.serve(`${uri}.links..write`, 'self', { match: 'wildcard' })
    const reached: unknown[] = []
    for (const end of ['links', 'files.append', 'files.read', 'pages.write'])
      reached.push(Number((await caller.call(`${uri}.${end}`)).args[0]))
    const [a, b] = [callee.session, second.session]
    expect(reached).toEqual([a, b, a, a])
  },
  async 'whose callee is not available, and reaches another'({ caller, callee, second }) {
    const uri = await serve(callee, 'busy', { invoke: 'first' })
    await second.serve(uri, 'self', { invoke: 'first' })
    expect(await whoServes(caller, uri)).toEqual(new Set([second.session]))
  },
  async 'of which no callee is available'({ caller, callee, second }) {
    const uri = await serve(callee, 'busy', { invoke: 'roundrobin' })
    await second.serve(uri, 'busy', { invoke: 'roundrobin' })
    expect((await failure(caller.call(uri))).uri).toBe('wamp.error.no_available_callee')
  },
  async 'whose callee leaves'({ caller, join, observer }) {
    const callee = await join('callee')
    const { call } = await hang(caller, callee, observer)
    await callee.leave()
    expect((await call).uri).toBe('wamp.error.canceled')
  },
  async 'and leaves'({ caller, callee, join, observer }) {
    const leaving = await join('caller')
    const { release } = await hang(leaving, callee, observer)
    await leaving.leave()
    await release()
    await expectToWork(caller, callee)
  },
  async 'and leaves, which interrupts it'({ caller, callee, join, observer }) {
    const leaving = await join('caller')
    const { interrupted } = await hang(leaving, callee, observer)
    await leaving.leave()
    await interrupted.next()
    await expectToWork(caller, callee)
  },
  'in passthru mode, as CBOR': passingThrough('cbor'),
  'in passthru mode, as MessagePack': passingThrough('msgpack'),
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
    const { call, cancel } = await hang(caller, callee, observer, { cancelMode: 'kill' })
    await cancel()
    expect((await call).uri).toBe('wamp.error.canceled')
    await expectToWork(caller, callee)
  },
  async 'and cancels it, by killnowait'({ caller, callee, observer }) {
    const { call, cancel, release } = await hang(caller, callee, observer, { cancelMode: 'killnowait' })
    await cancel()
    expect((await call).uri).toBe('wamp.error.canceled')
    await release()
    await expectToWork(caller, callee)
  },
  async 'and cancels it, by skip'({ caller, callee, observer }) {
    const options = { cancelMode: 'skip' } as const
    const { call, cancel, release, interrupted } = await hang(caller, callee, observer, options)
    await cancel()
    expect((await call).uri).toBe('wamp.error.canceled')
    await release()
    await expectToWork(caller, callee)
    expect(interrupted.size).toBe(0)
  },
  async 'and interrupts it'({ caller, callee, observer }) {
    const { call, cancel, interrupted } = await hang(caller, callee, observer, { cancelMode: 'kill' })
    await cancel()
    await interrupted.next()
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

/** Calls that take time, which passes on the router's clock. */
export function timedCalls(pass: (milliseconds: number) => void): Checks<Calls> {
  const timed = async ({ caller, callee, observer }: Calls) => {
    const hanging = await hang(caller, callee, observer, { timeout: 60_000 })
    let failed = false
    void hanging.call.then(() => {
      failed = true
    })
    pass(59_999)
    // What the router had to say about the other call would have come before this.
    await expectToWork(caller, callee)
    expect(failed).toBe(false)
    pass(1)
    return hanging
  }
  return {
    async 'which times out'(context) {
      const { call, release } = await timed(context)
      expect((await call).uri).toBe('wamp.error.timeout')
      await release()
      await expectToWork(context.caller, context.callee)
    },
    async 'which times out, and is interrupted'(context) {
      const { call, interrupted } = await timed(context)
      await call
      await interrupted.next()
      await expectToWork(context.caller, context.callee)
    },
    async 'which ends in time'({ caller, callee, observer }) {
      const { result, release } = await hang(caller, callee, observer, { timeout: 60_000 })
      pass(59_999)
      await release()
      expect((await result).args).toEqual(['late'])
      pass(60_000)
      await expectToWork(caller, callee)
    },
  }
}

/** Calls that the router refuses, because their callee cannot take them; nothing of them reaches it. */
export const refusedCalls: Checks<Calls> = {
  async 'in parts, which it cannot take'({ caller, callee }) {
    const uri = await serve(callee, 'sum')
    const error = await failure(caller.callInParts?.(uri, [2, 3]) ?? Promise.resolve())
    expect(error.uri).toBe('wamp.error.feature_not_supported')
    await expectToWork(caller, callee)
  },
  async 'in passthru mode, which it cannot read'({ caller, callee }) {
    const uri = await serve(callee, 'echo')
    const error = await failure(caller.call(uri, BOTH, { passthru: 'cbor' }))
    expect(error.uri).toBe('wamp.error.feature_not_supported')
    await expectToWork(caller, callee)
  },
}

/** What the router does of its own accord where it discloses everybody. */
export const disclosedCalls: Checks<Calls> = {
  async 'where the router discloses everybody'({ caller, callee }) {
    const uri = await serve(callee, 'who')
    expectToBe((await caller.call(uri)).kwargs, caller)
  },
}

function passingThrough(passthru: PassthruSerializer): Checks<Calls>[string] {
  return async ({ caller, callee }) => {
    const uri = await serve(callee, 'echo')
    const sent = { args: [...BOTH.args, BYTES], kwargs: BOTH.kwargs }
    expectSame(await caller.call(uri, sent, { passthru }), sent)
  }
}

async function share(first: Peer, second: Peer, invoke: RegisterOptions['invoke'] & string): Promise<string> {
  const uri = await serve(first, 'self', { invoke })
  await second.serve(uri, 'self', { invoke })
  return uri
}

/** The sessions that serve a few calls. */
async function whoServes(caller: Peer, uri: string): Promise<Set<number>> {
  const results = await Promise.all([1, 2, 3].map(() => caller.call(uri)))
  return new Set(results.map(({ args }) => Number(args[0])))
}

/** Begins a call that does not end by itself; resolves when it is running. */
export async function hang(caller: Peer, callee: Peer, observer: Peer, options: CallOptions = {}) {
  const uri = await serve(callee, 'hang')
  const started = await observer.subscribe(`${uri}.started`)
  const interrupted = await observer.subscribe(`${uri}.interrupted`)
  const controller = new AbortController()
  const result = caller.call(uri, {}, { ...options, signal: controller.signal })
  const call = failure(result)
  call.catch(() => {})
  await started.next()
  return {
    result,
    /** How it fails. */
    call,
    cancel: async () => controller.abort(),
    /** Lets a callee that was not interrupted go on: its answer comes late. */
    release: () => observer.publish(`${uri}.release`, {}, { acknowledge: true }),
    interrupted,
  }
}

function expectToBe(told: Payload['kwargs'], { session, authid, authrole }: Peer): void {
  expect({ ...told, session: Number(told.session) }).toEqual({ session, authid, authrole })
}

/** Both sessions are alive. */
export async function expectToWork(caller: Peer, callee: Peer): Promise<void> {
  const uri = await serve(callee, 'sum')
  expect((await caller.call(uri, { args: [2, 3] })).args).toEqual([5])
}
