// Events: two handlers of one class, one of them for everything below a prefix.
//   npx wampkit run examples/03-subscriber-service.ts
//   npx wampkit publish com.example.weather.zurich '{"celsius": 21}'
//   npx wampkit call com.example.weather.latest
import { Client, callee, currentEvent, subscriber } from 'wampkit'

interface Weather {
  celsius: number
}

export class WeatherService extends Client {
  readonly #latest: Record<string, Weather> = {}

  @subscriber('com.example.weather.', { match: 'prefix' })
  onWeather(report: Weather) {
    const place = currentEvent().topic.replace('com.example.weather.', '')
    this.#latest[place] = report
  }

  @subscriber('com.example.forget')
  onForget(place: string) {
    delete this.#latest[place]
  }

  @callee('com.example.weather.latest')
  latest() {
    return this.#latest
  }
}
