import { ApplicationError } from '../../../errors.js'
import type { Dealer } from '../../../roles/dealer/dealer.js'
import type { RegisteredProcedure, RegistrationObserver } from '../../../roles/dealer/registry.js'
import { ERROR, isReserved, META } from '../../../uris.js'
import { idArgument, matchArgument, sessionArgument, textArgument, wordsArgument } from './arguments.js'
import { idsByMatch } from './ids-by-match.js'
import type { MetaCall, MetaSession } from './meta-session.js'
import type { ExpectPowers } from './sessions.js'

/** Registration Meta API: procedures. Spec: rfc/text/advanced/meta_api_registrations.md. */
export function registerRegistrationProcedures(
  meta: MetaSession,
  dealer: Dealer,
  expectPowers: ExpectPowers,
): void {
  const { registry } = dealer
  const uris = META.registration
  const get = (call: MetaCall) => {
    const id = idArgument(call)
    const registered = known(registry.get(id))
    if (registered !== undefined) return registered
    throw new ApplicationError(ERROR.noSuchRegistration, [`there is no registration ${id}`])
  }
  meta.register(uris.list, () => idsByMatch(dealer.registrations()))
  meta.register(
    uris.lookup,
    (call) => known(registry.find(matchArgument(call), textArgument(call)))?.id ?? null,
  )
  meta.register(uris.match, (call) => known(registry.best(textArgument(call)))?.id ?? null)
  meta.register(uris.get, (call) => detailsOf(get(call)))
  meta.register(uris.listCallees, (call) => get(call).callees.map(({ session }) => session.id))
  meta.register(uris.countCallees, (call) => get(call).callees.length)
  meta.register(uris.removeCallee, (call) => {
    expectPowers(call)
    return dealer.revoke(get(call).id, sessionArgument(call), wordsArgument(call))
  })
}

/** Registration Meta API: events. */
export function registrationEvents(meta: () => MetaSession): RegistrationObserver {
  const uris = META.registration
  return {
    created: ({ id }, registered) => meta().publish(uris.onCreate, [id, detailsOf(registered)]),
    registered: ({ id }, registered) => meta().publish(uris.onRegister, [id, registered.id]),
    unregistered: ({ id }, registered) => meta().publish(uris.onUnregister, [id, registered.id]),
    deleted: ({ id }, registered) => meta().publish(uris.onDelete, [id, registered.id]),
  }
}

/** What the router has registered itself is not told of. */
function known(registered: RegisteredProcedure | undefined): RegisteredProcedure | undefined {
  return registered === undefined || isReserved(registered.procedure) ? undefined : registered
}

function detailsOf({ id, created, procedure, match, policy }: RegisteredProcedure): Record<string, unknown> {
  return { id, created: created.toISOString(), uri: procedure, match, invoke: policy }
}
