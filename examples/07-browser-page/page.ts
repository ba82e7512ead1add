// What runs in the browser: the same client, over the browser's own WebSocket.
import { Client } from 'wampkit'
import type { DateService } from '../01-date-service.js'

const show = (id: string, text: string) => {
  const element = document.getElementById(id)
  if (element) element.textContent = text
}

const url = `ws://${location.hostname}:${new URLSearchParams(location.search).get('port') ?? 8080}`
const client = await new Client({ url, realm: 'realm1' }).start()

show('date', await client.proxy<DateService>().getTodaysDate())

document.getElementById('count')?.addEventListener('click', async () => {
  const numbers: number[] = []
  for await (const number of client.stream<number>('com.example.count', [5])) numbers.push(number)
  show('counted', numbers.join(' '))
})
