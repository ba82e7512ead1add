import { expect, it } from 'vitest'
import { Tally } from '../../../src/peers/router/limits/tally.js'

it('a tally counts each kind, and forgets those of which there are none', () => {
  const tally = new Tally()
  expect([tally.add('a'), tally.add('a'), tally.add('b')]).toEqual([1, 2, 1])
  tally.remove('a')
  expect([tally.of('a'), tally.of('b'), tally.of('c'), tally.size]).toEqual([1, 1, 0, 2])
  tally.remove('a')
  tally.remove('b')
  tally.remove('b')
  expect([tally.of('a'), tally.of('b'), tally.size]).toEqual([0, 0, 0])
})
