// Its tests: no network, no port, no waiting. In a project of yours: npx vitest
import { afterEach, expect, vi } from 'vitest'
import { test as withRouter } from 'wampkit/testing/vitest'
import { QuoteService } from './quotes.js'

const test = withRouter.extend<{ quotes: QuoteService }>({
  quotes: async ({ serve, faults }, use) => {
    const bank = vi.fn(() => new Promise(() => {})).mockResolvedValueOnce(2) // answers once
    await serve({ 'com.shop.price': () => 100, 'com.bank.rate': bank })
    await use(await serve(QuoteService, { router: faults, reconnect: { initialDelay: 300, jitter: 0 } }))
  },
})
afterEach(() => void vi.useRealTimers())

test('a quote is the price in a currency', async ({ quotes, client, record }) => {
  const said = record(quotes)
  expect(await client.call('com.shop.quote', ['tea', 'CHF'])).toBe('200 CHF')
  expect(said.lines.at(-1)).toBe('QuoteService → router  YIELD com.shop.quote ["200 CHF"]')
})

test('it goes by the last rate while the bank is silent', async ({ quotes, client }) => {
  vi.useFakeTimers()
  await client.call('com.shop.quote', ['tea', 'CHF'])
  const quote = client.call('com.shop.quote', ['tea', 'CHF'])
  await vi.advanceTimersByTimeAsync(2_000)
  expect([await quote, quotes.state]).toEqual(['200 CHF', 'joined'])
})

test('it survives a router that goes away in the middle of a call', async ({ quotes, client, faults }) => {
  vi.useFakeTimers()
  faults.disconnectAfter('INVOCATION')
  await expect(client.call('com.shop.quote', ['tea', 'CHF'])).rejects.toThrow(
    'the callee of com.shop.quote left',
  )
  await vi.advanceTimersByTimeAsync(300)
  expect(quotes.state).toBe('joined')
  expect(await client.call('com.shop.quote', ['tea', 'CHF'])).toBe('200 CHF')
})
