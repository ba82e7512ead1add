import { describe, expect, it } from 'vitest'
import { Served } from '../served.js'
import { wampkit } from '../test-terminal.js'

describe('wampkit publish', () => {
  it('publishes arguments and keywords, and says that the router has accepted them', async () => {
    await using served = await Served.open()
    const events = await served.client.subscribe('com.example.weather')
    const args = ['com.example.weather', '-3', 'snow', '--kw', 'city=Oslo', 'wind=5']
    const { code, printed, told } = await wampkit(['publish', ...args, '--url', served.url])
    const { value } = await events.next()
    expect({ args: value?.args, kwargs: value?.kwargs }).toEqual({
      args: [-3, 'snow'],
      kwargs: { city: 'Oslo', wind: 5 },
    })
    expect({ code, told }).toEqual({ code: 0, told: [] })
    expect(printed).toEqual([`published to com.example.weather, publication ${value?.publicationId}`])
  })

  it('prints the publication as JSON, null if it is not acknowledged', async () => {
    await using served = await Served.open()
    const events = await served.client.subscribe('com.example.weather')
    const publish = ['publish', 'com.example.weather', '--json', '--url', served.url]
    const { printed } = await wampkit(publish)
    const { value } = await events.next()
    expect(printed).toEqual([`{"topic":"com.example.weather","publication":${value?.publicationId}}`])
    const unacknowledged = await wampkit([...publish, '--no-acknowledge'])
    expect(unacknowledged.printed).toEqual(['{"topic":"com.example.weather","publication":null}'])
    expect((await events.next()).done).toBe(false)
  })

  it('says so when the router refuses', async () => {
    await using served = await Served.open()
    const { code, told } = await wampkit(['publish', 'wamp.nope', '--url', served.url])
    expect(code).toBe(1)
    expect(told).toEqual([
      'wampkit: wamp.error.invalid_uri: wamp.nope cannot be published to: the protocol keeps wamp.* for itself',
    ])
  })
})
