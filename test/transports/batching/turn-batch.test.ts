import { expect, it } from 'vitest'
import { lengthPrefixed } from '../../../src/transports/batching/length-prefixed.js'
import { recordSeparated } from '../../../src/transports/batching/record-separated.js'
import { turns } from '../recorder.js'

function gathering(batching = recordSeparated) {
  const batches: (string | Uint8Array)[] = []
  return { batches, batch: batching.gather((written) => batches.push(written)) }
}

it('what is said in a turn leaves at its end, as one', async () => {
  const { batches, batch } = gathering()
  for (const message of ['[1]', '[2]', '[3]']) batch.add(message, Infinity)
  expect(batches).toEqual([])
  expect(batch.length).toBe(12)
  await turns()
  batch.add('[4]', Infinity)
  await turns()
  await turns()
  expect(batches).toEqual(['[1]\x1e[2]\x1e[3]\x1e', '[4]\x1e'])
  expect(batch.length).toBe(0)
})

it('much leaves before the turn ends', async () => {
  const { batches, batch } = gathering()
  batch.add('x'.repeat(70_000), Infinity)
  expect(batches.length).toBe(1)
  await turns()
  expect(batches.length).toBe(1)
})

it('a batch never has more octets than the other end takes', () => {
  const { batches, batch } = gathering(lengthPrefixed)
  for (let i = 0; i < 10; i++) batch.add(new Uint8Array(20), 100)
  batch.flush()
  expect(batches.map(({ length }) => length)).toEqual([96, 96, 48])
})

it('nor does one of text, whatever the characters', () => {
  const { batches, batch } = gathering()
  for (let i = 0; i < 10; i++) batch.add('€'.repeat(10), 100)
  batch.flush()
  const lengths = batches.map((written) => Buffer.byteLength(written as string))
  expect(Math.max(...lengths)).toBeLessThanOrEqual(100)
  expect(lengths.reduce((sum, length) => sum + length)).toBe(310)
})
