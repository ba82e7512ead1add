import * as Code from './code.js'
import { EMPTY_DICT, type ErrorDetails } from './dictionaries.js'
import { Payload } from './payload.js'

/**
 * `[ERROR, REQUEST.Type|int, REQUEST.Request|id, Details|dict, Error|uri, Arguments|list, ArgumentsKw|dict]`
 *
 * Spec: rfc/text/basic/messages.md, "ERROR".
 */
export class ErrorMessage {
  constructor(
    readonly requestCode: number,
    readonly requestId: number,
    readonly details: ErrorDetails,
    readonly error: string,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.ERROR
  }
  head(): unknown[] {
    return [this.code, this.requestCode, this.requestId, this.details, this.error]
  }

  /** An ERROR whose only argument is a sentence for people. */
  static saying(requestCode: number, requestId: number, error: string, sentence: string): ErrorMessage {
    return new ErrorMessage(requestCode, requestId, EMPTY_DICT, error, new Payload([sentence]))
  }
}
