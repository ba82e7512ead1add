import { anonymous } from '../authentication/anonymous.js'
import type { RouterAuthentication } from '../authentication/authentication-method.js'
import { principalsByProcedure } from '../authentication/by-procedure.js'
import { checkCookie } from '../authentication/cookie.js'
import { checkCryptosign } from '../authentication/cryptosign.js'
import { checkScram } from '../authentication/scram.js'
import { checkTickets } from '../authentication/ticket.js'
import { checkTls } from '../authentication/tls.js'
import { checkWampcra } from '../authentication/wampcra.js'
import { UsageError } from '../errors.js'
import type { AuthConfiguration } from './schema.js'
import type { Findings } from './secrets.js'

/** Calls a procedure of the realm, which is made later than the ways into it. */
export type CallLater = (procedure: string, args: readonly unknown[]) => Promise<unknown>

/**
 * The router's half of a method, as a configuration has it.
 *
 * @throws ConfigurationError if a secret is not where it should be; UsageError if a principal cannot be used.
 */
export function wayIn(
  auth: AuthConfiguration,
  where: string,
  find: Findings,
  call: CallLater,
): RouterAuthentication {
  if (auth.method === 'anonymous') {
    const { role: authrole, localOnly } = auth
    return anonymous({
      ...(authrole === undefined ? {} : { authrole }),
      ...(localOnly === undefined ? {} : { localOnly }),
    })
  }
  if (auth.method === 'tls')
    return checkTls(
      Object.entries(auth.principals).map(([authid, { role: authrole, ...certificate }]) => ({
        authid,
        authrole,
        ...given(certificate),
      })),
    )
  const { procedure, principals } = auth
  if ((procedure === undefined) === (principals === undefined))
    throw new UsageError(`${where}: needs principals or a procedure, and not both`)
  // What it answers is checked by the method.
  // biome-ignore lint/suspicious/noExplicitAny: each method checks for itself what the procedure answers
  const dynamic = procedure === undefined ? undefined : principalsByProcedure<any, any>(call, procedure)
  switch (auth.method) {
    case 'cookie':
      return checkCookie({
        name: auth.name,
        principals:
          dynamic ?? mapped(auth.principals, where, ({ authid, role: authrole }) => ({ authid, authrole })),
      })
    case 'ticket':
      return checkTickets(
        dynamic ??
          mapped(auth.principals, where, ({ ticket, role: authrole }, at) => ({
            ticket: find.secret(ticket, `${at}.ticket`),
            authrole,
          })),
      )
    case 'wampcra':
      return checkWampcra(
        dynamic ??
          mapped(auth.principals, where, ({ role: authrole, ...stored }, at) =>
            'secret' in stored
              ? { authrole, secret: find.secret(stored.secret, `${at}.secret`) }
              : { authrole, ...given(stored), salt: stored.salt, key: find.secret(stored.key, `${at}.key`) },
          ),
      )
    case 'wamp-scram': {
      const { names } = auth
      const renamed =
        names === 'autobahn' ? ({ argon2id13: 'argon2id-13', pbkdf2: 'pbkdf2' } as const) : undefined
      return checkScram(
        dynamic ??
          mapped(
            auth.principals,
            where,
            ({ role: authrole, storedKey, serverKey, kdf, memory, ...stored }, at) => ({
              authrole,
              ...stored,
              ...given({ memory }),
              kdf: renamed?.[kdf] ?? kdf,
              storedKey: find.secret(storedKey, `${at}.storedKey`),
              serverKey: find.secret(serverKey, `${at}.serverKey`),
            }),
          ),
        names === undefined ? {} : { names },
      )
    }
    case 'cryptosign': {
      const { privateKey } = auth
      return checkCryptosign(
        dynamic ?? mapped(auth.principals, where, ({ role: authrole, pubkeys }) => ({ authrole, pubkeys })),
        privateKey === undefined ? {} : { privateKey: find.secret(privateKey, `${where}.privateKey`) },
      )
    }
  }
}

function mapped<From, To>(
  principals: Readonly<Record<string, From>> | undefined,
  where: string,
  map: (principal: From, at: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(principals ?? {}).map(([authid, principal]) => [
      authid,
      map(principal, `${where}.principals.${authid}`),
    ]),
  )
}

/** A dictionary less what is undefined in it. */
export function given<T extends object>(options: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
