import { describe, expect, it } from 'vitest'
import { Heartbeats } from '../../../src/transports/heartbeat/heartbeats.js'
import { TestClock } from '../test-clock.js'

class Heart {
  beats: number[] = []
  constructor(private readonly clock: TestClock) {}
  beat(): void {
    this.beats.push(this.clock.now())
  }
}

describe('heartbeats', () => {
  it('come once a period for each, spread over it', () => {
    const clock = new TestClock()
    const heartbeats = new Heartbeats(clock, 1600)
    const hearts = Array.from({ length: 32 }, () => new Heart(clock))
    for (const heart of hearts) heartbeats.add(heart)
    clock.pass(3200)
    for (const { beats } of hearts) {
      expect(beats.length).toBe(2)
      expect((beats[1] as number) - (beats[0] as number)).toBe(1600)
    }
    expect(new Set(hearts.map(({ beats }) => beats[0])).size).toBe(16)
    expect([...heartbeats].length).toBe(32)
  })

  it('stop for what is gone, and altogether when nothing is left', () => {
    const clock = new TestClock()
    const heartbeats = new Heartbeats(clock, 1600)
    const [one, other] = [new Heart(clock), new Heart(clock)]
    heartbeats.add(one)
    heartbeats.add(other)
    heartbeats.delete(one)
    heartbeats.delete(one)
    clock.pass(1600)
    expect(one.beats).toEqual([])
    expect(other.beats.length).toBe(1)
    expect(heartbeats.size).toBe(1)
    heartbeats.delete(other)
    expect(clock.alarms).toBe(0)
    heartbeats.add(one)
    expect(clock.alarms).toBe(1)
  })

  it('may end what they beat for', () => {
    const clock = new TestClock()
    const heartbeats = new Heartbeats(clock, 1600)
    const heart = { beat: () => heartbeats.delete(heart) }
    heartbeats.add(heart)
    clock.pass(1600)
    expect(heartbeats.size).toBe(0)
    expect(clock.alarms).toBe(0)
  })

  it('need no timer where the period is 0', () => {
    const clock = new TestClock()
    new Heartbeats(clock, 0).add(new Heart(clock))
    expect(clock.alarms).toBe(0)
  })
})
