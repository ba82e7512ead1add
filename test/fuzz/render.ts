import type { SerializerName } from '../../src/serializers/serializer.js'
import { formatOf } from '../serializers/six.js'
import { type Attack, type Damage, type Input, PLAIN, type Tally, type Way, type Wrapping } from './attack.js'
import { frame, OPCODE, writeFrame } from './frames.js'
import { PLACEHOLDER } from './messages.js'
import { RAW_TYPE, rawFrame, writeRawFrame } from './raw-frames.js'
import { type Known, sendOf, writeRequest } from './requests.js'

/** What an attacker knows when it renders its inputs. */
export interface Knowledge extends Known {
  readonly tally: Tally
}

/** Octets for the wire. */
export function render(
  input: Input,
  { way, format }: Pick<Attack, 'way' | 'format'>,
  knows: Knowledge,
): Buffer {
  const { tally } = knows
  switch (input.kind) {
    case 'octets':
      return Buffer.from(input.octets)
    case 'http':
      return Buffer.from(input.text, 'latin1')
    case 'frame':
      return writeFrame(input.frame)
    case 'raw frame':
      return writeRawFrame(input.rawFrame)
    case 'raw flood':
      return Buffer.concat(Array.from({ length: input.times }, () => writeRawFrame(input.rawFrame)))
    case 'request':
      return writeRequest(input.request, knows)
    case 'flood':
      return Buffer.concat(Array.from({ length: input.times }, () => writeFrame(input.frame)))
    case 'message': {
      const elements = input.message.map((element) => tally.resolve(element))
      return wrap(
        way,
        input.damages.reduce(damaged, formatOf(format).write(elements)),
        format,
        input.wrapping,
        knows,
      )
    }
    case 'crafted':
      return wrap(way, Buffer.from(input.encoded[format]), format, PLAIN, knows)
    case 'deep':
      return wrap(way, nested(input, format, tally), format, PLAIN, knows)
  }
}

function wrap(way: Way, octets: Buffer, format: SerializerName, wrapping: Wrapping, known: Known): Buffer {
  if (way === 'websocket') return inFrames(octets, format, wrapping)
  if (way === 'rawsocket') return inRawFrames(octets, wrapping)
  return writeRequest(sendOf(octets, wrapping), known)
}

function inFrames(octets: Buffer, format: SerializerName, { cuts, between, isOtherType }: Wrapping): Buffer {
  const opcode = (format === 'json') === isOtherType ? OPCODE.binary : OPCODE.text
  const fragments = pieces(octets, cuts)
  const frames = fragments.flatMap((fragment, index) => {
    const written = writeFrame(
      frame(index === 0 ? opcode : OPCODE.continuation, fragment, index === fragments.length - 1),
    )
    return index === 0 || between === 'nothing'
      ? [written]
      : [writeFrame(frame(OPCODE[between], Buffer.from('?'))), written]
  })
  return Buffer.concat(frames)
}

/** A message cannot be cut; what would be another type is a PING. */
function inRawFrames(octets: Buffer, { between, isOtherType }: Wrapping): Buffer {
  const message = writeRawFrame(rawFrame(isOtherType ? RAW_TYPE.ping : RAW_TYPE.message, octets))
  if (between === 'nothing') return message
  return Buffer.concat([writeRawFrame(rawFrame(RAW_TYPE[between], Buffer.from('?'))), message])
}

function damaged(octets: Buffer, { change, at, octets: other }: Damage): Buffer {
  const index = Math.floor((at * octets.length) / 10_000)
  const before = octets.subarray(0, index)
  const after = octets.subarray(index)
  switch (change) {
    case 'cut':
      return before
    case 'prepend':
      return Buffer.concat([other, octets])
    case 'insert':
      return Buffer.concat([before, other, after])
    case 'overwrite':
      return Buffer.concat([before, other, after.subarray(other.length)])
    case 'repeat':
      return Buffer.concat([octets, after])
    case 'flip': {
      const [mask = 1] = other
      const flipped = Buffer.from(octets)
      if (index < flipped.length) flipped[index] = (flipped[index] as number) ^ mask
      return flipped
    }
  }
}

/** Cuts at these places, in 1/10,000 of the length. */
export function pieces(octets: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((at) => Math.floor((at * octets.length) / 10_000)).sort((a, b) => a - b)
  return [0, ...places].map((from, index) => octets.subarray(from, places[index] ?? octets.length))
}

const NEST: Readonly<Record<SerializerName, readonly [open: Buffer, close: Buffer]>> = {
  json: [Buffer.from('['), Buffer.from(']')],
  msgpack: [Buffer.from([0x91]), Buffer.from([0xc0])],
  cbor: [Buffer.from([0x81]), Buffer.from([0xf6])],
}

function nested(
  { depth, isCall, isEnded }: Input & { kind: 'deep' },
  format: SerializerName,
  tally: Tally,
): Buffer {
  const [open, close] = NEST[format]
  const lists = Buffer.concat([
    Buffer.alloc(depth, open),
    isEnded ? (format === 'json' ? Buffer.alloc(depth, close) : close) : Buffer.alloc(0),
  ])
  if (!isCall) return lists
  const call = formatOf(format).write([
    48,
    tally.resolve(PLACEHOLDER.nextRequest),
    {},
    'com.fuzz.echo',
    [null],
  ])
  const head = format === 'json' ? call.subarray(0, call.lastIndexOf('[')) : call.subarray(0, -2)
  return Buffer.concat([head, lists, Buffer.from(format === 'json' && isEnded ? ']' : '')])
}
