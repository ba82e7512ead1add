import { ProtocolError, UsageError } from '../../../errors.js'
import type { HistoryPage, StoredEvent } from '../../../event-store/event-store.js'
import type { Dict } from '../../../messages/dictionaries.js'
import { Payload } from '../../../messages/payload.js'
import type { KeepPayload } from '../stored-payloads.js'

/** Who asks for events, and for which. */
export interface Asked {
  /** The id of the subscription. */
  readonly subscription: number
  readonly isPattern: boolean
  /** The name of the serializer in which the answer will leave, where that is known. */
  readonly format: string | undefined
}

/**
 * Ours: in the details of an event whose arguments are not there, because the format of who asks cannot say them, or
 * nobody can read them.
 */
const LEFT_OUT: Dict = Object.freeze({ _payload_left_out: true })

const NOTHING = { args: [], kwargs: {} }

/**
 * What `get_events` answers: each event is a positional value of its own; `is_limit_reached` tells whether there are
 * more, as in nexus. It is encoded by then, so that one event which cannot be said makes no other unreadable.
 *
 * Spec: rfc/text/advanced/pubsub_event_history.md.
 */
export function historyAnswer({ events, hasMore }: HistoryPage, asked: Asked, keep: KeepPayload): Payload {
  const kwargs = { is_limit_reached: hasMore }
  const told = events.map((event) => toldOf(event, asked))
  const { format } = asked
  if (format === undefined) return new Payload(told, kwargs)
  const say = (args: readonly unknown[]) => said(() => keep(new Payload(args, kwargs), format))
  const whole = say(told)
  if (whole !== undefined) return whole
  // Some say too much: those are told of in fewer words.
  const sayable = events.map((event, i) =>
    [told[i], lessOf(event, asked), leastOf(event, asked)].find((one) => say([one]) !== undefined),
  )
  return keep(new Payload(sayable, kwargs), format)
}

function toldOf(event: StoredEvent, asked: Asked): Dict {
  try {
    return { ...headOf(event, asked), details: detailsOf(event, asked), ...payloadOf(event) }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return lessOf(event, asked)
  }
}

/** All but the arguments. */
function lessOf(event: StoredEvent, asked: Asked): Dict {
  return { ...headOf(event, asked), details: { ...detailsOf(event, asked), ...LEFT_OUT }, ...NOTHING }
}

/** What can be said in any format. */
function leastOf(event: StoredEvent, asked: Asked): Dict {
  return { ...headOf(event, asked), details: LEFT_OUT, ...NOTHING }
}

function headOf({ timestamp, publicationId }: StoredEvent, { subscription }: Asked): Dict {
  return { timestamp: new Date(timestamp).toISOString(), subscription, publication: publicationId }
}

function detailsOf({ details, topic }: StoredEvent, { isPattern }: Asked): Dict {
  return isPattern ? { ...details, topic } : details
}

/** Reads the payload anew each time: what was decoded would stay with the event, and cost what nobody has counted. */
function payloadOf({ payload }: StoredEvent): Dict {
  const { args, kwargs, transparent } = payload.encoded?.decode() ?? payload
  return { args: transparent === undefined ? args : [transparent], kwargs }
}

/** What `say` returns; `undefined` if it cannot be said. */
function said<T>(say: () => T): T | undefined {
  try {
    return say()
  } catch (error) {
    if (error instanceof UsageError) return undefined
    throw error
  }
}
