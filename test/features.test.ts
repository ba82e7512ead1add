import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withTable } from '../scripts/feature-table.js'
import { helloDetails } from '../src/peers/client/login.js'
import { FEATURES } from '../src/roles/feature-table.js'
import type { Role } from '../src/sessions/features.js'
import { RawClient, routerWithRealm } from './spec/raw-client.js'

const README = readFileSync(join(resolve(import.meta.dirname, '..'), 'README.md'), 'utf8')

type Announced = Record<string, { features?: Record<string, boolean> }>

/** The features of each role by the table of the code. */
function byTable(...roles: Role[]): Announced {
  return Object.fromEntries(
    roles.map((role) => {
      const features = Object.entries(FEATURES).filter(([, having]) =>
        (having as readonly Role[]).includes(role),
      )
      return [role, { features: Object.fromEntries(features.map(([feature]) => [feature, true])) }]
    }),
  )
}

describe('the table of features (features.md)', () => {
  it('stands in the README as the code has it: npx tsx scripts/feature-table.ts', () => {
    expect(README).toContain('<!-- features -->')
    expect(withTable(README)).toBe(README)
  })

  it('is what a client announces in HELLO, no more and no less', () => {
    const { roles } = helloDetails({})
    expect(roles).toEqual(byTable('caller', 'callee', 'publisher', 'subscriber'))
  })

  it('is what a router announces in WELCOME, no more and no less', () => {
    expect(RawClient.join(routerWithRealm()).welcome.roles).toEqual(byTable('broker', 'dealer'))
  })
})
