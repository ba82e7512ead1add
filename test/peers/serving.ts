import { joinedClient } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'

/** A client whose procedure is registered at a scripted router, as registration 1. */
export async function serving(handler: (...args: never[]) => unknown) {
  const joined = await joinedClient()
  const registering = joined.client.register(PROCEDURE, handler)
  await joined.router.registers(1)
  return { ...joined, registration: await registering }
}
