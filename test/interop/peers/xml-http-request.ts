import { Agent, request } from 'node:http'

/** As much of `XMLHttpRequest` as npm's `autobahn` needs for long-poll. */
export class XmlHttpRequest {
  readyState = 0
  status = 0
  statusText = ''
  responseText = ''
  timeout = 0
  withCredentials = false
  onreadystatechange: () => void = () => {}
  ontimeout: () => void = () => {}
  #method = ''
  #url = ''
  readonly #headers: Record<string, string> = {}

  open(method: string, url: string): void {
    this.#method = method
    this.#url = url
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value
  }

  send(body: string | null): void {
    const agent = this.#url.endsWith('/receive') ? receiving : sendingOf(this.#url)
    const asked = request(this.#url, { agent, method: this.#method, headers: this.#headers }, (response) => {
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        this.responseText += text
      })
      response.on('end', () => this.#done(response.statusCode ?? 0, response.statusMessage ?? ''))
    })
    asked.on('error', () => this.#done(0, ''))
    asked.end(body ?? undefined)
  }

  #done(status: number, text: string): void {
    this.status = status
    this.statusText = text
    this.readyState = 4
    this.onreadystatechange()
  }
}

const receiving = new Agent({ keepAlive: true })

/** autobahn says all at once, and leaves the order to chance: here one connection for each session keeps it. */
const sending = new Map<string, Agent>()

function sendingOf(url: string): Agent {
  const transport = url.replace(/\/[^/]+$/, '')
  const agent = sending.get(transport) ?? new Agent({ keepAlive: true, maxSockets: 1 })
  sending.set(transport, agent)
  return agent
}
