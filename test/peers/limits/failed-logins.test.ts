import { describe, expect, it } from 'vitest'
import { FailedLogins } from '../../../src/peers/router/limits/failed-logins.js'
import { TestClock } from '../../transports/test-clock.js'

const HERE = '192.0.2.1'
const MINUTE = 60_000

function logins({ perAccount = 3, perAddress = 10 } = {}) {
  const clock = new TestClock()
  return { clock, logins: new FailedLogins(clock, perAccount, perAddress) }
}

describe('failed log-ins', () => {
  it('make the account wait from its address: a second first, twice as long each time, a minute at most', () => {
    const { clock, logins: failed } = logins({ perAddress: 1000 })
    const waits = Array.from({ length: 11 }, () => {
      failed.failed(HERE, 'realm1 ada')
      const wait = failed.wait(HERE, 'realm1 ada')
      clock.pass(wait)
      return wait
    })
    expect(waits.map((wait) => wait / 1000)).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
    expect(failed.wait(HERE, 'realm1 ada')).toBe(0)
  })

  it('concern neither other accounts of the address, nor the account from elsewhere', () => {
    const { logins: failed } = logins()
    for (let i = 0; i < 9; i++) failed.failed(HERE, 'realm1 ada')
    expect(failed.wait(HERE, 'realm1 ada')).toBeGreaterThan(0)
    expect(failed.wait(HERE, 'realm1 bob')).toBe(0)
    expect(failed.wait(HERE, 'realm2 ada')).toBe(0)
    expect(failed.wait(HERE, undefined)).toBe(0)
    expect(failed.wait('192.0.2.2', 'realm1 ada')).toBe(0)
  })

  it('of one account after the other make the whole address wait in the end', () => {
    const { logins: failed } = logins()
    for (let i = 0; i < 9; i++) failed.failed(HERE, `realm1 ${i}`)
    expect(failed.wait(HERE, 'realm1 new')).toBe(0)
    failed.failed(HERE, undefined)
    expect(failed.wait(HERE, 'realm1 new')).toBe(1000)
    expect(failed.wait(HERE, undefined)).toBe(1000)
    failed.succeeded(HERE, 'realm1 bob')
    expect(failed.wait(HERE, 'realm1 new')).toBe(1000)
    expect(failed.wait('192.0.2.2', 'realm1 new')).toBe(0)
  })

  it('are forgotten for who gets it right, and after a quarter of an hour', () => {
    const { clock, logins: failed } = logins()
    const twice = () => {
      failed.failed(HERE, 'realm1 ada')
      failed.failed(HERE, 'realm1 ada')
    }
    twice()
    failed.succeeded(HERE, 'realm1 ada')
    twice()
    expect(failed.wait(HERE, 'realm1 ada')).toBe(0)
    clock.pass(16 * MINUTE)
    twice()
    expect(failed.wait(HERE, 'realm1 ada')).toBe(0)
    failed.failed(HERE, 'realm1 ada')
    expect(failed.wait(HERE, 'realm1 ada')).toBe(1000)
  })

  it('are remembered of so many only, whatever is tried', () => {
    const { logins: failed } = logins({ perAddress: 50 })
    for (let i = 0; i < 21_000; i++) failed.failed(HERE, `realm1 ${i}`)
    expect(failed.size).toBeLessThanOrEqual(20_000)
    // Who goes on is not forgotten.
    expect(failed.wait(HERE, 'realm1 new')).toBeGreaterThan(0)
  })
})

describe('the turns of log-ins', () => {
  it('come at once for the first hundred of an address, and for others as those are done', () => {
    const { logins: failed } = logins()
    const judged: (() => void)[] = []
    for (let i = 0; i < 250; i++) failed.inTurn(HERE, (done) => judged.push(done))
    expect(judged.length).toBe(100)
    let elsewhere = false
    failed.inTurn('192.0.2.2', (done) => {
      elsewhere = true
      done()
    })
    expect(elsewhere).toBe(true)
    for (let i = 0; i < 50; i++) judged[i]?.()
    expect(judged.length).toBe(150)
    for (let i = 50; i < 250; i++) judged[i]?.()
    expect(judged.length).toBe(250)
  })

  it('come in a row, however many are done at once', () => {
    const { logins: failed } = logins()
    const judged: (() => void)[] = []
    for (let i = 0; i < 100; i++) failed.inTurn(HERE, (done) => judged.push(done))
    let count = 0
    for (let i = 0; i < 50_000; i++)
      failed.inTurn(HERE, (done) => {
        count++
        done()
      })
    judged[0]?.()
    expect(count).toBe(50_000)
  })
})
