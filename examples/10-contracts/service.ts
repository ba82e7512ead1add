// A service that keeps to the contract: a method that does not fit is an error of compilation.
import { Client, callee } from 'wampkit'
import { type Report, report, warmest, weather } from './contract.js'

const PLACES = ['bern', 'oslo', 'rome']

export class WeatherService extends Client {
  readonly #reports = new Map<string, Report>()

  @callee(report)
  async report({ place, celsius }: Report) {
    if (!PLACES.includes(place)) throw report.error('com.example.weather.unknown_place', [place])
    this.#reports.set(place, { place, celsius })
    await this.publish(weather, [{ place, celsius }])
    return this.#reports.size
  }

  @callee(warmest)
  *warmest(most: number) {
    const reports = [...this.#reports.values()].sort((a, b) => b.celsius - a.celsius)
    yield* reports.slice(0, most)
  }
}
