import { expect, it } from 'vitest'
import { currentInvocation, type RegisterOptions } from '../../src/index.js'
import { overEach } from './over-each.js'

const PROCEDURE = 'com.example.whoami'
const whoCalls = () => currentInvocation().caller ?? null

overEach('Caller Identification (rpc_caller_identification.md)', (open) => {
  it.each([
    ['nobody asks', undefined, undefined, false],
    ['the caller asks', true, undefined, true],
    ['the callee asks', undefined, true, true],
    ['both ask', true, true, true],
    ['the callee asks and the caller objects', false, true, false],
    ['the caller objects', false, undefined, false],
  ])('who calls is told, or not, when %s', async (_, discloseMe, discloseCaller, told) => {
    await using place = await open()
    const callee = await place.join()
    const caller = await place.joinAs('ada:engineer')
    await callee.register(PROCEDURE, whoCalls, discloseCaller === undefined ? {} : { discloseCaller })
    const options = discloseMe === undefined ? {} : { discloseMe }
    expect(await caller.call(PROCEDURE, [], {}, options)).toEqual(
      told ? { session: caller.session?.id, authid: 'ada', authrole: 'engineer' } : null,
    )
  })

  it('details have the keys of the spec', async () => {
    await using place = await open()
    const callee = await place.join()
    const caller = await place.joinAs('ada:engineer')
    await callee.register(PROCEDURE, () => currentInvocation().details)
    expect(await caller.call(PROCEDURE, [], {}, { discloseMe: true })).toEqual({
      caller: caller.session?.id,
      caller_authid: 'ada',
      caller_authrole: 'engineer',
    })
  })

  it('each call tells its own caller, also through a pattern', async () => {
    await using place = await open()
    const callee = await place.join()
    const callers = [await place.joinAs('ada:engineer'), await place.joinAs('bob:guest')]
    const options: RegisterOptions = { match: 'prefix', discloseCaller: true }
    await callee.register('com.example.', () => currentInvocation().caller?.authid, options)
    const told = await Promise.all([...callers, ...callers].map((caller) => caller.call(PROCEDURE)))
    expect(told).toEqual(['ada', 'bob', 'ada', 'bob'])
  })

  it('each callee of a shared procedure is told as it has asked', async () => {
    await using place = await open()
    const [curious, other] = await place.joinAll('', '')
    const caller = await place.joinAs('ada:engineer')
    await curious.register(PROCEDURE, whoCalls, { invoke: 'roundrobin', discloseCaller: true })
    await other.register(PROCEDURE, whoCalls, { invoke: 'roundrobin' })
    expect(await caller.call(PROCEDURE)).toMatchObject({ authid: 'ada' })
    expect(await caller.call(PROCEDURE)).toBe(null)
  })

  it('a caller cannot say that it is somebody else', async () => {
    await using place = await open()
    const callee = await place.join()
    const caller = await place.joinAs('ada:engineer')
    await callee.register(PROCEDURE, () => currentInvocation().details)
    const extra = { caller: 1, caller_authid: 'root', caller_authrole: 'admin' }
    expect(await caller.call(PROCEDURE, [], {}, { extra })).toEqual({})
    expect(await caller.call(PROCEDURE, [], {}, { extra, discloseMe: true })).toMatchObject({
      caller_authid: 'ada',
    })
  })
})
