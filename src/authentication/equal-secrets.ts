/**
 * Are the two strings the same? Takes the same time wherever they differ, so that nobody can guess a secret letter by
 * letter. (The time tells the length of `given`, which its sender knows.)
 */
export function equalSecrets(given: string, secret: string): boolean {
  const encoder = new TextEncoder()
  return equalOctets(encoder.encode(given), encoder.encode(secret))
}

/** As `equalSecrets`, for octets. */
export function equalOctets(given: Uint8Array, secret: Uint8Array): boolean {
  let difference = given.length ^ secret.length
  for (let i = 0; i < given.length; i++)
    difference |= (given[i] ?? 0) ^ (secret[i % Math.max(secret.length, 1)] ?? 0)
  return difference === 0
}
