import { describe, expect, it } from 'vitest'
import { Deadlines } from '../../../src/peers/router/limits/deadlines.js'
import { TestClock } from '../../transports/test-clock.js'

function deadlines(time = 100) {
  const clock = new TestClock()
  const late: [string, number][] = []
  return {
    clock,
    late,
    deadlines: new Deadlines<string>(clock, time, (who) => late.push([who, clock.now()])),
  }
}

describe('deadlines', () => {
  it('give each the same time, with one timer for all and none for nobody', () => {
    const { clock, late, deadlines: all } = deadlines()
    expect(clock.alarms).toBe(0)
    all.add('a')
    clock.pass(30)
    all.add('b')
    all.add('c')
    expect(clock.alarms).toBe(1)
    clock.pass(69)
    expect(late).toEqual([])
    clock.pass(200)
    expect(late).toEqual([
      ['a', 100],
      ['b', 130],
      ['c', 130],
    ])
    expect([all.size, clock.alarms]).toEqual([0, 0])
  })

  it('forget who is done, and begin anew for who comes again', () => {
    const { clock, late, deadlines: all } = deadlines()
    all.add('a')
    all.add('b')
    clock.pass(50)
    all.delete('a')
    all.delete('a')
    all.add('b')
    clock.pass(99)
    expect(late).toEqual([])
    clock.pass(1)
    expect(late).toEqual([['b', 150]])
    all.add('c')
    all.delete('c')
    expect(clock.alarms).toBe(0)
  })

  it('may be called anew by who is late', () => {
    const clock = new TestClock()
    const late: number[] = []
    const all: Deadlines<string> = new Deadlines(clock, 100, (who) => {
      late.push(clock.now())
      if (late.length < 3) all.add(who)
    })
    all.add('a')
    clock.pass(1000)
    expect(late).toEqual([100, 200, 300])
  })

  it('come in time for the next one, although somebody begins anew before', () => {
    const clock = new TestClock()
    const late: [string, number][] = []
    const all: Deadlines<string> = new Deadlines(clock, 100, (who) => {
      late.push([who, clock.now()])
      if (late.length === 1) all.add(who)
    })
    all.add('a')
    clock.pass(10)
    all.add('b')
    clock.pass(500)
    expect(late).toEqual([
      ['a', 100],
      ['b', 110],
      ['a', 200],
    ])
    expect(clock.alarms).toBe(0)
  })

  it('never come where there is all the time in the world', () => {
    const { clock, deadlines: all } = deadlines(Number.POSITIVE_INFINITY)
    all.add('a')
    expect([all.size, clock.alarms]).toEqual([0, 0])
  })
})
