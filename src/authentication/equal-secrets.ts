/**
 * Are the two strings the same? Takes the same time wherever they differ, so that nobody can guess a secret letter by
 * letter. (The time tells the length of `given`, which its sender knows.)
 */
export function equalSecrets(given: string, secret: string): boolean {
  const encoder = new TextEncoder()
  const a = encoder.encode(given)
  const b = encoder.encode(secret)
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i % Math.max(b.length, 1)] ?? 0)
  return difference === 0
}
