import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Broker } from '../src/roles/broker/broker.js'
import { Callee } from '../src/roles/callee.js'
import { Caller } from '../src/roles/caller.js'
import { Dealer } from '../src/roles/dealer/dealer.js'
import { Publisher } from '../src/roles/publisher.js'
import { Subscriber } from '../src/roles/subscriber.js'

const README = readFileSync(join(resolve(import.meta.dirname, '..'), 'README.md'), 'utf8')

/** The rows of the table of features: the name of the feature, and what each column says. */
const rows = [...README.matchAll(/^\| `(\w+)`[^|]*\|(.*)\|$/gm)].map(([, feature = '', cells = '']) => ({
  feature,
  cells: cells.split('|').map((cell) => cell.trim()),
}))

const announced = (column: number) =>
  rows
    .filter(({ cells }) => cells[column] === 'yes')
    .map(({ feature }) => feature)
    .sort()

describe("the README's table of features says what is announced, no more and no less (features.md)", () => {
  it.each([
    ['caller', 0, Caller.features],
    ['callee', 1, Callee.features],
    ['publisher', 2, Publisher.features],
    ['subscriber', 3, Subscriber.features],
    ['router', 4, [...Broker.features, ...Dealer.features]],
  ] as const)('%s', (_, column, features) => {
    expect(announced(column)).toEqual([...new Set<string>(features)].sort())
  })
})
