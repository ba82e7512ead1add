import { ERROR } from '../uris.js'
import type { RouterAuthentication } from './authentication-method.js'

export interface AnonymousOptions {
  /** The authrole that anonymous sessions get; `anonymous` by default. */
  authrole?: string
  /** Lets in only clients on this machine: the same process, or the loopback interface. */
  localOnly?: boolean
}

/** Lets clients in without asking who they are. Spec: rfc/text/advanced/authentication.md, "anonymous". */
export function anonymous({
  authrole = 'anonymous',
  localOnly = false,
}: AnonymousOptions = {}): RouterAuthentication {
  return {
    method: 'anonymous',
    begin({ local }) {
      if (localOnly && !local)
        return {
          outcome: 'refusal',
          reason: ERROR.authenticationRequired,
          message: 'anonymous clients are let in only from the machine that the router runs on',
        }
      const authid = `anonymous-${crypto.randomUUID()}`
      return { outcome: 'welcome', principal: { authid, authrole } }
    },
  }
}
