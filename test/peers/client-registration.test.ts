import { describe, expect, it } from 'vitest'
import { ApplicationError, Client, SessionClosedError, UsageError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Unregistered } from '../../src/messages/rpc.js'
import { ERROR } from '../../src/uris.js'
import { wire } from '../spec/fake-transport.js'
import { joinedClient, stop } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'
import { Pair } from './pair.js'
import { serving } from './serving.js'

describe('registering a procedure', () => {
  it('client says REGISTER with its options, and leaves out what is the default', async () => {
    const { client, router } = await joinedClient()
    const handler = () => {}
    client.register(PROCEDURE, handler)
    expect(wire(await router.registers(1))).toEqual([Code.REGISTER, 1, {}, PROCEDURE])
    client.register('com.', handler, {
      match: 'prefix',
      invoke: 'last',
      discloseCaller: true,
      extra: { _x: 1 },
    })
    const options = { match: 'prefix', invoke: 'last', disclose_caller: true, _x: 1 }
    expect(wire(await router.registers(2))).toEqual([Code.REGISTER, 2, options, 'com.'])
  })

  it('resolves to a registration with the router’s id', async () => {
    const { registration } = await serving(() => {})
    expect(registration).toMatchObject({ id: 1, procedure: PROCEDURE, options: {} })
  })

  it('rejects if the router refuses', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, () => 'first')
    await expect(pair.caller.register(PROCEDURE, () => 'second')).rejects.toMatchObject({
      uri: ERROR.procedureAlreadyExists,
    })
    expect(pair.caller.registrations).toEqual([])
    expect(await pair.caller.call(PROCEDURE)).toBe('first')
  })

  it.each([
    ['com..p', () => {}, {}],
    ['com. .p', () => {}, { match: 'wildcard' as const }],
    [PROCEDURE, 'no function' as unknown as () => void, {}],
  ])('is refused where it is made if it cannot work: %j', async (procedure, handler, options) => {
    const { client, router } = await joinedClient()
    await expect(client.register(procedure, handler, options)).rejects.toThrow(UsageError)
    await router.hearsNothing()
  })

  it('without a session is refused', async () => {
    const client = new Client({ realm: 'realm1', url: 'ws://127.0.0.1:1' })
    await expect(client.register(PROCEDURE, () => {})).rejects.toThrow(SessionClosedError)
  })

  it('an INVOCATION right behind REGISTERED is served', async () => {
    const { client, router } = await joinedClient()
    client.register(PROCEDURE, () => 'ready')
    await router.registers(1)
    router.invoke(1)
    expect((await router.hears(Code.YIELD)).payload.args).toEqual(['ready'])
  })

  it('client answers an INVOCATION of a registration that it does not know with ERROR', async () => {
    const { router, client } = await joinedClient()
    const invocation = router.invoke(4711)
    const error = await router.hears(Code.ERROR)
    expect(wire(error).slice(0, 5)).toEqual([
      Code.ERROR,
      Code.INVOCATION,
      invocation,
      {},
      ERROR.noSuchRegistration,
    ])
    expect(client.session).toBeDefined()
  })

  it('unregister() takes it back; invocations that cross UNREGISTER are served', async () => {
    const { router, registration } = await serving(() => 'still here')
    const unregistered = registration.unregister()
    const { requestId, registrationId } = await router.hears(Code.UNREGISTER)
    expect(registrationId).toBe(1)
    router.invoke(1)
    expect((await router.hears(Code.YIELD)).payload.args).toEqual(['still here'])
    router.say(new Unregistered(requestId))
    await unregistered
    expect(registration.id).toBeUndefined()
    router.invoke(1)
    expect((await router.hears(Code.ERROR)).error).toBe(ERROR.noSuchRegistration)
    await registration.unregister()
    await router.hearsNothing()
  })

  it('unregister() rejects if the router refuses', async () => {
    const { router, registration } = await serving(() => {})
    const unregistered = registration.unregister()
    const { requestId } = await router.hears(Code.UNREGISTER)
    router.fails(Code.UNREGISTER, requestId, ERROR.notAuthorized)
    await expect(unregistered).rejects.toThrow(ApplicationError)
  })

  it('unregister() is done when the session ends before the router has answered', async () => {
    const joined = await serving(() => {})
    const unregistered = joined.registration.unregister()
    await joined.router.hears(Code.UNREGISTER)
    await stop(joined)
    await unregistered
    await joined.registration.unregister()
  })

  it('await using takes it back', async () => {
    await using pair = await Pair.join()
    {
      await using _registration = await pair.callee.register(PROCEDURE, () => 'here')
      expect(await pair.caller.call(PROCEDURE)).toBe('here')
    }
    await expect(pair.caller.call(PROCEDURE)).rejects.toMatchObject({ uri: ERROR.noSuchProcedure })
  })
})
