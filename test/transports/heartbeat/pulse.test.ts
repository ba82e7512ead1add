import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { Pulse } from '../../../src/transports/heartbeat/pulse.js'

it('a pulse counts the heartbeats in which nothing came and nothing was taken', () => {
  const pulse = new Pulse()
  const feel = (bytesRead: number, writableLength: number) =>
    pulse.feel({ bytesRead, writableLength } as Socket)
  expect(feel(100, 0)).toBe(0)
  expect(feel(100, 0)).toBe(1)
  expect(feel(100, 0)).toBe(2)
  expect(feel(101, 0)).toBe(0)
  expect(feel(101, 50)).toBe(1)
  expect(feel(101, 90)).toBe(2)
  expect(feel(101, 80)).toBe(0)
  expect(feel(101, 80)).toBe(1)
})
