interface Request {
  /** The URI, with a number if it was made while others for the same URI were open. */
  readonly text: string
  readonly uri: string
  isOpen: boolean
}

/** What the requests of one side are about. */
export class UrisByRequest {
  readonly #requests = new Map<number, Request>()

  /** Notes a request, unless it is a further part of one that is noted. Returns how to speak of it. */
  begin(requestId: number, uri: string): string {
    const begun = this.#requests.get(requestId)
    if (begun !== undefined) return begun.text
    const open = [...this.#requests.values()].filter((other) => other.isOpen && other.uri === uri)
    let text = uri
    for (let number = 2; open.some((other) => other.text === text); number++) text = `${uri} #${number}`
    this.#requests.set(requestId, { text, uri, isOpen: true })
    return text
  }

  /** How to speak of it; what is noted of it stays, since late messages may follow. */
  textOf(requestId: number): string | undefined {
    return this.#requests.get(requestId)?.text
  }

  uriOf(requestId: number): string | undefined {
    return this.#requests.get(requestId)?.uri
  }

  /** Nobody waits for its answer any more. Returns how to speak of it. */
  end(requestId: number): string | undefined {
    const request = this.#requests.get(requestId)
    if (request !== undefined) request.isOpen = false
    return request?.text
  }
}
