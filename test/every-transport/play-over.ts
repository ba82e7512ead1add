import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { makeCertificate } from '../transports/certificates.js'
import { casesOver } from './cases.js'
import { formatNamed } from './formats.js'
import { hasIpv6 } from './ipv6.js'
import { type Ground, openPlace, type Place, serializerFor } from './places.js'
import { Stage } from './stage.js'
import { FORMATS, type TransportRow } from './table.js'

const authority = makeCertificate({ name: 'authority' })
const { cert, key } = makeCertificate({ name: 'router', hosts: ['127.0.0.1'], issuer: authority })
const folder = mkdtempSync(join(tmpdir(), 'wampkit-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ground: Ground = { cert, key, ca: authority.cert, folder }

/** Plays all cases over these transports, in every format. */
export function playOver(rows: readonly TransportRow[]): void {
  // For those that trust from the start of their process, the tests of runtimes start one.
  for (const row of rows.filter(({ trustsFromStart }) => trustsFromStart !== true)) describePlace(row)
}

function describePlace(row: TransportRow): void {
  describe.skipIf(row.id.endsWith('ipv6') && !hasIpv6)(`over ${row.name}`, () => {
    const open = () => openPlace[row.id](ground)
    let place: Place
    beforeAll(async () => {
      place = await open()
    })
    afterAll(() => place[Symbol.asyncDispose]())

    describe.each(FORMATS)('in %s', (format) => {
      let stage: Stage
      beforeAll(async () => {
        const serializer = serializerFor(row.id, formatNamed(format))
        stage = await Stage.set({ place, openPlace: open, serializer })
      })
      afterAll(() => stage[Symbol.asyncDispose]())

      it.each(casesOver(row.id))('$name', ({ play }) => stage.play(play))
    })
  })
}
