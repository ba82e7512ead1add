import { ApplicationError, CallResult, type Client, currentInvocation, ERROR } from '../../src/index.js'
import { Heard, promised, readAll } from '../features/waiting.js'
import { deepEqual, equal, fails, like, ok, sameOctets } from './assertions.js'
import type { Case } from './case.js'
import { LONGEST_MESSAGE } from './places.js'

const MANY = 100

const VALUES = [
  null,
  true,
  0,
  -1,
  1.5,
  -2.25e-10,
  2 ** 53 - 1,
  'Zürich 北京 𝄞 \u0000 "\\" \u2028',
  '',
  [],
  {},
  [1, [2, [3, { four: ['5'] }]]],
  { 'key with ä': { nested: { deeper: [null, false] } } },
]

const INTEGERS = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]

/** Offers a procedure that returns its only argument. */
async function offerEcho(callee: Client, uri: string): Promise<string> {
  await callee.register(uri, (value: unknown) => value)
  return uri
}

/** A procedure that begins, and ends when its signal aborts. */
function interruptible() {
  const begun = promised()
  const interrupted = promised<unknown>()
  const handler = () => {
    const { signal } = currentInvocation()
    begun.resolve()
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        interrupted.resolve(signal.reason)
        reject(signal.reason)
      })
    })
  }
  return { handler, begun: begun.promise, interrupted: interrupted.promise }
}

