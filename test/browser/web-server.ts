import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Dialect } from './program.js'

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>a page</title><script type="module" src="entry.js"></script>'

/** Serves a page with its program, lowered from each dialect of decorators: `/standard/`, `/legacy/`. */
export class WebServer implements AsyncDisposable {
  private constructor(private readonly server: Server) {}

  static async open(
    programs: Readonly<Record<Dialect, ReadonlyMap<string, Uint8Array>>>,
  ): Promise<WebServer> {
    const server = createServer((request, response) => {
      const [, dialect = '', name = ''] = (request.url ?? '').split('/')
      if (name === '') {
        response.setHeader('content-type', 'text/html')
        response.end(PAGE)
        return
      }
      const file = dialect === 'standard' || dialect === 'legacy' ? programs[dialect].get(name) : undefined
      if (file === undefined) response.statusCode = 404
      else response.setHeader('content-type', 'text/javascript')
      response.end(file)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new WebServer(server)
  }

  /** The origin of the pages, by the name of the host. */
  origin(host = '127.0.0.1'): string {
    return `http://${host}:${(this.server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
