import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../src/errors.js'
import { fromWire } from '../../src/messages/wire.js'
import { serializationSamples, unless, validationSamples, vectorsAreThere } from '../vectors.js'
import { messagePicture } from './picture.js'
import { formats } from './six.js'

/** The conformance vectors of wamp-proto: each sample, each format, both serializers of it, both ways. */
describe.skipIf(!vectorsAreThere)(`conformance vectors${unless}`, () => {
  test('there are samples of every message', () => {
    expect(new Set(serializationSamples.map(({ message }) => message.code)).size).toBe(25)
    expect(validationSamples.length).toBeGreaterThan(60)
  })

  describe.each(formats)('$name', ({ name, client, relay }) => {
    describe.each([
      ['client', client()],
      ['relay', relay()],
    ] as const)('%s', (_, serializer) => {
      test.each(serializationSamples)('reads every spelling of $title', ({ octets, message }) => {
        expect(octets[name].length).toBeGreaterThan(0)
        for (const variant of octets[name])
          expect(messagePicture(serializer.decode(Buffer.from(variant)))).toBe(messagePicture(message))
      })

      test.each(serializationSamples)('writes one of the spellings of $title', ({ octets, message }) => {
        const written = Buffer.from(serializer.encode(message) as string).toString('hex')
        expect(octets[name].map((variant) => variant.toString('hex'))).toContain(written)
      })

      test.each(serializationSamples)('passes $title on as one of its spellings', ({ octets }) => {
        for (const variant of octets[name]) {
          const message = serializer.decode(Buffer.from(variant))
          const again = serializer.decode(Buffer.from(serializer.encode(message) as string))
          expect(messagePicture(again)).toBe(messagePicture(message))
        }
      })
    })
  })

  describe.each([
    ['as a list', (list: unknown[]) => fromWire(structuredClone(list))],
    ...formats.flatMap(({ name, client, relay, write }) => [
      [`as ${name}, by the client`, (list: unknown[]) => client().decode(write(list))] as const,
      [`as ${name}, by the relay`, (list: unknown[]) => relay().decode(write(list))] as const,
    ]),
  ] as const)('%s', (_, decode) => {
    test.each(validationSamples.filter(({ refused }) => refused === undefined))(
      'accepts $title',
      ({ list }) => {
        expect(decode(list).code).toBe(list[0])
      },
    )

    test.each(validationSamples.filter(({ refused }) => refused !== undefined))(
      'refuses $title, naming "$refused"',
      ({ list, refused }) => {
        const attempt = () => decode(list)
        expect(attempt).toThrow(ProtocolError)
        expect(attempt).toThrow(refused as string)
      },
    )
  })
})