export const callCases: readonly Case[] = [
  {
    name: 'a call has arguments, keywords and a result (basic/remote_procedure_call.md)',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      await callee.register(uri, (a: number, b: number, { by }: { by: number }) => (a + b) * by)
      equal(await caller.call(uri, [2, 3], { by: 10 }), 50)
    },
  },
  {
    name: 'a result has several values and keywords, or none',
    async play(stage) {
      const [callee, caller] = stage.pair
      const [several, none] = [stage.uri(), stage.uri()]
      await callee.register(several, () => new CallResult([1, 'two'], { three: 3 }))
      await callee.register(none, () => {})
      const result = await caller.call(several)
      ok(result instanceof CallResult)
      deepEqual([result.args, result.kwargs], [[1, 'two'], { three: 3 }])
      equal(await caller.call(none), undefined)
    },
  },
  {
    name: 'values of every kind come back as they were (basic/building_blocks.md, "Serializers")',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      await callee.register(uri, (...values: unknown[]) => new CallResult(values))
      const result = await caller.call<CallResult>(uri, [...VALUES, ...INTEGERS])
      deepEqual(result.args, [...VALUES, ...INTEGERS])
    },
  },
  {
    name: 'octets travel as octets (advanced/serialization_binary_json.md)',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = await offerEcho(callee, stage.uri())
      const all = Uint8Array.from({ length: 256 }, (_, octet) => octet)
      for (const octets of [all, all.subarray(3, 20), new Uint8Array()])
        sameOctets(await caller.call(uri, [octets]), octets)
    },
  },
  {
    name: 'one MiB of text arrives whole, and many octets do',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = await offerEcho(callee, stage.uri())
      // The rest of the message needs some place as well.
      const text = 'ä wamp '.repeat((LONGEST_MESSAGE - 1024) / 8)
      const octets = new Uint8Array(100_000).map((_, at) => at % 251)
      const echoed = await Promise.all([caller.call(uri, [text]), caller.call(uri, [octets])])
      ok(echoed[0] === text)
      sameOctets(echoed[1], octets)
    },
  },
  {
    name: 'an error has its URI, arguments and keywords; any other is a runtime error',
    async play(stage) {
      const [callee, caller] = stage.pair
      const [own, other] = [stage.uri(), stage.uri()]
      await callee.register(own, () => {
        throw new ApplicationError('com.example.error.full', ['no seat', 3], { kwargs: { row: 7 } })
      })
      await callee.register(other, () => {
        throw new TypeError('this is no number')
      })
      await fails(caller.call(own), {
        name: 'ApplicationError',
        uri: 'com.example.error.full',
        args: ['no seat', 3],
        kwargs: { row: 7 },
      })
      await fails(caller.call(other), { uri: ERROR.runtimeError, args: ['this is no number'] })
    },
  },
  {
    name: 'what is not there, or not any more, cannot be called; what is there not registered twice',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      await fails(caller.call(uri), { uri: ERROR.noSuchProcedure })
      const registration = await callee.register(uri, () => 1)
      equal(await caller.call(uri), 1)
      await fails(
        caller.register(uri, () => 2),
        { uri: ERROR.procedureAlreadyExists },
      )
      await registration.unregister()
      await fails(caller.call(uri), { uri: ERROR.noSuchProcedure })
    },
  },
  {
    name: 'a pattern takes calls of many procedures (advanced/rpc_pattern_based_registration.md)',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      await callee.register(uri, () => currentInvocation().procedure, { match: 'prefix' })
      equal(await caller.call(`${uri}.one.two`), `${uri}.one.two`)
    },
  },
  {
    name: 'two callees share a procedure in turn (advanced/rpc_shared_registration.md)',
    async play(stage) {
      const [one, two] = stage.pair
      const uri = stage.uri()
      await one.register(uri, () => 'one', { invoke: 'roundrobin' })
      await two.register(uri, () => 'two', { invoke: 'roundrobin' })
      const answers = [await one.call(uri), await one.call(uri), await two.call(uri), await two.call(uri)]
      deepEqual(answers.sort(), ['one', 'one', 'two', 'two'])
    },
  },
  {
    name: 'a generator yields progressive results (advanced/rpc_progressive_call_results.md)',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      await callee.register(uri, async function* (to: number) {
        for (let n = 1; n < to; n++) yield n
        return to
      })
      deepEqual(await readAll(caller.stream(uri, [20])), {
        seen: Array.from({ length: 20 }, (_, at) => at + 1),
        error: undefined,
      })
    },
  },
  {
    name: 'a call is said in parts (advanced/rpc_progressive_call_invocations.md)',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      await callee.register(uri, async (parts: AsyncIterable<number>) => (await readAll(parts)).seen, {
        progressiveInvocations: true,
      })
      async function* parts() {
        for (let n = 1; n < 10; n++) yield n
        return 10
      }
      deepEqual(
        await caller.call(uri, parts()),
        Array.from({ length: 10 }, (_, at) => at + 1),
      )
    },
  },
  {
    name: 'a call is canceled by kill, which interrupts its callee (advanced/rpc_call_canceling.md)',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      const { handler, begun, interrupted } = interruptible()
      await callee.register(uri, handler)
      const control = new AbortController()
      const call = fails(caller.call(uri, [], {}, { signal: control.signal, cancelMode: 'kill' }), {
        name: 'CanceledError',
        uri: ERROR.canceled,
      })
      await begun
      control.abort()
      await call
      like(await interrupted, { name: 'CanceledError' })
    },
  },
  {
    name: 'a call times out, and its callee is interrupted (advanced/rpc_call_timeout.md)',
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      const { handler, interrupted } = interruptible()
      await callee.register(uri, handler)
      await fails(caller.call(uri, [], {}, { timeout: 20 }), { name: 'CanceledError', uri: ERROR.timeout })
      like(await interrupted, { name: 'CanceledError' })
    },
  },
  {
    name: `${MANY} calls at once reach their callee in order, and each gets its answer (basic/ordering_guarantees.md)`,
    async play(stage) {
      const [callee, caller] = stage.pair
      const uri = stage.uri()
      const seen = new Heard<number>()
      await callee.register(uri, async (n: number) => {
        seen.add(n)
        // Answers come in another order.
        if (n % 3 === 0) await Promise.resolve()
        return n * n
      })
      const numbers = Array.from({ length: MANY }, (_, at) => at)
      const answers = await Promise.all(numbers.map((n) => caller.call(uri, [n])))
      deepEqual(
        answers,
        numbers.map((n) => n * n),
      )
      deepEqual(seen.values, numbers)
    },
  },
]
