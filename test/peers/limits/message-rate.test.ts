import { describe, expect, it } from 'vitest'
import type { Message } from '../../../src/messages/message.js'
import { Publish } from '../../../src/messages/pubsub.js'
import { Throttle } from '../../../src/peers/router/limits/message-rate.js'
import type { Transport } from '../../../src/transports/transport.js'
import { TestClock } from '../../transports/test-clock.js'

const message: Message = new Publish(1, {}, 'com.example.topic')

function throttle(perSecond: number, burst: number) {
  const clock = new TestClock()
  const seen = { handled: 0, throttled: 0, paused: 0 }
  const transport = {
    pause: () => seen.paused++,
    resume: () => seen.paused--,
  } as unknown as Transport
  const rate = { perSecond, burst }
  const slow = new Throttle(
    rate,
    transport,
    clock,
    () => seen.throttled++,
    () => void seen.handled++,
  )
  const say = (count: number) => {
    for (let i = 0; i < count; i++) void slow.take(message)
  }
  return { clock, seen, slow, say }
}

describe('a session that may send ten messages a second, and twenty at once', () => {
  it('is not slowed down while it keeps to that', () => {
    const { clock, seen, say } = throttle(10, 20)
    say(20)
    for (let i = 0; i < 100; i++) {
      clock.pass(1000)
      say(10)
    }
    expect(seen).toEqual({ handled: 1020, throttled: 0, paused: 0 })
    expect(clock.alarms).toBe(0)
  })

  it('is not read from when it sends more, until the average is kept; nothing is lost', () => {
    const { clock, seen, say } = throttle(10, 20)
    say(21)
    expect(seen).toEqual({ handled: 21, throttled: 1, paused: 1 })
    clock.pass(99)
    expect(seen.paused).toBe(1)
    clock.pass(1)
    expect(seen.paused).toBe(0)
    expect(clock.alarms).toBe(0)
  })

  it('makes up for what had been read already', () => {
    const { clock, seen, say } = throttle(10, 20)
    say(120)
    expect(seen).toEqual({ handled: 120, throttled: 1, paused: 1 })
    clock.pass(9_990)
    expect(seen.paused).toBe(1)
    clock.pass(20)
    expect(seen.paused).toBe(0)
    say(2)
    expect(seen).toEqual({ handled: 122, throttled: 2, paused: 1 })
  })

  it('is not waited for when it is over', () => {
    const { clock, slow, say } = throttle(10, 20)
    say(100)
    slow.stop()
    expect(clock.alarms).toBe(0)
  })
})
