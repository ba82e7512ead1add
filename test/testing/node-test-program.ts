// Run by node-test.test.ts with `node --test`: the test kit where nothing of Vitest is.
import { deepStrictEqual, rejects, strictEqual } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type TestRouter, testClock, testRouter, waitForRegistration } from 'wampkit/testing'
import { BinaryNumberService } from '../../examples/02-binary-number-service.js'

describe('a service of binary numbers', () => {
  const clock = testClock()
  let kit: TestRouter
  beforeEach(async () => {
    kit = await testRouter({ clock })
  })
  afterEach(() => kit.close())

  it('writes numbers', async () => {
    const there = waitForRegistration(kit, 'com.example.get_binary_number')
    await kit.serve(BinaryNumberService)
    deepStrictEqual((await there).match, 'exact')
    const client = await kit.connect()
    strictEqual(await client.call('com.example.get_binary_number', [5]), '0b101')
  })

  it('is waited for no longer than a caller wants to', async () => {
    const faults = kit.faulty()
    await kit.serve(BinaryNumberService, { router: faults })
    const client = await kit.connect()
    faults.drop('YIELD')
    const late = client.call('com.example.get_binary_number', [5], {}, { timeout: 60_000 })
    const refused = rejects(late, { uri: 'wamp.error.timeout' })
    await clock.advance(60_000)
    await refused
  })
})
