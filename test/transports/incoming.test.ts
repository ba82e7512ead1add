import { describe, expect, it } from 'vitest'
import { ProtocolError, TransportError, UsageError } from '../../src/errors.js'
import { json } from '../../src/serializers/json/json.js'
import { Incoming } from '../../src/transports/incoming.js'
import { Recorder, turns } from './recorder.js'

const CALL = '[48,1,{},"com.example.f"]'

describe('incoming messages', () => {
  it('wait for a receiver, with all else that happened, in order', async () => {
    const incoming = new Incoming()
    const recorder = new Recorder()
    incoming.decode(json(), CALL)
    incoming.decode(json(), '[]')
    incoming.decode(json(), CALL)
    const error = new TransportError('lost')
    incoming.closed(error)
    incoming.start(recorder)
    expect(incoming.started).toBe(true)
    expect(recorder.order).toEqual([])
    expect(await recorder.closing()).toBe(error)
    expect(recorder.order).toEqual(['message', 'rejection', 'message', 'closing'])
  })

  it('have one receiver', () => {
    const incoming = new Incoming()
    incoming.start(new Recorder())
    expect(() => incoming.start(new Recorder())).toThrow(UsageError)
  })

  it('end with closed, said once', async () => {
    const incoming = new Incoming()
    const recorder = new Recorder()
    incoming.start(recorder)
    await turns()
    incoming.closed()
    incoming.closed(new TransportError('lost'))
    incoming.decode(json(), CALL)
    incoming.reject(new ProtocolError('late'))
    expect(recorder.order).toEqual(['closing'])
    expect(recorder.closings).toEqual([undefined])
  })

  it('are dropped once this end has stopped', async () => {
    const incoming = new Incoming()
    const recorder = new Recorder()
    incoming.decode(json(), CALL)
    incoming.start(recorder)
    incoming.stop()
    incoming.decode(json(), CALL)
    await turns()
    incoming.decode(json(), CALL)
    incoming.reject(new ProtocolError('late'))
    expect(recorder.order).toEqual([])
    incoming.closed()
    expect(recorder.order).toEqual(['closing'])
  })

  it('are rejected when a serializer fails in a way of its own', async () => {
    const incoming = new Incoming()
    const recorder = new Recorder()
    incoming.start(recorder)
    const cause = new RangeError('out of something')
    const broken = {
      ...json(),
      name: 'json' as const,
      binary: false,
      encode: () => '',
      decode() {
        throw cause
      },
    }
    incoming.decode(broken, CALL)
    const error = await recorder.rejection()
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.cause).toBe(cause)
  })
})
