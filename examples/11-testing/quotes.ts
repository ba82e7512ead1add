// What is tested: a service that asks another one, which may be slow or gone. It has no tests' business in it.
import { Client, callee, WampError } from 'wampkit'

export class QuoteService extends Client {
  readonly #latest = new Map<string, number>()

  @callee('com.shop.quote')
  async quote(item: string, currency: string) {
    const price = await this.call<number>('com.shop.price', [item])
    return `${Math.round(price * (await this.#rate(currency)))} ${currency}`
  }

  /** The rate of today, or, if the bank does not answer, the one that was heard last. */
  async #rate(currency: string): Promise<number> {
    try {
      const rate = await this.call<number>('com.bank.rate', [currency], {}, { timeout: 2_000 })
      this.#latest.set(currency, rate)
      return rate
    } catch (error) {
      const rate = this.#latest.get(currency)
      if (error instanceof WampError && rate !== undefined) return rate
      throw error
    }
  }
}
