/** What is kept of a secret: its HMAC-SHA-256 and which pepper made it. */
export interface KeptSecret {
  mac: string;
  pepperId: string;
}
