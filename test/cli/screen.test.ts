import { describe, expect, it } from 'vitest'
import { type Offer, offerSections, screen, tryOffer } from '../../src/cli/screen.js'
import type { RegisterOptions } from '../../src/roles/registration.js'
import { TestTerminal } from './test-terminal.js'

const here = { url: 'ws://127.0.0.1:8080', realm: 'realm1' }

function procedure(uri: string, arity = 0, options: RegisterOptions = {}): Offer {
  return { role: { role: 'callee', method: 'm', procedure: uri, options }, owner: 'DateService', arity }
}

function topic(uri: string, options: { match?: 'prefix' | 'wildcard' } = {}): Offer {
  return { role: { role: 'subscriber', method: 'm', topic: uri, options }, owner: 'WeatherService', arity: 1 }
}

describe('the first screen', () => {
  it('lists what there is in columns, and ends with a command to try', () => {
    const offers = [
      procedure('getTodaysDate'),
      procedure('com.example.add', 2, { invoke: 'roundrobin' }),
      topic('com.example.weather', { match: 'prefix' }),
    ]
    const sections = [{ label: 'realm', rows: [['realm1']] }, ...offerSections(offers)]
    expect(screen('wampkit router on ws://127.0.0.1:8080', sections, 'npx wampkit call getTodaysDate')).toBe(`
  wampkit router on ws://127.0.0.1:8080
  realm      realm1
  procedures getTodaysDate                 DateService
             com.example.add (roundrobin)  DateService
  topics     com.example.weather (prefix)  WeatherService

  try: npx wampkit call getTodaysDate
`)
  })

  it('says where there is nothing', () => {
    expect(offerSections([])).toEqual([
      { label: 'procedures', rows: [['none declared']] },
      { label: 'topics', rows: [['none declared']] },
    ])
  })
})

describe('the command to try', () => {
  const next = (offers: Offer[], place = here, environment = {}) => {
    const terminal = new TestTerminal()
    Object.assign(terminal.environment, environment)
    return tryOffer(offers, place, terminal)
  }

  it('is a call that needs no argument, or else one with as many as it takes', () => {
    expect(next([procedure('add', 2), procedure('date')])).toBe('npx wampkit call date')
    expect(next([topic('news'), procedure('add', 2)])).toBe('npx wampkit call add 2 3')
  })

  it('completes patterns, and publishes where nothing can be called', () => {
    expect(next([procedure('com..x', 0, { match: 'wildcard' })])).toBe('npx wampkit call com.x.x')
    expect(next([topic('com.weather.', { match: 'prefix' })])).toBe('npx wampkit publish com.weather.x 2')
    expect(next([])).toBe('npx wampkit subscribe com.example.hello')
  })

  it('says where to go, unless a command goes there anyway', () => {
    const there = { url: 'ws://127.0.0.1:9000', realm: 'realm2' }
    const environment = { WAMPKIT_URL: there.url, WAMPKIT_REALM: there.realm }
    const flags = '--url ws://127.0.0.1:9000 --realm realm2'
    expect(next([procedure('date')], there)).toBe(`npx wampkit call date ${flags}`)
    expect(next([procedure('date')], there, environment)).toBe('npx wampkit call date')
    const usual = '--url ws://127.0.0.1:8080 --realm realm1'
    expect(next([procedure('date')], here, environment)).toBe(`npx wampkit call date ${usual}`)
  })

  it('can be given to a shell whatever the URI', () => {
    expect(next([procedure("it's;$x")])).toBe("npx wampkit call 'it'\\''s;$x'")
  })
})
